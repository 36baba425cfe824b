"""The chain of audit lines, and counters."""

import hashlib

import pytest
from sqlalchemy.orm import Session

from registry.acts import audit, counters
from registry.queries import log
from tests.registry import batches
from tests.registry.office import NOW, Office, citizen


def test_every_line_covers_the_one_before(session: Session, here: Office) -> None:
    batches.issued(session, here, 2)
    lines = log.audit_lines(session, limit=1_000)
    previous = bytes(32)
    for position, line in enumerate(lines, start=1):
        assert (line.position, line.previous) == (position, previous)
        assert audit.line_hash(line.as_hashed()) == line.hash
        previous = line.hash
    assert log.audit_head(session) == (len(lines), previous)


def test_a_line_says_who_did_what(session: Session, here: Office) -> None:
    batch = batches.approved(session, here)
    lines = log.audit_lines(session, f"batch:{batch}")
    assert [(line.act, line.person) for line in lines] == [
        ("open_batch", here.registrar.person), ("import_results", here.registrar.person),
        ("submit_batch", here.registrar.person),
        *(("confirm_batch", examiner.person) for examiner in here.examiners),
        ("check_batch", here.checker.person), ("approve_batch", here.issuer.person),
    ]  # fmt: skip


def test_lines_hold_no_personal_data(session: Session, here: Office) -> None:
    batches.issued(session, here, 3)
    whole = "".join(line.detail + line.subject for line in log.audit_lines(session, limit=1_000))
    for serial in range(2, 5):
        found = batches.result(serial)
        assert found.name not in whole
        assert citizen(serial).number not in whole


def test_the_hash_is_that_of_the_written_rule() -> None:
    line = {
        "position": 1, "at": 2, "account": None, "person": None, "act": "example",
        "subject": "batch:1", "detail": "{}", "previous": "00" * 32,
    }  # fmt: skip
    text = (
        '{"account":null,"act":"example","at":2,"detail":"{}","person":null,"position":1,'
        f'"previous":"{"00" * 32}","subject":"batch:1"}}'
    )
    expected = hashlib.sha256(b"hallmark/audit/1\0" + text.encode()).digest()
    assert audit.line_hash(line) == expected


def test_counters_hand_out_ranges_side_by_side(session: Session) -> None:
    assert list(counters.take(session, "example", 3)) == [1, 2, 3]
    assert list(counters.take(session, "other")) == [1]
    assert list(counters.take(session, "example", 2)) == [4, 5]
    with pytest.raises(ValueError, match="at least one"):
        counters.take(session, "example", 0)


def test_a_counter_that_is_rolled_back_gives_its_range_back(session: Session) -> None:
    counters.take(session, "example", 3)
    session.rollback()
    assert list(counters.take(session, "example")) == [1]


def test_an_unfinished_act_leaves_no_line(session: Session, here: Office) -> None:
    before = log.audit_head(session)
    audit.record(session, here.checker, NOW, "example", "batch:1")
    session.rollback()
    assert log.audit_head(session) == before
