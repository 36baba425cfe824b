"""One-time tokens of forms: a second use of the same form changes nothing."""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from registry.records.accounts import FormToken


def offer_form(session: Session, token_hash: bytes, session_hash: bytes, expires_at: int) -> None:
    """Record the one-time token of a form that is being shown."""
    session.add(
        FormToken(
            token_hash=token_hash, session_hash=session_hash, expires_at=expires_at, used_at=None
        )
    )
    session.flush()


def use_form(session: Session, now: int, token_hash: bytes, session_hash: bytes) -> bool:
    """Whether the token was good for this session and not used before; it is used now."""
    used = session.execute(
        update(FormToken)
        .where(
            FormToken.token_hash == token_hash,
            FormToken.session_hash == session_hash,
            FormToken.used_at.is_(None),
            FormToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(FormToken.token_hash)
    ).all()
    return bool(used)


def forget_forms(session: Session, now: int) -> int:
    """Remove form tokens that nobody can use any more; answers how many."""
    over = delete(FormToken).where(FormToken.expires_at <= now).returning(FormToken.token_hash)
    return len(session.execute(over).all())
