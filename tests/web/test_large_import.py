"""A workbook that is too long for a page: handed to the worker, followed, imported, stopped."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from keys import custody
from registry.exchange.columns import ASSESSMENT
from registry.work import importing
from registry.work.context import Context
from tests.registry.office import CARDS, PERSONAL, STEEL, citizen
from tests.registry.work import workshop
from tests.web.conftest import Clock, Filled
from tests.web.forms import token_of

SignIn = Callable[[str], TestClient]
ROWS = 2_001
"""One more than a page answers at once."""


def table(count: int) -> bytes:
    """A CSV of so many rows, the score of every hundredth unreadable."""
    lines = [",".join(column.heading for column in ASSESSMENT)]
    for row in range(1, count + 1):
        days, serial = divmod(row, 1000)
        number = citizen(serial, f"{1960 + days}0101").number
        score = "82" if row % 100 else "abc"
        lines.append(f"张示例,居民身份证,{number},{STEEL},020,四级/中级工,2026-11-20,{score},76.5,,"
                     f"{'、'.join(CARDS)},,T{row:08d}")  # fmt: skip
    return "\n".join(lines).encode()


@pytest.fixture
def worker(app: FastAPI, tmp_path: Path, clock: Clock) -> Context:
    """A worker over the folder of the pages, with keys over ID numbers."""
    workshop.keys(tmp_path)
    settings = workshop.config(tmp_path, f"sqlite:///{tmp_path / 'hallmark.db'}")
    signers = dict(custody.open_folder(tmp_path / "keys", workshop.PASSPHRASE))
    made = workshop.context(settings, workshop.Clock(clock()), signers)
    return replace(made, personal=PERSONAL)


def work(worker: Context) -> None:
    while importing.step(worker):
        pass


def test_a_large_workbook_from_upload_to_rows(
    sign_in: SignIn, worker: Context, filled: Filled
) -> None:
    client = sign_in("registrar")
    batch = f"/console/batches/{filled.draft}"
    data = io.BytesIO(table(ROWS))
    waiting = client.post(f"{batch}/import", files={"file": ("大表.csv", data)})
    assert waiting.status_code == 200 and "正在试读" in waiting.text
    assert '<noscript><meta http-equiv="refresh"' in waiting.text  # goes on without script
    address = waiting.url.path
    assert client.get(f"{address}/progress.json").json() == {
        "state": "running", "done": 0, "total": 0,
    }  # fmt: skip
    assert address in client.get(batch).text  # found again from the batch
    work(worker)
    tried = client.get(address)
    assert "试读结果" in tried.text and "1,981" in tried.text and "（20 行）" in tried.text
    marked = client.get(f"{address}/marked")
    lines = marked.content.decode("utf-8-sig").splitlines()
    assert lines[0].endswith("问题")
    assert sum("成绩" in line for line in lines[1:]) == 20
    begun = client.post(address, data={"token": token_of(tried)})
    assert "正在导入" in begun.text
    work(worker)
    done = client.get(address)
    assert "导入完成" in done.text
    shown = client.get(batch)
    assert "1,984" in shown.text or "1984" in shown.text  # three were there before
    assert shown.text.count("大表.csv") == 1  # told once, however many parts
    last = client.get(f"{batch}?offset=1800")
    assert last.status_code == 200 and re.search(r"1,?984", last.text)


def test_a_large_workbook_is_stopped(sign_in: SignIn, worker: Context, filled: Filled) -> None:
    client = sign_in("registrar")
    batch = f"/console/batches/{filled.draft}"
    waiting = client.post(f"{batch}/import", files={"file": ("大表.csv", table(ROWS))})
    stopped = client.post(f"{waiting.url.path}/call-off", data={"token": token_of(waiting)})
    assert stopped.status_code == 200 and "已停下" in stopped.text
    work(worker)
    assert "已停下" in client.get(waiting.url.path).text
    assert waiting.url.path not in client.get(batch).text


def test_a_second_large_workbook_waits_for_the_first(
    sign_in: SignIn, filled: Filled, tmp_path: Path
) -> None:
    client = sign_in("registrar")
    batch = f"/console/batches/{filled.draft}"
    client.post(f"{batch}/import", files={"file": ("大表.csv", table(ROWS))})
    again = client.post(f"{batch}/import", files={"file": ("大表.csv", table(ROWS))})
    assert again.status_code == 422 and "有一张表正在处理" in again.text
    # Nothing of it is left.
    assert len(list((tmp_path / "uploads").glob("*.data"))) == 1


def test_a_large_workbook_is_nobody_elses(sign_in: SignIn, worker: Context, filled: Filled) -> None:
    waiting = sign_in("registrar").post(
        f"/console/batches/{filled.draft}/import", files={"file": ("大表.csv", table(ROWS))}
    )
    work(worker)
    for name in ("checker", "issuer"):
        answer = sign_in(name).get(waiting.url.path)
        assert answer.status_code in (403, 404) and "大表" not in answer.text
