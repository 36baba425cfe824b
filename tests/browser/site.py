"""A website in memory for a real browser: the scan page, its files, and a registry's public tree.

Every request of the browser is answered (and noted) here; nothing reaches a network.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from registry.web.middleware import content_policy
from tests.world import BASE, NOW

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "registry" / "web" / "static"
BROWSER = ROOT / "verifier" / "browser"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
TYPES = {
    ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
    ".json": "application/json",
}  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=ARGUMENTS, headless=True
        )
        yield browser
        browser.close()


def scan_page(language: str = "zh") -> str:
    """The scan page as the server sends it, words untranslated."""
    environment = Environment(
        loader=FileSystemLoader(str(ROOT / "registry" / "web" / "templates")),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    lang = {"zh": "zh-CN", "en": "en"}[language]
    page = SimpleNamespace(
        language=language, lang=lang, path="/v", here="/v", host=urlsplit(BASE).netloc, base=BASE,
        sample=False, visitor=None, notice=None, phone=None, site=None,
    )  # fmt: skip
    return environment.get_template("scan.html").render(page=page)


class Site:
    """What the browser can reach: change ``files`` or ``is_cut`` while a page is open."""

    def __init__(self, root: bytes, files: dict[str, bytes], *, language: str = "zh") -> None:
        self.root = root
        self.files = files
        """Public tree by path."""
        self.language = language
        self.is_cut = False
        """No connection: every request fails."""
        self.server: Callable[[bytes], dict[str, Any] | None] = lambda _text: None
        """Answer of ``POST /api/v1/verify`` for a body; None is a failure."""
        self.asked: list[str] = []
        """Every request in order: method and address."""

    def answer(self, route: Route, request: Request) -> None:
        """Answer one request of the browser."""
        self.asked.append(f"{request.method} {request.url}")
        if self.is_cut:
            route.abort("internetdisconnected")
            return
        path = urlsplit(request.url).path
        if request.method == "POST" and path == "/api/v1/verify":
            self._answer_check(route, request)
            return
        found = self._find(path)
        if found is None:
            route.fulfill(status=404, body="none")
            return
        data, kind = found
        headers = {"content-type": kind, "content-security-policy": content_policy(())}
        route.fulfill(status=200, body=data, headers=headers)

    def _answer_check(self, route: Route, request: Request) -> None:
        report = self.server(request.post_data_buffer or b"")
        if report is None:
            route.fulfill(status=503, body="no")
            return
        route.fulfill(status=200, body=json.dumps(report), content_type="application/json")

    def _find(self, path: str) -> tuple[bytes, str] | None:
        if path == "/v":
            return scan_page(self.language).encode(), "text/html; charset=utf-8"
        if path == "/static/verifier/root.note":
            return self.root, "text/plain; charset=utf-8"
        if path == "/static/verifier/texts.json":
            return (ROOT / "verifier" / "texts.json").read_bytes(), "application/json"
        if path.startswith("/static/"):
            folder = BROWSER if path.startswith("/static/verifier/") else STATIC
            file = folder / path.rpartition("/")[2]
            return (file.read_bytes(), TYPES[file.suffix]) if file.is_file() else None
        data = self.files.get(path)
        return None if data is None else (data, "application/octet-stream")

    def since(self, count: int) -> list[str]:
        """Requests after the first ``count``, without the page's own files."""
        return [each for each in self.asked[count:] if "/static/" not in each]


@contextmanager
def open_page(
    browser: Browser, site: Site, *, size: dict[str, int] = PHONE, **context: Any
) -> Iterator[Page]:
    """A page of a fresh profile whose clock stands at ``tests.world.NOW``."""
    opened = browser.new_context(viewport=size, **context)  # type: ignore[arg-type]
    opened.route("**/*", site.answer)
    page = opened.new_page()
    page.clock.set_fixed_time(NOW)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: (
            faults.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    yield page
    opened.close()
    assert faults == []
