"""Tidying: what is kept for a while only, once its while is over.

Counted failures and form tokens name nobody but link what one visitor did; an uploaded workbook
that was never imported holds ID numbers.
"""

from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.acts import form_tokens, throttles
from registry.records.certificates import Counter
from registry.records.upsert import insert_into
from registry.work.context import Context

EVERY = 3600
"""Seconds between two times of tidying, whoever does it."""
UPLOADS = 86_400
"""Seconds for which an uploaded workbook waits to be imported."""
TIDIED = "tidied_at"
"""Counter: when somebody tidied last."""


def step(context: Context) -> bool:
    """Remove what is over, at most once an hour; answers whether anything was."""
    now = context.clock()
    with context.reading() as session:
        last = session.get(Counter, TIDIED)
    if last is not None and last.value > now - EVERY:
        return False
    with context.writing.begin() as session:
        if not _begin(session, now):
            return False
        count = throttles.forget(session, now) + form_tokens.forget_forms(session, now)
    return bool(count + _forget_uploads(context.config.folder / "uploads", now))


def _begin(session: Session, now: int) -> bool:
    """Whether it is this worker that tidies this time."""
    session.execute(
        insert_into(session, Counter).values(name=TIDIED, value=0).on_conflict_do_nothing()
    )
    begun = session.execute(
        update(Counter)
        .where(Counter.name == TIDIED, Counter.value <= now - EVERY)
        .values(value=now)
        .returning(Counter.name)
    ).all()
    return bool(begun)


def _forget_uploads(folder: Path, now: int) -> int:
    over = [each for each in folder.glob("*") if each.stat().st_mtime < now - UPLOADS]
    for each in over:
        each.unlink(missing_ok=True)
    return len(over)
