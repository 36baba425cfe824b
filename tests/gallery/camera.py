"""Photographs pages of the served demonstration in real Chromium, and papers by pdftoppm."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, StorageState

from registry.demo import cast
from tests.e2e.demonstration import Demonstration
from tests.gallery import problems
from tests.gallery.shots import CONSOLE, PAPERS, PUBLIC, Shot

HEIGHT = {390: 844, 1280: 900}
"""Width of the window -> its height."""
MISSING = "no such link"


@dataclass(frozen=True)
class Picture:
    """A photograph and what stands under it."""

    group: str
    caption: str
    file: Path


@dataclass(frozen=True)
class Camera:
    """Takes every page at one width."""

    demo: Demonstration
    browser: Browser
    folder: Path
    width: int

    def verdicts(self) -> Iterator[Picture]:
        """The scan page for every card of the printed sheet."""
        for card in self.demo.cards.values():
            page = self._page()
            page.goto(card.text)
            page.locator("article.verdict").wait_for()
            yield self._take(page, "verdicts", card.name)

    def public(self) -> Iterator[Picture]:
        """What anybody sees."""
        for shot in PUBLIC:
            page = self._page()
            yield self._shoot(page, "public", shot)

    def problems(self) -> Iterator[Picture]:
        """What is shown when something cannot be done."""
        for shot in problems.SHOTS:
            yield self._shoot(self._page(), "problems", shot)
        with problems.without_database(self.demo) as away:
            other = replace(self, demo=away)
            for shot in problems.AWAY:
                yield other._shoot(other._page(), "problems", shot)

    def console(self) -> Iterator[Picture]:
        """What each role sees, signed in."""
        for who, shots in CONSOLE.items():
            signed_in = self._sign_in(who)
            for shot in shots:
                yield self._shoot(self._page(signed_in), f"console {who}", shot)

    def _sign_in(self, who: str) -> StorageState:
        """Cookies of that person."""
        page = self._page()
        page.goto(f"{self.demo.base}/console/sign-in")
        page.fill("input[name=name]", who)
        page.fill("input[name=password]", cast.PASSWORD)
        page.click("form.sign-in button")
        page.wait_for_url("**/console")
        state = page.context.storage_state()
        page.context.close()
        return state

    def _page(self, signed_in: StorageState | None = None) -> Page:
        size = {"width": self.width, "height": HEIGHT[self.width]}
        context = self.browser.new_context(viewport=size, locale="zh-CN", storage_state=signed_in)  # type: ignore[arg-type]
        context.set_default_timeout(8000)
        return context.new_page()

    def _shoot(self, page: Page, group: str, shot: Shot) -> Picture:
        try:
            page.goto(self.demo.base + shot.path)
            for form in shot.follow:
                page.goto(self.demo.base + _link(page, form))
            if shot.act is not None:
                shot.act(page, self.demo)
        except (LookupError, Error, AssertionError) as error:
            # The page that it stopped at is shown: a gallery with a gap tells more than none.
            name = f"{shot.name} - STOPPED: {str(error).splitlines()[0][:80]}"
            print(f"{self.width} px, {group}, {name}")
            return self._take(page, group, shot.name, name)
        return self._take(page, group, shot.name)

    def _take(self, page: Page, group: str, name: str, caption: str | None = None) -> Picture:
        file = self.folder / str(self.width) / f"{group}-{name}.png".replace(" ", "-")
        file.parent.mkdir(parents=True, exist_ok=True)
        page.wait_for_load_state()
        page.screenshot(path=file, full_page=True, animations="disabled")
        wide = page.evaluate("document.documentElement.scrollWidth")
        note = f" - WIDER THAN THE WINDOW: {wide}" if wide > self.width else ""
        page.context.close()
        return Picture(group, (caption or name) + note, file)


def papers(demo: Demonstration, folder: Path) -> list[Picture]:
    """Pages of the demonstration's PDFs: a certificate per state, and the sheet of codes."""
    folder.mkdir(parents=True, exist_ok=True)
    states = dict.fromkeys(award.state for award in demo.awards)
    sources = {
        f"{state} {paper}": demo.of_state(state, 1)[0].folder / paper
        for state in states
        for paper in PAPERS
    }
    sources |= {path.name: path for path in sorted(demo.folder.glob("*.pdf"))}
    made = []
    for caption, path in sources.items():
        stem = folder / caption.replace(" ", "-")
        subprocess.run(["pdftoppm", "-png", "-r", "96", path, stem], check=True, timeout=120)
        pages = sorted(folder.glob(f"{stem.name}-*.png"))
        made += [Picture("papers", f"{caption} {n}", page) for n, page in enumerate(pages, 1)]
    return made


def _link(page: Page, form: str) -> str:
    for link in page.locator("main a[href]").all():
        address = link.get_attribute("href") or ""
        if re.search(form, address.partition("?")[0]):
            return address
    raise LookupError(f"{MISSING}: {form}")
