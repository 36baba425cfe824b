"""A clerk's day over HTTP: a large workbook with faults, photographs, four eyes, issue, release.

``python -m tests.benchmarks.clerk [--rows 100000] [--workers 1] [--database URL]`` builds the
demonstration registry, starts ``hallmark serve`` and ``hallmark work`` as processes of their own,
and goes from page to page as people do, while other clerks open pages all the time. Prints seconds
of each step, and what the others waited for. With a URL of an empty PostgreSQL database the
registry is copied there first.
"""

import argparse
import io
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import xlsxwriter

from registry.demo import cast
from registry.demo.photos import portrait
from registry.exchange.columns import ASSESSMENT, SHEET
from registry.rules import identity
from tests.benchmarks import pages
from tests.e2e import demonstration
from tests.e2e.demonstration import Demonstration
from tests.web.forms import token_of, version_of

SITE, TEAM = "site-10022002", ("K32240001", "K32240002", "K32240003")
FAULTS = 100
"""One row in so many is wrong."""
FACES = 100
"""Different portraits; files of one face are different people's all the same."""


@dataclass
class Day:
    """What happened, in order: step, seconds, what the other clerks waited (p95, seconds)."""

    steps: list[tuple[str, float, float | None]] = field(default_factory=list)

    def table(self) -> str:
        """Markdown."""
        rows = ["| step | seconds | pages meanwhile, p95 ms |", "|---|---:|---:|"]
        for name, taken, waited in self.steps:
            shown = "" if waited is None else f"{waited * 1000:.0f}"
            rows.append(f"| {name} | {taken:.1f} | {shown} |")
        return "\n".join(rows)


def workbook(rows: int, on: date) -> bytes:
    """So many rows of one trade; one in :data:`FAULTS` has a wrong check character."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(SHEET)
        sheet.write_row(0, 0, [each.heading for each in ASSESSMENT])
        for row in range(1, rows + 1):
            cells = {
                "name": f"陈示例{'一二三四五六七八九'[row % 9]}", "identity_kind": "居民身份证",
                "identity": number(row), "occupation": cast.STEEL, "work_type": "020",
                "level": "四级/中级工", "assessed": on.isoformat(), "theory": "82",
                "practice": "76.5", "practice_examiners": "、".join(TEAM), "ticket": ticket(row),
            }  # fmt: skip
            for place, each in enumerate(ASSESSMENT):
                sheet.write_string(row, place, cells.get(each.key, ""))
    return buffer.getvalue()


def number(row: int) -> str:
    """An invented citizen's number (area 000000)."""
    days, serial = divmod(row, 1000)
    born = date(1975, 1, 1) + timedelta(days=days)
    head = f"000000{born:%Y%m%d}{serial:03d}"
    check = identity.check_character(head)
    is_wrong = row % FAULTS == 0
    return head + (("0" if check != "0" else "1") if is_wrong else check)


def ticket(row: int) -> str:
    """The examination ticket, by which pictures are named."""
    return f"T{row:08d}"


def photographs(rows: int, place: Path) -> None:
    """An archive with a picture of everybody whose row is right."""
    faces = [portrait(seed) for seed in range(FACES)]
    with zipfile.ZipFile(place, "w") as archive:
        for row in range(1, rows + 1):
            if row % FAULTS:
                archive.writestr(f"{ticket(row)}.jpg", faces[row % FACES])


@dataclass
class Clerk:
    """Somebody signed in, before one batch."""

    client: httpx2.Client
    batch: str

    def send(self, address: str, file: tuple[str, bytes]) -> httpx2.Response:
        """Upload through the form of a page."""
        token = token_of(self.client.get(address)) if "photos" in address else ""
        return self.client.post(address, files={"file": file}, data={"token": token})

    def press(self, step: str, **more: object) -> None:
        """Take a step of the batch, as its page offers it."""
        page = self.client.get(f"{self.batch}/{step}")
        form = {"token": token_of(page), "version": version_of(page), **more}
        answer = self.client.post(f"{self.batch}/{step}", data=form)
        if answer.status_code != 200:
            raise RuntimeError(f"{step}: {answer.status_code} {answer.text[:3000]}")

    def wait(self, address: str, until: frozenset[str]) -> None:
        """Ask for progress as the page's script does, until it is over."""
        while self.client.get(address).json()["state"] not in until:
            time.sleep(0.5)


@contextmanager
def running(demo: Demonstration, workers: int, environment: dict[str, str]) -> Iterator[None]:
    """The server and its workers, ended afterwards."""
    base = [sys.executable, "-m", "verifier"]
    folder = ["--dir", str(demo.folder)]
    commands = [[*base, "serve", *folder, "--port", str(demo.port)]]
    commands += [[*base, "work", *folder] for _ in range(workers)]
    with ExitStack() as started:
        for command in commands:
            log = started.enter_context((demo.folder.parent / f"{command[3]}.log").open("ab"))
            process = subprocess.Popen(command, env=environment, stderr=log)
            started.callback(process.wait, 60)
            started.callback(process.terminate)
            if command[3] == "serve":
                with httpx2.Client(base_url=demo.base, timeout=30) as client:
                    demonstration.wait(process, client)
        yield


def day(demo: Demonstration, rows: int, folder: Path) -> Day:
    """Everything from the empty batch to released certificates."""
    done = Day()
    on = date.today() - timedelta(days=2)
    archive = folder / "photographs.zip"
    with step(done, "make workbook and archive (not the registry's)", None):
        book = workbook(rows, on)
        photographs(rows, archive)
    with pages.signed_in(demo.base, SITE, cast.PASSWORD) as client:
        opened = client.post("/console/batches", data={"token": token_of(client.get("/console"))})
        mine = Clerk(client, opened.url.path)
        with step(done, "upload and trial run", demo):
            tried = mine.send(f"{mine.batch}/import", ("成绩.xlsx", book))
            _through(mine, tried)
        with step(done, "import", demo):
            page = client.get(tried.url.path)
            begun = client.post(tried.url.path, data={"token": token_of(page)})
            _through(mine, begun)
        with step(done, "workbook back with the red column", demo):
            client.get(f"{tried.url.path}/marked")
        with step(done, "upload and match photographs", demo):
            mine.send(f"{mine.batch}/photos", ("照片.zip", archive.read_bytes()))
            mine.wait(f"{mine.batch}/photos/progress.json", frozenset({"done", "refused"}))
        with step(done, "hand in", demo):
            mine.press("submit")
    for name, press, more in _hands():
        with pages.signed_in(demo.base, name, cast.PASSWORD) as client:
            clerk = Clerk(client, mine.batch)
            with step(done, f"{press}: {name}", demo):
                ticks = _ticks(client, mine.batch) if press == "check" else {}
                clerk.press(press, **more, **ticks)
                if press == "issue":
                    over = frozenset({"done", "failed"})
                    clerk.wait(f"{mine.batch}/progress.json", over)
    return done


def _hands() -> Iterator[tuple[str, str, dict[str, object]]]:
    for card in TEAM:
        yield card.lower(), "confirm", {}
    yield "js-checker", "check", {}
    yield "js-issuer", "approve", {"awarded": date.today().isoformat()}
    yield "js-issuer", "issue", {}


def _ticks(client: httpx2.Client, batch: str) -> dict[str, object]:
    page = client.get(f"{batch}/check").text
    return {"checks": [part.split('"')[0] for part in page.split('name="checks" value="')[1:]]}


def _through(clerk: Clerk, page: httpx2.Response) -> None:
    """Wait for the worker, where the workbook was too long for the page."""
    address = f"{page.url.path}/progress.json"
    if clerk.client.get(address).status_code == 200:
        clerk.wait(address, frozenset({"done"}))


@contextmanager
def step(done: Day, name: str, demo: Demonstration | None) -> Iterator[None]:
    """Time a step, with two other clerks at their pages meanwhile."""
    stop, waits = threading.Event(), []

    def others() -> None:
        # A step that is over at once leaves nothing to wait for.
        if demo is not None and not stop.wait(1):
            found = pages.measure(
                demo.base, "js-issuer2", cast.PASSWORD, 86_400, clerks=2, stop=stop
            )
            waits.append(found.p95)

    thread = threading.Thread(target=others)
    thread.start()
    start = time.monotonic()
    try:
        yield
    finally:
        taken = time.monotonic() - start
        stop.set()
        thread.join()
        done.steps.append((name, taken, waits[0] if waits else None))
        print(name, f"{taken:.1f} s", f"p95 {waits[0] * 1000:.0f} ms" if waits else "", flush=True)


def main() -> None:
    """Build, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--database", help="an empty PostgreSQL database to copy the registry to")
    asked = parser.parse_args()
    with TemporaryDirectory() as name:
        demo = demonstration.build(Path(name) / "demo")
        environment = dict(os.environ)
        if asked.database:
            copy = [sys.executable, "-m", "verifier", "copy", "--dir", str(demo.folder)]
            subprocess.run([*copy, "--to", asked.database], check=True)
            environment["HALLMARK_DATABASE_URL"] = asked.database
        with running(demo, asked.workers, environment):
            done = day(demo, asked.rows, Path(name))
    print(f"\n{asked.rows:,} rows, one in {FAULTS} wrong\n\n{done.table()}")


if __name__ == "__main__":
    main()
