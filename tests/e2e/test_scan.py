"""The address of a QR code opened in real Chromium, with the served demonstration behind it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.site import PHONE, chromium
from tests.e2e.demonstration import IN_FORCE, Demonstration
from verifier.render import TEXTS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="Chromium is not there"),
]

CARDS = (
    "valid", "revoked", "withdrawn", "cancelled", "suspended", "superseded", "expired",
    "not_yet_valid", "forged", "unknown_issuer", "out_of_scope", "stolen", "never_issued",
    "other_registry", "newer", "unreadable", "undetermined",
)  # fmt: skip
EVIDENCE = re.compile(r"/trust/latest|/s/\d+|/i/\d+/\d+")
OWN = re.compile(r"/v$|/static/|/favicon")
"""The page and its files."""
NOTE = re.compile(r"/n/[0-9a-f]{64}")
NOTED = ("revoked", "suspended", "superseded")
"""Verdicts that have a note; the rest is told by the list or by the certificate itself."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


class Visit:
    """A page of a fresh profile and every request that left it, to whatever host."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.sent: list[tuple[str, str, str | None]] = []
        page.context.on(
            "request", lambda each: self.sent.append((each.method, each.url, each.post_data))
        )

    def open(self, address: str) -> tuple[str | None, str | None]:
        """Go there; verdict and reason on the card."""
        self.page.goto(address)
        card = self.page.locator("article.verdict")
        card.wait_for()
        return card.get_attribute("data-verdict"), card.get_attribute("data-reason") or None

    @property
    def headline(self) -> str:
        return self.page.inner_text(".verdict-headline").strip()

    def asked(self) -> list[str]:
        """Paths asked for after the page and its own files; all are GETs of our own host."""
        assert {urlsplit(url).netloc for _, url, _ in self.sent} == {urlsplit(self.base).netloc}
        paths = [
            (method, urlsplit(url).path)
            for method, url, _ in self.sent
            if not urlsplit(url).path.startswith(("/static/", "/favicon"))
            and "/v" != urlsplit(url).path
        ]
        assert all(method == "GET" for method, _ in paths), paths
        return [path for _, path in paths]


@contextmanager
def visit(browser: Browser, demo: Demonstration, **options: object) -> Iterator[Visit]:
    context = browser.new_context(viewport=PHONE, **options)  # type: ignore[arg-type]
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Policy" in line.text else None)
    yield Visit(page, demo.base)
    context.close()
    assert faults == []


def test_every_card_is_opened_here(demo: Demonstration) -> None:
    assert set(demo.cards) == set(CARDS)


@pytest.mark.parametrize("name", CARDS)
def test_card(browser: Browser, demo: Demonstration, client: httpx2.Client, name: str) -> None:
    card = demo.cards[name]
    with visit(browser, demo) as seen:
        assert seen.open(card.text) == (card.verdict, card.reason)
        key = ".".join(filter(None, (card.verdict, card.reason)))
        assert seen.headline == TEXTS["verdicts"][key]["zh"]["headline"]
        # What stood after the # is gone from the address bar and was in no request.
        assert seen.page.url == f"{demo.base}/v"
        digits = card.text.partition("#")[2]
        assert not any(digits in url or digits in (data or "") for _, url, data in seen.sent)
        asked = seen.asked()
    assert len(asked) == len(set(asked))
    beyond = [path for path in asked if not EVIDENCE.fullmatch(path)]
    assert len(beyond) == (card.verdict in NOTED)
    assert all(NOTE.fullmatch(path) for path in beyond)
    if card.verdict == "valid":
        assert sorted(path.split("/")[1] for path in asked) == ["i", "s", "trust"]
    if card.verdict == "unrecognised":
        assert asked == []


@pytest.mark.prove
def test_every_certificate(browser: Browser, demo: Demonstration, client: httpx2.Client) -> None:
    for award in demo.awards:
        with visit(browser, demo) as seen:
            assert seen.open(award.text)[0] == award.state, award


@pytest.mark.parametrize("state", IN_FORCE)
def test_network_cut_after_load(
    browser: Browser, demo: Demonstration, client: httpx2.Client, state: str
) -> None:
    [award] = demo.of_state(state, 1)
    with visit(browser, demo) as seen:
        seen.page.goto(f"{demo.base}/v")
        seen.page.locator("#scan[data-ready]").wait_for()
        seen.page.wait_for_load_state("networkidle")
        seen.page.context.set_offline(True)
        verdict, reason = seen.open(award.text)
        assert (verdict, reason) == ("undetermined", "no_network")
        assert seen.headline == TEXTS["verdicts"][f"{verdict}.{reason}"]["zh"]["headline"]
        seen.page.context.set_offline(False)
        seen.page.click("[data-again]")
        seen.page.locator(f'article[data-verdict="{state}"]').wait_for()


def test_new_certificate_is_one_step_away(
    browser: Browser, demo: Demonstration, client: httpx2.Client
) -> None:
    [award] = demo.of_state("superseded", 1)
    assert award.replaced_by is not None
    with visit(browser, demo) as seen:
        assert seen.open(award.text)[0] == "superseded"
        sentence = seen.page.inner_text(".verdict-sentence")
        assert award.replaced_by["number"] in sentence
        seen.page.click(".verdict-buttons a")
        seen.page.wait_for_url(f"{demo.base}/c/*")
        assert seen.page.locator('article[data-verdict="valid"]').is_visible()
        assert award.replaced_by["number"] in seen.page.inner_text("main")


def test_picture_of_a_code_by_the_form(
    browser: Browser, demo: Demonstration, client: httpx2.Client
) -> None:
    for state, form in (("valid", "qr.png"), ("revoked", "certificate.pdf")):
        [award] = demo.of_state(state, 1)
        with visit(browser, demo) as seen:
            seen.page.goto(f"{demo.base}/verify")
            seen.page.set_input_files("input[type=file]", award.file(form))
            seen.page.click("form[enctype='multipart/form-data'] button")
            seen.page.locator(f'article[data-verdict="{state}"]').wait_for()
            assert award.number in seen.page.inner_text("main")


def test_english(browser: Browser, demo: Demonstration, client: httpx2.Client) -> None:
    card = demo.cards["withdrawn"]
    with visit(browser, demo, locale="en-GB") as seen:
        seen.page.goto(f"{demo.base}/v")
        seen.page.click("form.language button")
        seen.page.locator('html[lang="en"]').wait_for()
        seen.open(card.text)
        assert seen.headline == TEXTS["verdicts"]["revoked.withdrawn"]["en"]["headline"]
