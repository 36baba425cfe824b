"""Serials as numbers: taken from their counter, and never a number that an older paper carries.

A serial whose number stands in the register of existing certificates is skipped: the counter goes
past it, its row is the paper's, and an audit line names it. So every serial has one row: issued,
void with its reason, or in that register. Who takes serials and who registers papers hold one lock,
the first shared and the second alone, so that neither can miss what the other is about to write.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.acts import audit, counters, recovery
from registry.queries import legacy_stored
from registry.rules import numbering
from registry.rules.decision import RefusedError, reason
from registry.rules.numbering import Scheme, SerialScope

LOCK = 0x6E756D62
"""Number of PostgreSQL's advisory lock between serials and papers. SQLite has one writer anyway."""


class Number(NamedTuple):
    """A composed number and the counter that it came from."""

    text: str
    scope: SerialScope
    serial: int


def take(
    session: Session, now: int, scheme: Scheme, fields: Mapping[str, str], count: int
) -> list[Number]:
    """The next numbers of a scheme.

    Args:
        session: a writing session.
        now: UTC seconds.
        scheme: how the number is composed.
        fields: everything but the serial.
        count: how many.

    Raises:
        RefusedError: a field is missing or malformed, or the range is used up.
    """
    share(session)
    scope = numbering.serial_scope(scheme, fields)
    recovery.begin_scope(session, now, scope)
    numbers: list[Number] = []
    skipped: list[int] = []
    while len(numbers) < count:
        serials = counters.take(session, scope.key, count - len(numbers))
        texts = dict(zip(numbering.compose_all(scheme, fields, serials), serials, strict=True))
        papers = legacy_stored.carried(session, texts)
        skipped += [texts[number] for number in papers]
        numbers += [
            Number(number, scope, serial)
            for number, serial in texts.items()
            if number not in papers
        ]  # fmt: skip
    if skipped:
        audit.record(
            session, None, now, "skip_serials", f"counter:{scope.key}"[:80],
            serials=sorted(skipped), because="an existing certificate carries the number",
        )  # fmt: skip
    return numbers


def original(scheme: Scheme, fields: Mapping[str, str], number: str) -> Number:
    """The number that a signed version of an older paper keeps, with its place among serials.

    Raises:
        RefusedError: it is none of the scheme, which no approval lets come so far, or a field is
            missing or malformed.
    """
    printed = numbering.parse(scheme, number)
    if printed is None:
        raise RefusedError(reason("legacy_number_foreign", number=number, kind=scheme.name))
    return Number(number, numbering.serial_scope(scheme, fields), int(printed["serial"]))


def share(session: Session) -> None:
    """Let no paper be registered until this transaction ends; others may take serials."""
    _lock(session, "pg_advisory_xact_lock_shared")


def exclude(session: Session) -> None:
    """Let no serial be taken until this transaction ends, and see all that were taken before."""
    _lock(session, "pg_advisory_xact_lock")


def _lock(session: Session, function: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT {function}(:number)"), {"number": LOCK})
