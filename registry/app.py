"""The web application, put together: settings, database, texts, evidence, routes."""

import os
import time
from contextlib import ExitStack

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from registry.config import Config
from registry.custody import store
from registry.custody.personal import Personal
from registry.operations import acted, tally
from registry.publish.storage import public_tree
from registry.publish.tree import TreeError
from registry.records import revision
from registry.records.errors import NotFoundError, RevisionError
from registry.records.session import open_engine, reading, writing
from registry.rules.decision import RefusedError
from registry.web import (
    api_verify,
    catalogue,
    console,
    console_account,
    console_accounts,
    console_batches,
    console_certificates,
    console_import,
    console_intake,
    console_legacy,
    console_legacy_images,
    console_legacy_import,
    console_legacy_requests,
    console_photos,
    console_steps,
    docs,
    health,
    home,
    journal,
    legacy,
    lookup,
    middleware,
    pickup,
    pieces,
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
    static_files.routes, public_files.routes, health.routes, home.routes, verify.routes,
    lookup.routes, pickup.routes, catalogue.pages, catalogue.api, docs.routes,
    console_account.routes, console_batches.routes, console_intake.routes,
    console_import.routes, console_photos.routes,
    console_steps.routes,
    console_legacy_import.routes, console_legacy_requests.routes, console_legacy_images.routes,
    console_legacy.routes, legacy.routes,
    console_certificates.routes, console_accounts.routes, pieces.routes,
)  # fmt: skip
UPLOADS = (
    (r"/verify", MAX_UPLOAD),
    (r"/console/legacy/import", console_import.MAX_WORKBOOK),
    (r"/console/legacy/imports/\d+/images", console_legacy_images.MAX_ARCHIVE),
    (r"/console/legacy/\d+/images", console_legacy_images.MAX_SCAN),
    (r"/console/batches/\d+/import", console_import.MAX_WORKBOOK),
    (r"/console/batches/\d+/photos", console_photos.MAX_ARCHIVE),
)
"""Form of the path -> most bytes of a request's body, where it may send more than a form."""


def now() -> int:
    """UTC seconds."""
    return int(time.time())


def create_app(config: Config, clock: Clock = now, personal: Personal | None = None) -> FastAPI:
    """The application over one registry's folder and database. It opens no signing key.

    Args:
        config: settings of the folder.
        clock: UTC seconds.
        personal: keys over ID numbers; without them everything that needs one is refused.
    """
    engine = open_engine(config.database_url)
    revision.guard(engine)
    writing_maker = writing(engine)
    acted.follow(writing_maker)
    tree = public_tree(config)
    office = Office(
        config=config,
        reading=reading(engine),
        writing=writing_maker,
        pages=Pages(words.load(), config),
        tree=tree,
        evidence=LiveEvidence(tree, config.root_note, contact=config.contact),
        readers=ReaderPool(config),
        rates=MovingWindowRateLimiter(MemoryStorage()),
        personal=personal,
        clock=clock,
        contact=config.contact,
    )
    app = api_verify.Application(
        docs_url=None, redoc_url=None, openapi_url=None,
        # Such a redirect would lead to whatever host the request named.
        redirect_slashes=False,
    )  # fmt: skip
    app.state.office = office
    app.state.assets = static_files.load()
    for routes in ROUTES:
        app.include_router(routes)
    headers = middleware.Headers(office.evidence, config.base)
    app.state.headers = headers
    app.office = office
    app.report_headers = api_verify.raw_headers(headers.plain)
    app.add_middleware(
        middleware.BodyLimit, limits=UPLOADS, refuse=problems.respond,
        may_send_much=lambda request: console.may_send_much(request, office),
    )  # fmt: skip
    app.add_middleware(middleware.SecureHeaders, headers=headers)
    app.add_middleware(journal.Journal)
    if config.trusted_proxies:
        app.add_middleware(middleware.TrustedProxies, proxies=config.trusted_proxies)
    app.add_exception_handler(HTTPException, problems.on_http_error)
    app.add_exception_handler(RequestValidationError, problems.on_invalid)
    app.add_exception_handler(RefusedError, problems.on_refusal)
    app.add_exception_handler(NotFoundError, problems.on_missing)
    app.add_exception_handler(problems.SignInRequired, problems.on_sign_in)
    for away in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(away, problems.on_away)
    app.add_exception_handler(DataError, problems.on_unstorable)
    app.add_exception_handler(TreeError, problems.on_storage)
    app.add_exception_handler(RevisionError, problems.on_other_tables)
    app.add_exception_handler(Exception, problems.on_crash)
    app.state.closing = ExitStack()
    app.state.closing.callback(engine.dispose)
    app.state.closing.callback(office.readers.close)
    app.state.closing.callback(office.evidence.close)
    if (writing_counts := tally.begin()) is not None:
        app.state.closing.callback(writing_counts.close)
    return app


def from_environment() -> FastAPI:
    """The application of the folder that ``HALLMARK_DIR`` names, for a server's worker process.

    Raises:
        ConfigError: a setting cannot be used.
        SealedFileError: the keys over ID numbers do not open.
    """
    config = Config.from_environment(os.environ)
    has_keys = config.personal_passphrase_file is not None
    return create_app(config, personal=store.open_personal(config) if has_keys else None)
