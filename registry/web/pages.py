"""Pages: templates with their filters, the language of a request, and what every page knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response

from registry.config import Config
from registry.rules.decision import Reason
from registry.web import notices, show
from registry.web.words import LANGUAGES, Words
from verifier.render import TEXTS

LANGUAGE_COOKIE = "lang"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a form, in words to be translated."""

    field: str
    text: str
    reason: Reason | None = None


class Pages:
    """Renders templates in the language of the request."""

    def __init__(self, words: Mapping[str, Words], config: Config) -> None:
        self._words = words
        self._config = config
        self._environments = {name: _environment(each) for name, each in words.items()}

    def words(self, request: Request) -> Words:
        """The texts in the language that the reader chose; Chinese where none was chosen."""
        return self._words[language(request)]

    def render(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """The page as a response.

        Args:
            request: asked language, address and signed-in actor are read from it.
            template: name under ``templates/``.
            status: HTTP status.
            values: plain and frozen values only, never a mapped row.
        """
        chosen = language(request)
        visitor = getattr(request.state, "visitor", None)
        notice = notices.waiting(request)
        page = _Page(
            language=chosen, lang=LANGUAGES[chosen], path=request.url.path,
            here=_here(request), host=urlsplit(self._config.base).netloc,
            base=self._config.base, sample=self._config.sample, visitor=visitor, notice=notice,
            phone=self._config.contact_phone, site=self._config.contact_site,
        )  # fmt: skip
        text = self._environments[chosen].get_template(template).render(page=page, **values)
        response = HTMLResponse(text, status, headers={"Cache-Control": "no-store"})
        if notice is not None:
            response.delete_cookie(notices.COOKIE, httponly=True, samesite="lax")
        if request.query_params.get("lang") in LANGUAGES:
            remember_language(response, chosen, secure=self._config.base.startswith("https:"))
        return response


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What every template may read as ``page``."""

    language: str
    lang: str
    path: str
    here: str
    host: str
    base: str
    sample: bool
    visitor: Any
    notice: Any
    phone: str | None
    site: str | None


def language(request: Request) -> str:
    """``zh`` or ``en``: from ``?lang=``, else the cookie, else Chinese."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    return "zh"


def remember_language(response: Response, chosen: str, *, secure: bool) -> None:
    """Keep the choice for a year."""
    response.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=31_536_000, httponly=True, samesite="lax", secure=secure
    )


def local_path(address: str) -> str:
    """The address when it is a path of ours, else the home page: nobody is sent elsewhere."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_local and address.isprintable() and "\\" not in address else "/"


def _here(request: Request) -> str:
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return request.url.path + ("?" + urlencode(query) if query else "")


@cache
def _environment(words: Words) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(str(files("registry.web").joinpath("templates"))),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True
    )
    chosen = words.language
    environment.filters.update(
        instant=show.instant,
        day=lambda value: show.day(value, chosen),
        count=show.count,
        runs=show.runs,
        pair=lambda value: (value, value),
        grouped=show.grouped,
        sentence=lambda reason: reason.sentence(chosen),
        stored_reason=lambda stored: show.stored_reason(stored, chosen),
        who=lambda reason: show.who(reason, chosen),
        utc_words=lambda value: show.utc_words(value, chosen),
        told=lambda value: show.told(value, chosen),
        iso_day=lambda value: show.iso_day(value, chosen),
    )
    environment.tests["web_address"] = show.is_web_address
    environment.globals["texts"] = TEXTS
    return environment
