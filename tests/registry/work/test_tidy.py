"""What is kept for a while only goes, once an hour, by whichever worker comes first."""

import os

from sqlalchemy import func, select

from registry.acts import form_tokens, throttles
from registry.queries.throttles import SIGN_IN
from registry.records.accounts import FormToken, Throttle
from registry.work import tidy
from tests.registry.office import NOW

DAY = 86_400


def _left(bench):
    with bench.worker.reading() as session:
        return [
            session.scalar(select(func.count()).select_from(each)) for each in (Throttle, FormToken)
        ]


def test_only_what_is_over_goes(bench):
    now = bench.clock.now
    bench.write(lambda session: throttles.failed(session, now - 2 * DAY, SIGN_IN, bytes(32)))
    bench.write(lambda session: throttles.failed(session, now - 60, SIGN_IN, b"1" * 32))
    bench.write(lambda session: form_tokens.offer_form(session, bytes(32), bytes(32), now))
    bench.write(lambda session: form_tokens.offer_form(session, b"1" * 32, bytes(32), now + 60))
    uploads = bench.folder / "uploads"
    uploads.mkdir()
    for name, age in (("old", 2 * DAY), ("new", 60)):
        (uploads / f"{name}.data").write_bytes(b"workbook")
        os.utime(uploads / f"{name}.data", (now - age, now - age))
    assert tidy.step(bench.worker) is True
    assert _left(bench) == [1, 1]
    assert [each.name for each in uploads.iterdir()] == ["new.data"]


def test_once_an_hour(bench):
    assert tidy.step(bench.worker) is False
    bench.write(lambda session: throttles.failed(session, NOW - 2 * DAY, SIGN_IN, bytes(32)))
    assert tidy.step(bench.worker) is False
    assert _left(bench)[0] == 1
    bench.clock.now += tidy.EVERY
    assert tidy.step(bench.worker) is True
    assert _left(bench)[0] == 0
