"""The web application, put together: settings, database, texts, evidence, routes."""

import time

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.routing import Route

from registry.config import Config
from registry.records.errors import NotFoundError
from registry.records.session import open_engine, reading, writing
from registry.rules import policy
from registry.rules.decision import RefusedError
from registry.web import (
    api_verify,
    catalogue,
    docs,
    home,
    middleware,
    problems,
    public_files,
    static_files,
    verify,
    words,
)
from registry.web.evidence import LiveEvidence
from registry.web.office import Clock, Office
from registry.web.pages import Pages
from registry.web.reader import MAX_UPLOAD, ReaderPool

ROUTES = (
    static_files.routes, public_files.routes, home.routes, verify.routes, catalogue.pages,
    catalogue.api, docs.routes,
)  # fmt: skip
UPLOADS = {"/verify": MAX_UPLOAD, "/api/v1/verify": MAX_UPLOAD}
"""Path -> most bytes of a request's body, where it may send more than a form."""


def now() -> int:
    """UTC seconds."""
    return int(time.time())


def create_app(config: Config, clock: Clock = now) -> FastAPI:
    """The application over one registry's folder and database. It opens no signing key."""
    engine = open_engine(config.database_url)
    office = Office(
        config=config,
        reading=reading(engine),
        writing=writing(engine),
        pages=Pages(words.load(), config),
        evidence=LiveEvidence(config.public, config.root_note),
        readers=ReaderPool(config.public, config.root_note),
        rates=MovingWindowRateLimiter(MemoryStorage()),
        policy=policy.published(),
        clock=clock,
    )
    app = FastAPI(title="Hallmark", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.office = office
    app.state.assets = static_files.load()
    app.router.routes.append(Route(api_verify.PATH, api_verify.verify, methods=["POST"]))
    for routes in ROUTES:
        app.include_router(routes)
    headers = middleware.secure_headers(
        middleware.content_policy((config.base,)), https=office.is_https
    )
    app.state.headers = headers
    app.add_middleware(middleware.BodyLimit, limits=UPLOADS, refuse=problems.respond)
    app.add_middleware(middleware.SecureHeaders, headers=headers)
    app.add_exception_handler(HTTPException, problems.on_http_error)
    app.add_exception_handler(RequestValidationError, problems.on_invalid)
    app.add_exception_handler(RefusedError, problems.on_refusal)
    app.add_exception_handler(NotFoundError, problems.on_missing)
    app.add_exception_handler(Exception, problems.on_crash)
    app.state.close = lambda: (office.readers.close(), engine.dispose())
    return app
