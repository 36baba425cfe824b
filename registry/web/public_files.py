"""The public tree: lists, tiles, notes, trust lists and did:web documents, as files for anyone."""

import re
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from registry.web.office import Office, office
from registry.web.static_files import tag_of, tagged

routes = APIRouter(include_in_schema=False)

LIST = "application/statuslist+cwt"
TILE = "application/hallmark-issued+cwt"
NOTE = "text/plain; charset=utf-8"

TREE: tuple[tuple[str, str, int], ...] = (
    (r"s/\d{1,9}", LIST, 30),
    (r"b/\d{1,9}", "application/vc", 30),
    (r"i/\d{1,9}/\d{1,9}", TILE, 30),
    (r"n/[0-9a-f]{64}", NOTE, 30),
    (r"trust/latest", NOTE, 30),
    (r"trust/\d{1,9}", NOTE, 86_400),
    (r"issuers/[A-Za-z0-9._-]{1,64}/did\.json", "application/did+json", 300),
    (r"\.well-known/did\.json", "application/did+json", 300),
    (r"schemas/hallmark-certificate-\d{1,4}(\.json)?", "application/schema+json", 86_400),
)
"""Form of the path, media type, seconds that a cache may keep it. Anything else is no file."""


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
    for form, media_type, age in TREE:
        if re.fullmatch(form, path):
            return _serve(request, here.config.public / path, media_type, age)
    return _missing()


def _serve(request: Request, file: Path, media_type: str, age: int) -> Response:
    try:
        data = file.read_bytes()
    except OSError:
        return _missing()
    response = tagged(request, data, media_type, tag_of(data), f"public, max-age={age}")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _missing() -> Response:
    # Mostly asked by programs: no page, and soon asked again, for it may be there in a minute.
    headers = {"Cache-Control": "public, max-age=5", "Access-Control-Allow-Origin": "*"}
    return Response("no such file\n", 404, headers=headers, media_type="text/plain")
