"""The public tree: lists, tiles, notes, trust lists and did:web documents, as files for anyone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from registry.publish.headers import MISSING, Served, served
from registry.publish.tree import TreeError
from registry.web.office import Office, office
from registry.web.problems import Problem
from registry.web.static_files import tag_of, tagged

routes = APIRouter(include_in_schema=False)


@routes.get("/s/{path:path}")
@routes.get("/b/{path:path}")
@routes.get("/i/{path:path}")
@routes.get("/n/{path:path}")
@routes.get("/trust/{path:path}")
@routes.get("/issuers/{path:path}")
@routes.get("/.well-known/{path:path}")
@routes.get("/schemas/{path:path}")
def public_file(request: Request, here: Annotated[Office, Depends(office)]) -> Response:
    """A file of the tree; every origin may read it, for it is signed and public."""
    path = request.url.path[1:]
    how = served(path)
    data = None if how is None else _read(here, path)
    if how is None or data is None:
        return _missing()
    return _serve(request, data, how)


def _read(here: Office, path: str) -> bytes | None:
    try:
        return here.tree.get(path)
    except TreeError:
        # Never "there is none": that would be kept and believed.
        raise Problem(503, retry_after=30) from None


def _serve(request: Request, data: bytes, how: Served) -> Response:
    response = tagged(request, data, how.media_type, tag_of(data), how.cache_control)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _missing() -> Response:
    # Mostly asked by programs: no page, and soon asked again.
    headers = {"Cache-Control": MISSING, "Access-Control-Allow-Origin": "*"}
    return Response("no such file\n", 404, headers=headers, media_type="text/plain")
