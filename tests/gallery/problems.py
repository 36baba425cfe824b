"""Pages about problems, each brought about as it happens: photographed beside all others."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e import demonstration
from tests.e2e.demonstration import Demonstration
from tests.gallery.shots import Shot
from tests.operations import processes

TRIES = 12
"""Wrong passwords after which an account waits."""


def _too_large(page: Page, demo: Demonstration) -> None:
    """A picture that no camera makes."""
    file = demo.folder / "large.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(14 * 2**20))
    page.set_input_files("input[type=file]", file)
    page.click("form[enctype='multipart/form-data'] button")
    page.locator(".problem").wait_for()


def _too_often(page: Page, demo: Demonstration) -> None:
    """Somebody guesses a password."""
    for _ in range(TRIES):
        page.goto(f"{demo.base}/console/sign-in")
        page.fill("input[name=name]", "nobody-here")
        page.fill("input[name=password]", "a wrong password")
        page.click("form.sign-in button")
        if page.locator(".problem").count():
            return
    page.locator(".problem").wait_for()


def _english(page: Page, demo: Demonstration) -> None:
    page.goto(f"{demo.base}/no-such-page?lang=en")


SHOTS = (
    Shot("404", "/no-such-page"),
    Shot("404-english", "/", act=_english),
    Shot("404-console", "/console/no-such-page"),
    Shot("413", "/verify", act=_too_large),
    Shot("429", "/", act=_too_often),
)
AWAY = (Shot("503-database-away", "/catalogue"), Shot("503-look-up", "/c/0000000000000000"))
"""Photographed of a server whose database is not there."""


@dataclass(frozen=True)
class _Elsewhere(Demonstration):
    """The same folder served at another port."""

    at: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.at}"


@contextlib.contextmanager
def without_database(demo: Demonstration) -> Iterator[Demonstration]:
    """A second server over the same folder that cannot reach its database."""
    port = demonstration.free_port()
    away = "postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=2"
    words = ["serve", "--port", str(port)]
    with processes.run(words, Path(demo.folder), HALLMARK_DATABASE_URL=away):
        moved = _Elsewhere(folder=demo.folder, port=demo.port, at=port)
        processes.wait_for(moved.base)
        yield replace(moved)
