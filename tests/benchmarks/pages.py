"""How long a clerk waits for each page of the console, p50 and p95, over HTTP.

``python -m tests.benchmarks.pages http://127.0.0.1:8000 --name js-issuer`` asks a server that runs;
without an address the demonstration registry is built and served first. Bigger scripts call
:func:`measure` while something else goes on.
"""

import argparse
import re
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from registry.demo import cast
from tests.e2e import demonstration

TARGET = 0.3
"""Seconds that a page may take, p95."""
STARTS = ("/console", "/console/batches", "/console/batches?state=issued", "/console/certificates",
          "/console/account", "/catalogue", "/verify", "/lookup")  # fmt: skip
FOLLOWED = (r"/console/batches/\d+", r"/console/batches/\d+/\w+", r"/console/certificates/\d+")
"""Forms of links that a clerk follows from the pages that they start with."""
PER_FORM = 3
_NUMBER = re.compile(r"\b(?:[YS][0-9A-Z]{21}|\d{16})\b")
_CERTIFICATE = re.compile(r'href="(/console/certificates/\d+)"')


@dataclass
class Waits:
    """Seconds per page, by the form of its address."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def table(self) -> str:
        """Markdown: pages by name, p50, p95, worst, how many."""
        rows = ["| page | p50 ms | p95 ms | worst ms | asked | not 200 |",
                "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
        everything = [each for found in self.seconds.values() for each in found]
        for name, found in [*sorted(self.seconds.items()), ("**all**", everything)]:
            middle, high = quantile(found, 0.5), quantile(found, 0.95)
            rows.append(
                f"| {name} | {middle * 1000:.0f} | {high * 1000:.0f} | {max(found) * 1000:.0f} "
                f"| {len(found)} | {self.wrong.get(name, 0)} |"
            )
        return "\n".join(rows)

    @property
    def p95(self) -> float:
        """Over all pages."""
        return quantile([each for found in self.seconds.values() for each in found], 0.95)


def quantile(found: Sequence[float], share: float) -> float:
    """The value that so large a share does not exceed."""
    if len(found) < 2:
        return max(found, default=0.0)
    return statistics.quantiles(found, n=100, method="inclusive")[round(share * 100) - 1]


def measure(
    base: str, name: str, password: str, seconds: float, clerks: int = 1, pause: float = 0.2,
    stop: threading.Event | None = None,
) -> Waits:  # fmt: skip
    """Let so many clerks of one account go from page to page.

    Args:
        base: origin of the server.
        name: sign-in name.
        password: of it.
        seconds: how long.
        clerks: at once.
        pause: seconds between two pages of one clerk, who also reads.
        stop: ends it sooner.

    Raises:
        RuntimeError: the account cannot sign in.
    """
    waits, ended = Waits(), stop or threading.Event()
    end = time.monotonic() + seconds
    lock = threading.Lock()

    def walk() -> None:
        with signed_in(base, name, password) as client:
            places = addresses(client)
            while time.monotonic() < end and not ended.is_set():
                for place in places:
                    start = time.perf_counter()
                    answer = client.get(place)
                    taken = time.perf_counter() - start
                    with lock:
                        waits.seconds[form(place)].append(taken)
                        waits.wrong[form(place)] += answer.status_code != 200
                    if ended.wait(pause) or time.monotonic() >= end:
                        break

    threads = [threading.Thread(target=walk) for _ in range(clerks)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if not waits.seconds:
        raise RuntimeError(f"{name} could not sign in at {base}")
    return waits


@contextmanager
def signed_in(base: str, name: str, password: str) -> Iterator[httpx2.Client]:
    """A browser without script that is signed in."""
    with httpx2.Client(base_url=base, timeout=120, follow_redirects=True) as client:
        answer = client.post("/console/sign-in", data={"name": name, "password": password})
        if answer.url.path != "/console":
            raise RuntimeError(f"{name} cannot sign in at {base}: {answer.status_code}")
        yield client


def addresses(client: httpx2.Client) -> list[str]:
    """The pages to go through: where everybody starts, and a few of each kind behind them."""
    found: Mapping[str, set[str]] = defaultdict(set)
    for start in STARTS:
        for link in re.findall(r'href="(/[^"#]*)"', client.get(start).text):
            for wanted in FOLLOWED:
                if re.fullmatch(wanted, link) and len(found[form(link)]) < PER_FORM:
                    found[form(link)].add(link)
    pages = [*STARTS, *(link for links in found.values() for link in sorted(links))]
    return [*pages, *certificates(client)]


def certificates(client: httpx2.Client) -> list[str]:
    """Pages of a few certificates, found by the numbers that a list of issued batches leads to."""
    issued = client.get("/console/batches?state=issued").text
    for batch in dict.fromkeys(re.findall(r'href="(/console/batches/\d+)"', issued)):
        for number in re.findall(_NUMBER, client.get(batch).text)[:1]:
            found = client.post("/console/certificates", data={"q": number[:12]}).text
            return list(dict.fromkeys(re.findall(_CERTIFICATE, found)))[:PER_FORM]
    return []


def form(address: str) -> str:
    """An address without its numbers."""
    return re.sub(r"/\d+", "/…", address)


def main() -> None:
    """Measure and print; builds and serves the demonstration where no server is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", nargs="?")
    parser.add_argument("--name", default="js-issuer")
    parser.add_argument("--password", default=cast.PASSWORD)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clerks", type=int, default=2)
    asked = parser.parse_args()

    def tell(base: str) -> None:
        waits = measure(base, asked.name, asked.password, asked.seconds, asked.clerks)
        print(waits.table())
        print(f"\np95 {waits.p95 * 1000:.0f} ms, target {TARGET * 1000:.0f} ms")

    if asked.base is not None:
        tell(asked.base)
        return
    with TemporaryDirectory() as folder:
        demo = demonstration.build(Path(folder) / "demo")
        with demo.served():
            tell(demo.base)


if __name__ == "__main__":
    main()
