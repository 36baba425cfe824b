"""Files that the pages load: our own from the packages, with tags so that a second look is free."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from registry.web.office import Office, office
from registry.web.problems import Problem

routes = APIRouter(include_in_schema=False)

MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file in memory."""

    data: bytes
    media_type: str
    tag: str


def load() -> Mapping[str, Asset]:
    """Read every file once: path below ``/static/`` -> asset."""
    assets = dict(_folder(files("registry.web").joinpath("static"), ""))
    assets |= dict(_folder(files("verifier").joinpath("browser"), "verifier/"))
    texts = files("verifier").joinpath("texts.json")
    assets["verifier/texts.json"] = _asset(texts, "json")
    return assets


def _folder(folder: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    return [
        (prefix + each.name, _asset(each, each.name.rpartition(".")[2]))
        for each in folder.iterdir()
        if each.is_file() and each.name.rpartition(".")[2] in MEDIA_TYPES
        and each.name != "package.json"
    ]  # fmt: skip


def _asset(file: Traversable, kind: str) -> Asset:
    data = file.read_bytes()
    return Asset(data, MEDIA_TYPES[kind], tag_of(data))


@routes.get("/static/verifier/root.note")
def anchor(request: Request, here: Annotated[Office, Depends(office)]) -> Response:
    """The pinned anchor, part of the verifier that this site hands out."""
    try:
        data = here.config.root_note.read_bytes()
    except OSError:
        raise Problem(404) from None
    return tagged(request, data, "text/plain; charset=utf-8", tag_of(data), "public, max-age=300")


@routes.get("/static/{path:path}")
def static(path: str, request: Request) -> Response:
    """A file of the pages; asked again after five minutes, and then mostly unchanged."""
    asset: Asset | None = request.app.state.assets.get(path)
    if asset is None:
        raise Problem(404)
    return tagged(request, asset.data, asset.media_type, asset.tag, "public, max-age=300")


def tagged(request: Request, data: bytes, media_type: str, tag: str, cache: str) -> Response:
    """The bytes with their tag, or 304 when the asker has them."""
    headers = {"ETag": tag, "Cache-Control": cache}
    asked = [each.strip() for each in request.headers.get("if-none-match", "").split(",")]
    if tag in asked or f"W/{tag}" in asked or "*" in asked:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=media_type, headers=headers)


def tag_of(data: bytes) -> str:
    """A strong tag: equal exactly for equal bytes."""
    return f'"{hashlib.sha256(data).hexdigest()[:24]}"'
