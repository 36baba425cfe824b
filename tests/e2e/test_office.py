"""The office at work: a served registry and a running worker, officers who press the buttons."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest

from registry.demo import cast
from tests.e2e.demonstration import Demonstration, free_port

T = TypeVar("T")
MOST = 300
"""Times that something is asked for, with a short rest after each."""


@dataclass(frozen=True)
class Office:
    """A registry of its own, which these tests may change."""

    base: str

    @contextmanager
    def officer(self, name: str) -> Iterator[httpx2.Client]:
        """A browser without script, in which that person has signed in."""
        with self.visitor() as client:
            form = {"name": name, "password": cast.PASSWORD}
            page = client.post("/console/sign-in", data=form)
            assert page.url.path == "/console", page.text[:500]
            yield client

    def visitor(self) -> httpx2.Client:
        """A browser in which nobody has signed in."""
        return httpx2.Client(base_url=self.base, timeout=60, follow_redirects=True)


@pytest.fixture(scope="module")
def office(demo: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office") / "registry"
    shutil.copytree(demo.folder, folder)
    copy = Demonstration(folder, free_port())
    with copy.served(), _working(folder):
        yield Office(copy.base)


@contextmanager
def _working(folder: Path) -> Iterator[None]:
    worker = subprocess.Popen([sys.executable, "-m", "verifier", "work", "--dir", str(folder)])
    try:
        yield
        assert worker.poll() is None, "the worker ended"
    finally:
        worker.terminate()
        worker.wait(timeout=30)


def _until(ask: Callable[[], T | None]) -> T:
    for _ in range(MOST):
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(0.2)
    raise AssertionError("it never came")


def _batch(client: httpx2.Client, state: str) -> str:
    """Address of a batch in that state."""
    page = client.get("/console/batches", params={"state": state})
    found = re.findall(r'href="(/console/batches/\d+)"', page.text)
    assert found, state
    return str(found[0])


def _form(page: httpx2.Response, **more: Any) -> dict[str, Any]:
    """What the page's own form would send, and what a person adds."""
    fields = dict(re.findall(r'name="(token|version|awarded)" value="([^"]*)"', page.text))
    assert "token" in fields, page.text[:2000]
    return fields | more


def _take(client: httpx2.Client, batch: str, step: str) -> httpx2.Response:
    page = client.get(f"{batch}/{step}")
    ticks = re.findall(r'name="checks" value="([^"]+)"', page.text)
    return client.post(f"{batch}/{step}", data=_form(page, **({"checks": ticks} if ticks else {})))


def _report(client: httpx2.Client, body: bytes, kind: str) -> dict[str, Any]:
    answer = client.post("/api/v1/verify", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def _issue(office: Office) -> str:
    """Check, approve and issue the batch that waits for its check; answers its address."""
    with office.officer("js-checker") as checker:
        batch = _batch(checker, "confirmed")
        assert "审核通过" in _take(checker, batch, "check").text
        # Whoever checked does not approve, whatever page is asked for.
        assert checker.get(f"{batch}/approve").status_code == 403
    with office.officer("js-issuer") as issuer:
        assert "已批准" in _take(issuer, batch, "approve").text
        started = _take(issuer, batch, "issue")
        assert started.url.path == f"{batch}/progress"

        def done() -> dict[str, Any] | None:
            task: dict[str, Any] = issuer.get(f"{batch}/progress.json").json()
            return task if task["state"] == "done" else None

        task = _until(done)
        assert (task["done"], task["held"]) == (task["total"], 0) and task["total"] > 1
    return batch


def _slip(issuer: httpx2.Client, batch: str) -> tuple[str, str]:
    """Code and last four of a slip; there are none before the certificates are public."""
    form = _form(issuer.get(f"{batch}/slips"))

    def printed() -> str | None:
        sheet = issuer.post(f"{batch}/slips", data=form)
        return sheet.text if sheet.status_code == 200 else None

    sheet = _until(printed)
    code = re.search(r'<p class="code">([0-9A-Z-]+)<', sheet)
    last4 = re.search(r"末四位 ([0-9X]{4})<", sheet)
    assert code is not None and last4 is not None
    return code[1], last4[1]


def _pick_up(holder: httpx2.Client, code: str, last4: str) -> dict[str, bytes]:
    page = holder.post("/pickup", data={"code": code, "last4": last4})
    assert page.url.path == "/pickup/certificates", page.text[:500]
    links = re.findall(r'href="(/pickup/certificates/1/(\w+))"', page.text)
    return {kind: holder.get(address).content for address, kind in links}


def test_from_the_check_to_the_certificate_and_its_revocation(office: Office) -> None:
    batch = _issue(office)
    with office.officer("js-issuer") as issuer, office.visitor() as holder:
        code, last4 = _slip(issuer, batch)
        papers = _pick_up(holder, code, last4)
        assert set(papers) == {"pdf", "picture", "png", "svg", "json"}
        kinds = {"pdf": "application/pdf", "json": "application/vc", "png": "image/png"}
        reports = [_report(holder, papers[kind], media) for kind, media in kinds.items()]
        assert [report["verdict"] for report in reports] == ["valid"] * 3
        assert reports[0]["face"] == "not_checked"
        [number] = {report["certificate"]["number"] for report in reports}
        assert {report["certificate"]["last4"] for report in reports} == {last4}

        found = issuer.post("/console/certificates", data={"q": number})
        address = re.findall(r'href="(/console/certificates/\d+)"', found.text)[0]
        page = issuer.get(f"{address}/revoke")
        ground = re.findall(r'<option value="(\w+)">', page.text)[0]
        decided = re.search(r'name="decided_on" type="date" value="([^"]+)"', page.text)
        assert decided is not None
        form = _form(page, ground=ground, decided_on=decided[1], document="示例决〔2026〕9号")
        assert "已登记" in issuer.post(f"{address}/revoke", data=form).text

        def revoked() -> dict[str, Any] | None:
            report = _report(holder, papers["json"], "application/vc")
            return report if report["verdict"] == "revoked" else None

        report = _until(revoked)
        assert report["reason"] == "revoked" and report["note"]["ground"]["code"] == ground
        assert _report(holder, papers["pdf"], "application/pdf")["verdict"] == "revoked"


def test_of_two_officers_who_approve_at_once_one_wins_and_the_other_is_told(
    office: Office,
) -> None:
    with office.officer("js-issuer") as first, office.officer("js-issuer2") as second:
        batch = _batch(first, "checked")
        pages = [client.get(f"{batch}/approve") for client in (first, second)]
        with ThreadPoolExecutor(2) as both:
            answers = list(
                both.map(
                    lambda pair: pair[0].post(f"{batch}/approve", data=_form(pair[1])),
                    zip((first, second), pages, strict=True),
                )
            )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        late = next(answer for answer in answers if answer.status_code == 409)
        assert 'role="alert"' in late.text and "没有办成" in late.text
        assert first.get(batch).text.count("批准 · ") == 1
