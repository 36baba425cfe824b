"""Acts are counted and told when they are committed; a refused one is not."""

import logging

import pytest

from registry.acts import audit
from registry.operations import acted, tally
from tests.registry.conftest import Database
from tests.registry.office import NOW


def test_only_what_is_committed_is_told(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    acted.follow(database.writing)
    acted.follow(database.writing)  # following twice tells once

    def count() -> tuple[int, int]:
        return (
            tally.ACTS.values.get(("example_act",), 0),
            tally.CERTIFICATES.values.get(("example",), 0),
        )

    before = count()
    with caplog.at_level(logging.INFO, "hallmark"):
        with database.writing() as session:
            audit.record(session, None, NOW, "example_act", "batch:1")
            acted.count(session, tally.CERTIFICATES, "example", by=7)
            session.rollback()
            session.commit()
        assert count() == before and not caplog.records
        with database.writing.begin() as session:
            position = audit.record(session, None, NOW, "example_act", "batch:2", rows=3)
            acted.count(session, tally.CERTIFICATES, "example", by=7)
            assert count() == before
    assert count() == (before[0] + 1, before[1] + 7)
    (line,) = caplog.records
    assert line.fields == {"audit": position, "act": "example_act", "subject": "batch:2"}
