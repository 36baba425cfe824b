"""Home, the switch of language, health."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import text
from starlette.responses import JSONResponse, RedirectResponse, Response

from registry.web.office import Office, office
from registry.web.pages import local_path, remember_language
from registry.web.words import LANGUAGES

routes = APIRouter(include_in_schema=False)


@routes.get("/")
def home(request: Request, here: Annotated[Office, Depends(office)]) -> Response:
    """The four doors."""
    return here.pages.render(request, "public/home.html")


@routes.post("/language")
def choose_language(
    here: Annotated[Office, Depends(office)],
    lang: Annotated[str, Form()] = "zh",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Remember the language and go back to the page."""
    response = RedirectResponse(local_path(next), 303)
    if lang in LANGUAGES:
        remember_language(response, lang, secure=here.is_https)
    return response


@routes.get("/health")
def health(here: Annotated[Office, Depends(office)]) -> Response:
    """Whether this process can answer: its database reads and it has a trust list.

    200 with ``{"status": "ok", ...}``; 503 when the database does not answer. A missing or stale
    trust list is told but is no reason to take the process out: it still says so to each asker.
    """
    with here.reading() as session:
        session.execute(text("SELECT 1"))
    return JSONResponse({"status": "ok", "trust": here.evidence.trust_version()})
