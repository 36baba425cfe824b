"""The scan page in real Chromium: what it asks for, what it shows, and how it fails."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from schemas.certificate import State
from schemas.status_note import Ground
from tests.browser.site import Site, chromium, open_page
from tests.browser.verdicts import Scene, scenes
from tests.world import BASE, NOW, World
from verifier import render
from verifier.evidence import Evidence
from verifier.sources import MappingSource
from verifier.trust import Trust
from verifier.verify import verify

pytestmark = pytest.mark.browser

SCENES = scenes()
TRUST = f"GET {BASE}/trust/latest"
LIST = f"GET {BASE}/s/1"
TILE = f"GET {BASE}/i/1/92"
NO_ED25519 = """
const verify = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...rest) {
  if (algorithm === 'Ed25519') return Promise.reject(new DOMException('no', 'NotSupportedError'));
  return verify.call(this, format, data, algorithm, ...rest);
};
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def _verdict(page: Page) -> tuple[str | None, str | None]:
    card = page.locator("article.verdict")
    card.wait_for()
    return card.get_attribute("data-verdict"), card.get_attribute("data-reason")


def _site(scene: Scene, **changes: str) -> Site:
    return Site(scene.root, scene.files, **changes)


def _paste(page: Page, text: str) -> None:
    page.locator("#scan[data-ready]").wait_for()
    page.fill("#scan-text", text)
    page.click("#scan-form button")


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_verdict_and_requests(browser: Browser, scene: Scene) -> None:
    site = _site(scene)
    with open_page(browser, site) as page:
        page.goto(scene.text)
        assert _verdict(page) == (scene.verdict, scene.reason)
        # What stood after the # is in no address any more, and was in none that was sent.
        assert page.url == f"{BASE}/v"
        assert not any("#" in each for each in site.asked)
    asked = site.since(1)
    allowed = {TRUST, LIST, TILE}
    notes = [each for each in asked if each not in allowed]
    assert len(asked) == len(set(asked))
    is_noted = scene.verdict in ("revoked", "superseded", "suspended")
    assert len(notes) == is_noted
    assert all(each.startswith(f"GET {BASE}/n/") for each in notes)
    if scene.verdict == "valid":
        assert sorted(asked) == sorted(allowed)
    if scene.reason in ("unreadable", "newer", "other_registry"):
        assert asked == []


def test_content_is_shown_large_and_forged_content_never(browser: Browser) -> None:
    valid, forged = SCENES["valid"], SCENES["forged"]
    with open_page(browser, _site(valid)) as page:
        page.goto(valid.text)
        _verdict(page)
        assert page.inner_text(".verdict-name") == "欧阳娜娜"
        assert page.inner_text(".verdict-last4") == "002X"
        assert "2026年11月22日 12:10" in page.inner_text(".verdict-as-of")
        assert not page.locator(".verdict-steps").is_visible()
        page.click(".verdict-checks summary")
        assert page.locator(".verdict-step").count() == 11
    with open_page(browser, _site(forged)) as page:
        page.goto(forged.text)
        _verdict(page)
        assert "欧阳娜娜" not in page.inner_text("main")
        assert page.locator(".verdict-compare, .verdict-section").count() == 0


def test_superseded_links_to_the_new_one(browser: Browser) -> None:
    scene = SCENES["superseded"]
    with open_page(browser, _site(scene)) as page:
        page.goto(scene.text)
        _verdict(page)
        assert page.get_attribute(".verdict-buttons a", "href") == f"{BASE}/c/ab12cd34ef56"


def test_special_operation_line(browser: Browser) -> None:
    scene = SCENES["valid_special"]
    with open_page(browser, _site(scene)) as page:
        page.goto(scene.text)
        _verdict(page)
        assert "特种作业操作资格证" in page.inner_text(".verdict-notices")


def test_network_cut_after_load_and_checked_again(browser: Browser) -> None:
    scene = SCENES["valid"]
    site = _site(scene)
    with open_page(browser, site) as page:
        page.goto(f"{BASE}/v")
        page.locator("#scan[data-ready]").wait_for()
        page.wait_for_load_state("networkidle")
        site.is_cut = True
        _paste(page, scene.text)
        assert _verdict(page) == ("undetermined", "no_network")
        site.is_cut = False
        page.click("[data-again]")
        page.locator('article[data-verdict="valid"]').wait_for()


def test_network_cut_between_trust_list_and_status_list(browser: Browser) -> None:
    scene = SCENES["valid"]
    site = _site(scene)
    with open_page(browser, site) as page:
        page.goto(f"{BASE}/v")
        page.route("**/s/1", lambda route: route.abort("internetdisconnected"))
        page.route("**/i/**", lambda route: route.abort("internetdisconnected"))
        _paste(page, scene.text)
        assert _verdict(page) == ("undetermined", "status_missing")


def test_own_files_missing_is_no_verdict(browser: Browser) -> None:
    scene = SCENES["valid"]
    with open_page(browser, _site(scene)) as page:
        page.route("**/texts.json", lambda route: route.abort())
        page.goto(scene.text)
        page.locator("#scan-broken").wait_for()
        assert page.locator("article.verdict").count() == 0
        page.unroute("**/texts.json")
        page.click("#scan-broken [data-again]")
        assert _verdict(page) == ("valid", "")


def _server(scene: Scene, asked: list[bytes]) -> object:
    """The answer of ``POST /api/v1/verify``, made by the Python verifier."""
    source = MappingSource(scene.files)
    trust = Trust.load(scene.root, source)

    def answer(text: bytes) -> dict[str, object]:
        asked.append(text)
        return render.document(verify(text, trust, NOW, Evidence(source, trust)))

    return answer


@pytest.mark.parametrize("name", ["valid", "forged", "revoked"])
def test_without_ed25519_the_server_checks_and_the_page_says_so(
    browser: Browser, name: str
) -> None:
    scene = SCENES[name]
    site, asked = _site(scene), []
    site.server = _server(scene, asked)  # type: ignore[assignment]
    with open_page(browser, site) as page:
        page.add_init_script(NO_ED25519)
        page.goto(scene.text)
        assert _verdict(page) == (scene.verdict, scene.reason)
        assert "服务器" in page.inner_text(".verdict-notices")
    assert asked == [scene.text.encode()]
    assert site.since(1) == [f"POST {BASE}/api/v1/verify"]


def test_plain_http_the_server_checks(browser: Browser) -> None:
    scene = SCENES["valid"]
    site, asked = _site(scene), []
    site.server = _server(scene, asked)  # type: ignore[assignment]
    with open_page(browser, site) as page:
        page.goto(scene.text.replace(BASE, "http://192.0.2.7:8000"))
        assert _verdict(page) == ("valid", "")
        assert "服务器" in page.inner_text(".verdict-notices")
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("base", "script", "reason"),
    [(BASE, NO_ED25519, "old_browser"), ("http://192.0.2.7:8000", "", "not_https")],
)
def test_where_neither_can_check_nothing_is_said(
    browser: Browser, base: str, script: str, reason: str
) -> None:
    scene = SCENES["valid"]
    with open_page(browser, _site(scene)) as page:
        if script:
            page.add_init_script(script)
        page.goto(scene.text.replace(BASE, base))
        assert _verdict(page) == ("undetermined", reason)
        assert page.locator("[data-again]").first.is_visible()
        assert "欧阳娜娜" not in page.inner_text("main")


def test_older_lists_than_seen_are_refused(browser: Browser) -> None:
    world = World()
    made = world.issue()
    before = world.publish()
    world.sequence += 1
    world.set_state(made, State.SUSPENDED)
    site = Site(world.root_note, world.publish() | world.note_files(made, State.SUSPENDED))
    with open_page(browser, site) as page:
        page.goto(made.text)
        assert _verdict(page) == ("suspended", "")
        site.files = before
        page.reload()
        assert _verdict(page) == ("undetermined", "status_rolled_back")


def test_older_trust_list_than_seen_is_refused(browser: Browser) -> None:
    world = World()
    made = world.issue()
    files = world.publish()
    first = files["/trust/latest"].decode().partition("\n\n")[0] + "\n"
    site = Site(world.root_note, files | {"/trust/latest": world.trust_list(2, first)})
    with open_page(browser, site) as page:
        page.goto(made.text)
        assert _verdict(page) == ("valid", "")
        site.files = files
        page.reload()
        assert _verdict(page) == ("undetermined", "trust_spoilt")


def test_redirected_list_is_not_followed(browser: Browser) -> None:
    scene = SCENES["valid"]
    with open_page(browser, _site(scene)) as page:
        elsewhere = {"location": f"{BASE}/elsewhere"}
        page.route("**/s/1", lambda route: route.fulfill(status=302, headers=elsewhere))
        page.goto(scene.text)
        assert _verdict(page) == ("undetermined", "status_missing")


def test_address_outside_the_allowed_is_not_asked(browser: Browser) -> None:
    world = World()
    world.status_prefixes = ("https://elsewhere.example/",)
    made = world.issue()
    site = Site(world.root_note, world.publish())
    with open_page(browser, site) as page:
        page.goto(made.text)
        assert _verdict(page) == ("undetermined", "status_missing")
    assert site.since(1) == [TRUST]


def test_second_code_scanned_in_the_same_tab(browser: Browser) -> None:
    valid, forged = SCENES["valid"], SCENES["forged"]
    with open_page(browser, _site(valid)) as page:
        page.goto(valid.text)
        assert _verdict(page) == ("valid", "")
        page.goto(forged.text)
        page.locator('article[data-verdict="forged"]').wait_for()
        assert page.url == f"{BASE}/v"
        assert page.locator("article.verdict").count() == 1


def test_page_without_fragment_explains_and_takes_pasted_digits(browser: Browser) -> None:
    scene = SCENES["valid"]
    site = _site(scene)
    with open_page(browser, site) as page:
        page.goto(f"{BASE}/v")
        assert page.locator("#scan-start").is_visible()
        assert page.locator('#scan-form a[href="/verify"]').is_visible()
        assert site.since(1) == []
        _paste(page, scene.text.partition("#")[2])
        assert _verdict(page) == ("valid", "")
        page.click("#scan-another")
        assert page.locator("#scan-start").is_visible()


def test_without_javascript_the_page_says_what_to_do(browser: Browser) -> None:
    scene = SCENES["valid"]
    with open_page(browser, _site(scene), java_script_enabled=False) as page:
        page.goto(scene.text)
        text = page.inner_text("main")
        assert "JavaScript" in text and "还没有检查" in text
        assert page.locator('noscript a[href="/verify"]').is_visible()


def test_english_page_speaks_english(browser: Browser) -> None:
    scene = SCENES["revoked"]
    with open_page(browser, _site(scene, language="en")) as page:
        page.goto(scene.text)
        _verdict(page)
        assert page.inner_text(".verdict-headline") == "Revoked"
        assert "23 November 2026" in page.inner_text(".verdict-sentence")


def test_switch_of_language_keeps_the_code_out_of_the_request(browser: Browser) -> None:
    scene = SCENES["valid"]
    with open_page(browser, _site(scene)) as page:
        sent: list[tuple[str, str | None]] = []

        def switch(route: Route) -> None:
            sent.append((route.request.url, route.request.post_data))
            route.fulfill(status=204)

        page.route("**/language", switch)
        page.goto(scene.text)
        _verdict(page)
        page.click("form.language button")
        page.wait_for_timeout(200)
        digits = scene.text.partition("#")[2]
        action = page.get_attribute("form.language", "action")
        assert action == f"{BASE}/language#{digits}"
        assert [(url.partition("#")[0], digits in (body or "")) for url, body in sent] == [
            (f"{BASE}/language", False)
        ]


def test_markup_in_a_signed_note_stays_text(browser: Browser) -> None:
    world = World()
    made = world.issue()
    world.set_state(made, State.REVOKED)
    ground = Ground(code="x", zh="<img src=x onerror=alert(1)>", en="<b>bold</b>")
    files = world.publish() | world.note_files(made, State.REVOKED, ground=ground)
    with open_page(browser, Site(world.root_note, files)) as page:
        page.goto(made.text)
        _verdict(page)
        assert "<img src=x" in page.inner_text(".verdict-section >> nth=0")
        assert page.locator("article img").count() == 0


def test_without_javascript_pasted_text_goes_to_the_server(browser: Browser) -> None:
    scene = SCENES["valid"]
    sent: list[str | None] = []
    with open_page(browser, _site(scene), java_script_enabled=False) as page:

        def note(route: Route) -> None:
            sent.append(route.request.post_data)
            route.fulfill(status=200, body="checked")

        page.route("**/verify", note)
        page.goto(f"{BASE}/v")
        page.fill("#scan-text", "12345")
        page.click("#scan-form button")
        page.get_by_text("checked").wait_for()
    assert sent == ["text=12345"]
