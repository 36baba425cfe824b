"""The policy in force: what the package publishes, with the rows that this office has added."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.records.organisations import PolicyRow
from registry.rules.policy import Policy, published

_DATES = ("from", "until")


def policy(session: Session) -> Policy:
    """The policy with the office's rows, in the order in which they were entered."""
    whole = published()
    rows = session.execute(select(PolicyRow.table, PolicyRow.row).order_by(PolicyRow.id)).all()
    for table, row in rows:
        whole = whole.with_rows(table, _dated(row))
    return whole


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name in _DATES and isinstance(value, str) else value
        for name, value in row.items()
    }
