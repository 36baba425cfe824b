"""What people without a mouse, a good eye or JavaScript need, on every page that has a form."""

from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import Filled
from tests.web.forms import token_of, version_of

SignIn = Callable[[str], TestClient]
HIDDEN = ("hidden", "submit", "button")


class Outline(HTMLParser):
    """What a page offers to a reader who hears it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.named: set[str] = set()
        self.described: list[str] = []
        self.inside: list[str] = []
        self.fields: list[tuple[str, str | None, bool]] = []
        self.links: list[str] = []
        self.headings: Counter[str] = Counter()
        self.languages: list[str] = []
        self.tabs: list[int] = []
        self.forms: list[str] = []
        self.buttons: list[str] = []
        self._saying: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.described += (found.get("aria-describedby") or "").split()
        self.tabs += [int(found["tabindex"] or 0)] if "tabindex" in found else []
        if tag == "label":
            self.inside.append(tag)
            self.named |= {found["for"] or ""} if "for" in found else set()
        if tag in ("input", "select", "textarea") and found.get("type") not in HIDDEN:
            self.fields.append((found.get("name") or "", found.get("id"), "label" in self.inside))
        if tag in ("h1", "h2", "h3"):
            self.headings[tag] += 1
        if tag == "html":
            self.languages.append(found.get("lang") or "")
        if tag == "a":
            self.links.append(found.get("href") or "")
        if tag == "form":
            self.forms.append(found.get("action") or "")
        if tag == "button":
            self._saying = ""

    def handle_data(self, data: str) -> None:
        if self._saying is not None:
            self._saying += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.inside.pop()
        if tag == "button":
            self.buttons.append((self._saying or "").strip())
            self._saying = None


def check(text: str) -> None:
    """Every rule at once, for a page of either language."""
    page = Outline(text)
    assert page.languages in (["zh-CN"], ["en"])
    assert page.headings["h1"] == 1
    assert page.links[0] == "#main" and "main" in page.ids
    twice = [name for name, count in Counter(page.ids).items() if count > 1]
    assert not twice, twice
    unnamed = [name for name, id_, wrapped in page.fields if not wrapped and id_ not in page.named]
    assert not unnamed, unnamed
    assert set(page.described) <= set(page.ids)
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert inner <= set(page.ids), inner - set(page.ids)
    assert all(tab <= 0 for tab in page.tabs)
    assert all(page.forms), "a form without script needs an address"
    assert all(page.buttons), page.buttons


@pytest.mark.parametrize("language", ["zh", "en"])
def test_public_pages(client: TestClient, language: str) -> None:
    for path in ("/", "/v", "/verify", "/lookup", "/pickup", "/catalogue", "/catalogue/6-29-01-04",
                 "/docs", "/console/sign-in", "/nothing-here"):  # fmt: skip
        check(client.get(path, params={"lang": language}).text)
    for path, form in (
        ("/verify", {"text": ""}), ("/lookup", {"number": "!!", "last4": "1"}),
        ("/lookup", {"number": "1910012003400001", "name": "某人"}),
        ("/pickup", {"code": "AAAAA-AAAAA", "last4": "0000"}),
        ("/console/sign-in", {"name": "admin", "password": "wrong"}),
    ):  # fmt: skip
        check(client.post(path, data=form).text)


def test_pages_of_the_console(sign_in: SignIn, filled: Filled) -> None:
    batch, certificate = "/console/batches", f"/console/certificates/{filled.certificates[0]}"
    issuer = ("/console", batch, f"{batch}/{filled.checked}", f"{batch}/{filled.checked}/approve",
              f"{batch}/{filled.approved}/issue", f"{batch}/{filled.checked}/return", certificate,
              *(f"{certificate}/{word}" for word in ("revoke", "suspend", "correct", "retry")),
              "/console/account", "/console/certificates")  # fmt: skip
    for who, paths in {
        "registrar": ("/console", f"{batch}/{filled.draft}", f"{batch}/{filled.draft}/import"),
        "checker": (f"{batch}/{filled.confirmed}/check",),
        "issuer": issuer,
        "admin": ("/console/accounts", "/console/occupations/6-29-01-02"),
    }.items():
        client = sign_in(who)
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            check(answer.text)


def test_refused_forms_of_the_console(sign_in: SignIn, filled: Filled) -> None:
    checker = sign_in("checker")
    address = f"/console/batches/{filled.confirmed}/check"
    page = checker.get(address)
    form = {"token": token_of(page), "version": version_of(page)}
    refused = checker.post(address, data=form | {"checks": ["file_complete"]})
    check(refused.text)
    assert 'value="file_complete" checked' in refused.text and 'role="alert"' in refused.text
    admin = sign_in("admin")
    form = {"token": token_of(admin.get("/console/accounts")), "person": "新人甲", "name": "x"}
    refused = admin.post("/console/accounts", data=form)
    check(refused.text)
    assert 'value="新人甲"' in refused.text


def test_progress_is_told_aloud_and_comes_without_script(sign_in: SignIn, filled: Filled) -> None:
    issuer = sign_in("issuer")
    address = f"/console/batches/{filled.approved}"
    page = issuer.get(f"{address}/issue")
    form = {"token": token_of(page), "version": version_of(page)}
    text = issuer.post(f"{address}/issue", data=form).text
    check(text)
    assert 'aria-live="polite"' in text and "<noscript><meta http-equiv=" in text
