"""Home and the switch of language."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

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
