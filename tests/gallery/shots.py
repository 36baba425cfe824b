"""What the gallery shows. A new page is one line here."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from playwright.sync_api import Page

from registry.demo import cast, legacy, sheets
from registry.demo.photos import portrait
from registry.rules.legacy import LegacyRow
from tests.e2e.demonstration import STATES, Demonstration

REGISTRAR = f"site-{cast.SITES[1].number}"
EXAMINER = cast.EXAMINERS[0].card.lower()


@dataclass(frozen=True)
class Shot:
    """One page as somebody sees it."""

    name: str
    """File name and caption."""
    path: str
    """Where to begin; ``{state}`` stands for the public page of a certificate in that state."""
    follow: tuple[str, ...] = ()
    """Then links, the first whose address matches each expression."""
    act: Callable[[Page, Demonstration], None] | None = None
    """Then anything else, ending on the page to be shown."""


STANDING = tuple(state for state in STATES if state != "superseded")
"""A look-up answers about the newest version only."""


def _looked_up(state: str) -> Callable[[Page, Demonstration], None]:
    def act(page: Page, demo: Demonstration) -> None:
        [award] = demo.of_state(state, 1)
        page.fill("input[name=number]", award.number)
        page.fill("input[name=name]", award.holder)
        page.click("form[action='/lookup'] button")
        page.locator("article.verdict").wait_for()

    return act


def _missed(page: Page, demo: Demonstration) -> None:
    page.fill("input[name=number]", demo.awards[0].number)
    page.fill("input[name=name]", "别人")
    page.click("form[action='/lookup'] button")
    page.locator("article[data-verdict=no_match]").wait_for()


PAPER, SPECIAL = legacy.rows()[1], legacy.rows()[3]
"""Existing certificates of the sample registry: one with a request that waits, one without kind."""


def _registered(paper: LegacyRow) -> Callable[[Page, Demonstration], None]:
    def act(page: Page, demo: Demonstration) -> None:
        page.goto(f"{demo.base}/lookup")
        page.fill("input[name=number]", paper.number)
        page.fill("input[name=name]", paper.name)
        page.click("form[action='/lookup'] button")
        page.locator("article.paper").wait_for()

    return act


def _asked(page: Page, demo: Demonstration) -> None:
    """A request by both facts; the receipt number is on the page."""
    _registered(PAPER)(page, demo)
    page.fill("input[name=name]", PAPER.name)
    page.fill("input[name=last4]", PAPER.identity.last4)
    page.click("form[action$='/request'] button")
    page.locator(".receipt-code").wait_for()


def _receipt(page: Page, demo: Demonstration) -> None:
    _asked(page, demo)
    code = page.locator(".receipt-code").inner_text()
    page.goto(f"{demo.base}/receipt")
    page.fill("input[name=code]", code)
    page.fill("input[name=last4]", PAPER.identity.last4)
    page.click("form[action='/receipt'] button")
    page.locator("ol.steps").wait_for()


def _uploaded(form: str) -> Callable[[Page, Demonstration], None]:
    def act(page: Page, demo: Demonstration) -> None:
        page.set_input_files("input[type=file]", demo.of_state("valid", 1)[0].file(form))
        page.click("form[enctype='multipart/form-data'] button")
        page.locator("article.verdict").wait_for()

    return act


def _english(page: Page, _demo: Demonstration) -> None:
    page.click("form.language button")
    page.locator('html[lang="en"]').wait_for()


def _cut(page: Page, demo: Demonstration) -> None:
    page.locator("#scan[data-ready]").wait_for()
    page.context.set_offline(True)
    page.fill("#scan-text", demo.of_state("valid", 1)[0].text)
    page.click("#scan-form button")
    page.locator("article.verdict").wait_for()
    page.context.set_offline(False)


def _wrong_password(page: Page, _demo: Demonstration) -> None:
    page.fill("input[name=name]", "admin")
    page.fill("input[name=password]", "not this one")
    page.click("form.sign-in button")


def _searched(state: str, *follow: str) -> Callable[[Page, Demonstration], None]:
    """A search by number, then the first certificate found, then links whose address ends so."""

    def act(page: Page, demo: Demonstration) -> None:
        page.fill("input[name=q]", demo.of_state(state)[-1].number)
        page.click("form[role=search] button")
        for ending in follow:
            page.locator(f"main a[href^='/console/certificates/']{ending}").first.click()
            page.wait_for_load_state()

    return act


def _slips(page: Page, _demo: Demonstration) -> None:
    page.click("main form button")
    page.wait_for_load_state()


def _picked_up(page: Page, demo: Demonstration) -> None:
    """The candidate's page, by a slip that the site has just printed."""
    _slips(page, demo)
    slip = page.locator(".slip").first.inner_text()
    last4 = re.search(r"末四位 (\S{4})", slip)
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", slip)
    assert last4 is not None and code is not None, slip
    page.goto(f"{demo.base}/pickup")
    page.fill("input[name=code]", code[0])
    page.fill("input[name=last4]", last4[1])
    page.click("form[action='/pickup'] button")
    page.wait_for_url("**/pickup/certificates")


def _opened(page: Page, demo: Demonstration) -> None:
    """A new batch, and its import page."""
    page.click("form[action='/console/batches'] button")
    page.wait_for_url("**/console/batches/*")
    page.goto(page.url + "/import")


def _trial(page: Page, demo: Demonstration) -> None:
    _opened(page, demo)
    page.set_input_files("input[type=file]", demo.folder / "workbook.xlsx")
    page.click("form[enctype='multipart/form-data'] button")
    page.wait_for_load_state()


def _pictured(page: Page, _demo: Demonstration) -> None:
    """Those with a photograph, to be looked through."""
    page.click("nav.office-filter a[href$='show=with']")
    page.wait_for_load_state("networkidle")


def _photographs(page: Page, demo: Demonstration) -> None:
    """A new batch with people, and an archive that has just been handed over."""
    _opened(page, demo)
    day = date.today() - timedelta(days=3)
    team = "K32240001、K32240002、K32240003"
    # Each width has people of its own: nobody is assessed twice on a day.
    seed = (page.viewport_size or {}).get("width", 0)
    lines = sheets.small_workbook(seed, 5, cast.STEEL, "020", "四级/中级工", day, team)
    page.set_input_files(
        "input[type=file]",
        {"name": "成绩.xlsx", "mimeType": "application/zip", "buffer": sheets.build(lines)},
    )
    page.click("form[enctype='multipart/form-data'] button")
    page.click("main form.actions button")
    page.wait_for_url(re.compile(r"/console/batches/\d+$"))
    page.goto(f"{page.url}/photos")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("00012.jpg", portrait(1))
    file = {"name": "照片.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
    page.set_input_files("input[type=file]", file)
    page.click("form[enctype='multipart/form-data'] button")
    page.wait_for_load_state()


PUBLIC = (
    Shot("home", "/"),
    Shot("home-english", "/", act=_english),
    Shot("scan-without-code", "/v"),
    Shot("scan-cut-off", "/v", act=_cut),
    Shot("verify", "/verify"),
    Shot("verify-picture", "/verify", act=_uploaded("qr.png")),
    Shot("verify-pdf", "/verify", act=_uploaded("certificate.pdf")),
    Shot("lookup", "/lookup"),
    Shot("lookup-missed", "/lookup", act=_missed),
    *(Shot(f"certificate-{state}", "/lookup", act=_looked_up(state)) for state in STANDING),
    Shot("catalogue", "/catalogue"),
    Shot("occupation", "/catalogue", (r"/catalogue/6-29-01-04",)),
    Shot("interface", "/docs"),
    Shot("pick-up", "/pickup"),
    Shot("registered", "/lookup", act=_registered(PAPER)),
    Shot("registered-special", "/lookup", act=_registered(SPECIAL)),
    Shot("registered-asked", "/lookup", act=_asked),
    Shot("receipt", "/receipt"),
    Shot("receipt-state", "/receipt", act=_receipt),
    Shot("missing-page", "/nothing-here"),
    Shot("sign-in", "/console/sign-in"),
    Shot("sign-in-refused", "/console/sign-in", act=_wrong_password),
    Shot("pieces", "/_pieces"),
)
BATCH = r"/console/batches/\d+$"
FILED = "/console/certificates"
FOUND = ":not([href*='/papers/'])"
ISSUED = "/console/batches?state=issued"
LEGACY = "/console/legacy"
CONSOLE = {
    REGISTRAR: (
        Shot("work-list", "/console"),
        Shot("batches", "/console/batches"),
        Shot("batch", "/console/batches", (BATCH,)),
        Shot("import", "/console/batches", act=_opened),
        Shot("trial-run", "/console/batches", act=_trial),
        Shot("photographs", "/console/batches", act=_photographs),
        Shot("photographs-attached", ISSUED, (BATCH, r"/photos$"), _pictured),
        Shot("slips-form", ISSUED, (BATCH, r"/slips$")),
        Shot("slips", ISSUED, (BATCH, r"/slips$"), _slips),
        Shot("candidate", ISSUED, (BATCH, r"/slips$"), _picked_up),
        Shot("certificates", "/console/certificates"),
        Shot("account", "/console/account"),
    ),
    EXAMINER: (
        Shot("work-list", "/console"),
        Shot("confirm", "/console", (BATCH, r"/confirm$")),
    ),
    "js-checker": (
        Shot("work-list", "/console"),
        Shot("check", "/console", (BATCH, r"/check$")),
        Shot("legacy", LEGACY),
        Shot("legacy-entry", LEGACY, (r"/console/legacy/1$",)),
        Shot("legacy-correct", LEGACY, (r"/console/legacy/2$", r"/correct$")),
        Shot("legacy-import", LEGACY, (r"/legacy/import$",)),
        Shot("legacy-one-import", LEGACY, (r"/imports/\d+$",)),
        Shot("legacy-requests", f"{LEGACY}/requests"),
        Shot("legacy-request", f"{LEGACY}/requests", (r"/requests/\d+$",)),
        Shot("legacy-request-done", f"{LEGACY}/requests?done=true", (r"/requests/\d+$",)),
    ),
    "js-issuer": (
        Shot("work-list", "/console"),
        Shot("approve", "/console", (BATCH, r"/approve$")),
        Shot("batch-issued", ISSUED, (BATCH,)),
        Shot("progress", ISSUED, (BATCH, r"/progress$")),
        Shot("certificates", "/console/certificates"),
        Shot("search", FILED, act=_searched("valid")),
        Shot("certificate", FILED, act=_searched("valid", FOUND)),
        Shot("certificate-revoked", FILED, act=_searched("revoked", FOUND)),
        Shot("certificate-superseded", FILED, act=_searched("superseded", FOUND)),
        Shot("revoke", FILED, act=_searched("valid", FOUND, "[href$='/revoke']")),
        Shot("suspend", FILED, act=_searched("valid", FOUND, "[href$='/suspend']")),
        Shot("correct", FILED, act=_searched("valid", FOUND, "[href$='/correct']")),
        Shot("reinstate", FILED, act=_searched("suspended", FOUND, "[href$='/reinstate']")),
    ),
    "sc-issuer": (Shot("work-list", "/console"),),
    "admin": (
        Shot("work-list", "/console"),
        Shot("accounts", "/console/accounts"),
        Shot("one-account", "/console/accounts", (r"/console/accounts/\d+$",)),
        Shot("close-account", "/console/accounts", (r"/console/accounts/\d+$", r"/close$")),
    ),
}
"""Sign-in name -> what that person sees."""
PAPERS = ("certificate.pdf",)
"""Files of a certificate that are shown page by page, for one certificate per state."""
