"""The catalogue of occupations: pages, JSON and CSV, each fact with its source."""

from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from registry.exchange.delimited import inert, write
from registry.queries import catalogue
from registry.queries.catalogue import LevelRow, OccupationRow
from registry.records.errors import NotFoundError
from registry.web.office import Office, office
from registry.web.problems import Problem
from registry.web.static_files import tag_of, tagged
from registry.web.words import mark

pages = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1", tags=["catalogue"])

MAX_QUERY = 40
_CACHE = "public, max-age=300"
_CSV_COLUMNS = (
    "code", "code_2015", "code_2022", "name_zh", "name_en", "field", "levels", "work_types",
    "in_national_catalogue", "is_special", "is_issuable", "source", "confidence", "note",
)  # fmt: skip


@pages.get("/catalogue")
def catalogue_page(
    request: Request,
    here: Annotated[Office, Depends(office)],
    q: Annotated[str, Query()] = "",
    field: Annotated[str, Query()] = "",
    show: Annotated[str, Query()] = "",
) -> Response:
    """All occupations, by group; filtered by words, group and whether certificates are issued."""
    with here.reading() as session:
        rows = catalogue.occupations(session)
        levels = catalogue.levels(session)
    wanted = q.strip()[:MAX_QUERY]
    found = [row for row in rows if _fits(row, wanted, field, show)]
    groups: dict[str, list[OccupationRow]] = {}
    for row in found:
        groups.setdefault(row.field, []).append(row)
    return here.pages.render(
        request, "public/catalogue.html", groups=groups, found=len(found), total=len(rows),
        fields=list(dict.fromkeys(row.field for row in rows)), q=wanted, field=field, show=show,
        levels=_names(levels),
    )  # fmt: skip


@pages.get("/catalogue/{code}")
def occupation_page(
    code: str, request: Request, here: Annotated[Office, Depends(office)]
) -> Response:
    """One occupation: levels, work types, periods in the national catalogue, sources."""
    with here.reading() as session:
        row = _find(session, code)
        levels = catalogue.levels(session)
    return here.pages.render(request, "public/occupation.html", row=row, levels=_names(levels))


@api.get("/catalogue", summary="All occupations with their levels and sources")
def catalogue_json(request: Request, here: Annotated[Office, Depends(office)]) -> Response:
    """The whole catalogue as one JSON document, in the order of the catalogue."""
    with here.reading() as session:
        body = {
            "edition": catalogue.edition(session),
            "levels": [asdict(level) for level in catalogue.levels(session)],
            "occupations": [_plain(row) for row in catalogue.occupations(session)],
        }
    data = orjson.dumps(body)
    return _shared(tagged(request, data, "application/json", tag_of(data), _CACHE))


@api.get(
    "/catalogue.csv",
    summary="All occupations as CSV",
    responses={200: {"content": {"text/csv": {}}}},
)
def catalogue_csv(request: Request, here: Annotated[Office, Depends(office)]) -> Response:
    """The catalogue as CSV in UTF-8 with a byte order mark, so that spreadsheets show it right."""
    with here.reading() as session:
        rows = [_plain(row) for row in catalogue.occupations(session)]
    cells = [[inert(_cell(row[name])) for name in _CSV_COLUMNS] for row in rows]
    data = write([_CSV_COLUMNS, *cells])
    response = tagged(request, data, "text/csv; charset=utf-8", tag_of(data), _CACHE)
    response.headers["Content-Disposition"] = 'attachment; filename="occupations.csv"'
    return _shared(response)


@api.get("/catalogue/{code}", summary="One occupation")
def occupation_json(
    code: str, request: Request, here: Annotated[Office, Depends(office)]
) -> Response:
    """One occupation by its printed code or its key; 404 where there is none."""
    with here.reading() as session:
        data = orjson.dumps(_plain(_find(session, code)))
    return _shared(tagged(request, data, "application/json", tag_of(data), _CACHE))


def _find(session: Any, code: str) -> OccupationRow:
    try:
        return catalogue.occupation(session, code)
    except NotFoundError:
        raise Problem(404, mark("目录里没有这个职业。")) from None


def _fits(row: OccupationRow, wanted: str, field: str, show: str) -> bool:
    if field and row.field != field:
        return False
    if show and (show == "issuable") != row.is_issuable:
        return False
    words = (
        row.name_zh,
        row.name_en,
        row.code,
        *(f"{code} {name}" for code, name in row.work_types),
    )
    return not wanted or any(wanted.casefold() in word.casefold() for word in words)


def _names(levels: tuple[LevelRow, ...]) -> dict[str, LevelRow]:
    return {level.code: level for level in levels}


def _plain(row: OccupationRow) -> dict[str, Any]:
    body = asdict(row)
    del body["id"]
    body["work_types"] = [{"code": code, "name": name} for code, name in row.work_types]
    body["in_national_catalogue"] = body.pop("memberships")
    return body


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "|".join(_cell(each) for each in value)
    if isinstance(value, dict):
        if "code" in value:
            return f"{value['code']} {value['name']}"
        return f"{value['from_on']}/{value['until_on'] or ''}"
    return str(value)


def _shared(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
