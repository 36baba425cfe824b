"""Memory of ``hallmark serve`` and ``hallmark work`` over an hour of moderate load.

``python -m tests.benchmarks.hour [--minutes 60] [--dir FOLDER]`` builds the demonstration, serves
it, lets a worker issue, revoke and publish all the time, visits every kind of page, and reads the
resident memory of each process every ten seconds. Growth is the median of the last quarter of the
time over the median of the first quarter after warming up; a line fitted through all samples says
the same in MiB per hour. Processes that read strangers' pictures are counted with the server.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx2

from registry.acts import approval, status
from registry.acts.status import Ruling
from registry.custody import store
from registry.demo import cast, command, founding, sheets, staging
from registry.demo.story import Present, Story
from registry.operations import memory
from registry.queries import certificates
from registry.queries.policy import policy
from registry.records.session import open_engine, writing
from registry.rules.status import StatusAct
from registry.work import open
from schemas import dates
from tests.benchmarks import pages
from tests.e2e import demonstration
from tests.e2e.demonstration import Demonstration

SAMPLE = 10.0
"""Seconds between two looks at the memory."""
TARGET = 0.02
_TICK = os.sysconf("SC_CLK_TCK")
_TEAM = "K32240001、K32240002、K32240003"


@dataclass
class Watched:
    """One command with everything that it started."""

    name: str
    process: int
    samples: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the beginning, resident bytes of all its processes."""
    own: list[tuple[float, int]] = field(default_factory=list)
    """The same without pages of files."""
    each: list[dict[int, int]] = field(default_factory=list)
    """Process -> its own bytes."""
    cpu: float = 0.0

    def look(self, since: float) -> None:
        """Take one sample."""
        tree = list(memory.tree(self.process))
        at = time.monotonic() - since
        self.samples.append((at, sum(size for _, _, size in tree)))
        self.each.append({process: memory.own(process) for process, _, _ in tree})
        self.own.append((at, sum(self.each[-1].values())))
        self.cpu = sum(_cpu(process) for process, _, _ in tree)

    def growth(self, warm: float, *, own: bool = False) -> tuple[float, float, float]:
        """First quarter's median and last quarter's, MiB, and the fitted MiB per hour."""
        kept = [each for each in (self.own if own else self.samples) if each[0] >= warm]
        quarter = max(1, len(kept) // 4)
        first = statistics.median(size for _, size in kept[:quarter]) / 2**20
        last = statistics.median(size for _, size in kept[-quarter:]) / 2**20
        if len(kept) < 3:
            return first, last, 0.0
        slope, _ = statistics.linear_regression(
            [at / 3600 for at, _ in kept], [size / 2**20 for _, size in kept]
        )
        return first, last, slope


def _cpu(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


class Office:
    """Registrars, examiners and officers who hand the worker something to do all the time."""

    def __init__(self, folder: Path, base: str) -> None:
        now = int(time.time())
        folder.mkdir(parents=True, exist_ok=True)
        self.config = founding.folder(folder, base, now)
        founding.lose_a_key(self.config, now)
        personal = store.open_personal(self.config)
        with writing(open_engine(self.config.database_url)).begin() as session:
            founded = founding.found(
                session, self.config, personal, dates.day_start(cast.BEGINNING)
            )
        present = Present(now)
        self.story = Story(founded, open.context(self.config, present), present)
        staging.play(self.story, dates.shanghai_day(now))
        command._publish(self.story, now)
        self.batches = 0
        self.decided = 0

    def batch(self) -> None:
        """A small workbook from import to the start of its issue; the worker does the rest."""
        self.batches += 1
        name, story = f"hour-{self.batches}", self.story
        day = dates.shanghai_day(int(time.time())) - timedelta(days=2)
        lines = sheets.small_workbook(
            1000 + self.batches, 12, cast.STEEL, "020", "四级/中级工", day, _TEAM
        )
        story.hand_in(name, "10022002", lines, day)
        story.submit(name)
        story.confirm(name)
        story.check(name, "js-checker")
        story.approve(name, "js-issuer", day + timedelta(days=1))
        batch, version, _ = story._at(name)
        with story.context.writing.begin() as session:
            approval.issue(
                session, story.founded.actors["js-issuer"], int(time.time()), batch, version
            )

    def decide(self) -> None:
        """Revoke one certificate of the newest batch that is out."""
        actor, now = self.story.founded.actors["js-issuer"], int(time.time())
        for number in range(self.batches, 0, -1):
            with self.story.context.reading() as session:
                rows = certificates.of_batch(session, actor, self.story.batches[f"hour-{number}"])
            out = [row for row in rows if row.state == "issued" and not row.status]
            if not out:
                continue
            today = dates.shanghai_day(now)
            ruling = Ruling(ground="fraud", decided_on=today, document="示例撤〔2026〕9号",
                            appeal_until=today + timedelta(days=60))  # fmt: skip
            with self.story.context.writing.begin() as session:
                status.change(session, actor, now, policy(session), self.story.context.random,
                              out[0].id, StatusAct.REVOKE, ruling)  # fmt: skip
            self.decided += 1
            return


@dataclass
class Visits:
    """Everything that strangers, employers and clerks ask of the server, each at its own pace."""

    demo: Demonstration
    stop: threading.Event
    answered: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)

    def start(self) -> list[threading.Thread]:
        """One thread per kind of visit."""
        valid = self.demo.of_state("valid", 20)
        texts = [each.text for each in valid]
        documents = [each.file("certificate.json").read_bytes() for each in valid]
        picture = valid[0].file("qr.png").read_bytes()
        paper = valid[0].file("certificate.pdf").read_bytes()
        api = "/api/v1/verify"
        kinds: list[tuple[str, float, Callable[[httpx2.Client, int], httpx2.Response]]] = [
            ("verify QR", 0.02, lambda c, n: c.post(api, content=texts[n % 20].encode())),
            ("verify JSON", 0.5, lambda c, n: c.post(api, content=documents[n % 20])),
            ("verify picture", 5, lambda c, n: c.post(api, content=picture)),
            ("verify PDF", 10, lambda c, n: c.post(api, content=paper)),
            ("pages", 1, lambda c, n: c.get(("/", "/v", "/verify", "/lookup", "/catalogue",
                                            "/docs", "/no-such-page")[n % 7])),
            ("list", 1, lambda c, n: c.get(("/s/1", "/b/1", "/i/1/0", "/trust/latest")[n % 4])),
            ("upload", 7, lambda c, n: c.post("/verify", data={"text": texts[n % 20]})),
            ("look-up", 10, lambda c, n: c.post("/lookup", data={
                "number": valid[n % 20].number, "name": valid[n % 20].holder})),
        ]  # fmt: skip
        threads = [threading.Thread(target=self._visit, args=kind, daemon=True) for kind in kinds]
        threads.append(threading.Thread(target=self._clerk, daemon=True))
        for each in threads:
            each.start()
        return threads

    def _visit(
        self, name: str, pause: float, ask: Callable[[httpx2.Client, int], httpx2.Response]
    ) -> None:
        with httpx2.Client(base_url=self.demo.base, timeout=120) as client:
            number = 0
            while not self.stop.wait(pause):
                number += 1
                self._count(name, ask, client, number)

    def _clerk(self) -> None:
        """A signed-in officer: pages, and a certificate's PDF now and then."""
        with pages.signed_in(self.demo.base, "js-issuer", cast.PASSWORD) as client:
            places = pages.addresses(client)
            papers = [
                f"{place}/papers/{kind}"
                for place in places
                if place.startswith("/console/certificates/")
                for kind in ("pdf", "json", "picture", "png")
            ]
            number = 0
            while not self.stop.wait(1.0):
                number += 1
                if number % 10 == 0 and papers:
                    self._count("papers", _page, client, papers[number // 10 % len(papers)])
                else:
                    self._count("console", _page, client, places[number % len(places)])

    def _count(self, name: str, ask: Callable[..., httpx2.Response], *given: object) -> None:
        try:
            status = ask(*given).status_code
        except httpx2.HTTPError as error:
            status = 0
            print(f"{name}: {error!r}", file=sys.stderr, flush=True)
        good = status < 500 and status != 0
        kept = self.answered if good else self.failed
        kept[name] = kept.get(name, 0) + 1


def _page(client: httpx2.Client, address: str) -> httpx2.Response:
    return client.get(address)


def run(folder: Path, minutes: float, workers: int) -> int:
    """Load both commands for so long; 0 when neither grew by more than the target."""
    port = demonstration.free_port()
    office = Office(folder, f"http://127.0.0.1:{port}")
    environment = os.environ | {"HALLMARK_DIR": str(folder)}
    words = (["serve", "--port", str(port), "--workers", str(workers)], ["work"])
    logs = [folder / f"{each[0]}.log" for each in words]
    running = [
        subprocess.Popen([sys.executable, "-m", "verifier", *each], env=environment,
                         stderr=log.open("wb"))
        for each, log in zip(words, logs, strict=True)
    ]  # fmt: skip
    stop = threading.Event()
    try:
        demo = Demonstration(folder, port)
        with httpx2.Client(base_url=demo.base, timeout=30) as client:
            demonstration.wait(running[0], client)
        visits = Visits(demo, stop)
        visits.start()
        watched = [Watched("serve", running[0].pid), Watched("work", running[1].pid)]
        _load(office, watched, minutes, [each.poll for each in running])
    finally:
        stop.set()
        for each in running:
            each.terminate()
        codes = [each.wait(timeout=120) for each in running]
    print(_told(office, visits, watched, minutes, codes))
    _write(folder / "samples.json", watched)
    return int(any(_rate(each, minutes) > TARGET for each in watched))


def _load(
    office: Office, watched: Sequence[Watched], minutes: float, polls: Sequence[Callable]
) -> None:
    begin = time.monotonic()
    next_batch = next_decision = next_look = begin
    while (now := time.monotonic()) < begin + minutes * 60:
        if any(poll() is not None for poll in polls):
            raise RuntimeError("a process ended")
        if now >= next_batch:
            next_batch = now + 45
            office.batch()
        if now >= next_decision:
            next_decision = now + 15
            office.decide()
        if now >= next_look:
            next_look += SAMPLE
            for each in watched:
                each.look(begin)
            sizes = ", ".join(f"{each.name} {each.samples[-1][1] / 2**20:.1f} MiB"
                              for each in watched)  # fmt: skip
            print(f"{now - begin:7.0f} s  {sizes}  batches {office.batches}, "
                  f"revoked {office.decided}", flush=True)  # fmt: skip
        time.sleep(0.2)


def _warm(minutes: float) -> float:
    """Seconds of warming up: ten minutes of an hour."""
    return minutes * 10


def _rate(each: Watched, minutes: float) -> float:
    first, last, _ = each.growth(_warm(minutes))
    return last / first - 1


def _told(
    office: Office, visits: Visits, watched: Sequence[Watched], minutes: float, codes: list[int]
) -> str:
    lines = ["", f"{minutes:g} minutes, the first {_warm(minutes) / 60:.1f} are for warming up", "",
             "| process | first quarter MiB | last quarter MiB | growth | fit MiB/h | CPU, cores |"
             " target |", "|---|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
    for each in watched:
        for own, name in ((False, each.name), (True, f"{each.name}, without files")):
            first, last, slope = each.growth(_warm(minutes), own=own)
            lines.append(
                f"| {name} | {first:.1f} | {last:.1f} | {last / first - 1:+.2%} | {slope:+.2f} "
                f"| {each.cpu / (minutes * 60):.0%} | {TARGET:.0%} |"
            )
    lines += ["", f"batches of 12 issued {office.batches}, revoked {office.decided}",
              f"answered {visits.answered}", f"not answered or 5xx {visits.failed}",
              f"ended with {codes}"]  # fmt: skip
    return "\n".join(lines)


def _write(path: Path, watched: Sequence[Watched]) -> None:
    path.write_text(json.dumps({each.name: [each.samples, each.each] for each in watched}), "utf-8")


def main() -> None:
    """Run for so many minutes in a fresh folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--workers", type=int, default=1, help="processes of hallmark serve")
    parser.add_argument("--dir", type=Path, required=True, help="a folder that is not there yet")
    asked = parser.parse_args()
    if asked.dir.exists():
        parser.error(f"{asked.dir} is there already")
    sys.exit(run(asked.dir, asked.minutes, asked.workers))


if __name__ == "__main__":
    main()
