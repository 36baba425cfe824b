"""A holder's short session, opened with a pick-up code and the last four."""

from sqlalchemy.orm import Session

from registry.acts import audit
from registry.records.accounts import WebSession


def open_session(
    session: Session, now: int, pickup: int, token_hash: bytes, expires_at: int
) -> None:
    """Open a session whose code and last four have been compared already.

    Args:
        session: a writing session.
        now: UTC seconds.
        pickup: record id of the code.
        token_hash: SHA-256 of the cookie's token.
        expires_at: UTC seconds.
    """
    session.add(
        WebSession(
            token_hash=token_hash, account_id=None, pickup_id=pickup, created_at=now,
            seen_at=now, expires_at=expires_at, ended_at=None,
        )
    )  # fmt: skip
    session.flush()
    audit.record(session, None, now, "pick_up", f"pickup:{pickup}")
