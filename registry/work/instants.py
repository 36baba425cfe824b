"""The clock beside what is recorded: nothing is signed at an earlier instant than what went before.

A list that says it was made before the one it follows would be refused by careful readers, and a
certificate before its decision would be a false statement. So the newest recorded instant is the
least that counts.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.records.log import AuditHead, AuditLine, Published
from registry.work.context import Context, WorkError
from schemas import dates

SKEW = 60
"""Seconds by which clocks of several machines may differ; the later one counts."""


def steady(session: Session, context: Context, now: int) -> int:
    """The instant to sign with: ``now``, or the newest recorded one where that is a little later.

    Raises:
        WorkError: the clock is behind what is recorded by more than :data:`SKEW`.
    """
    newest = _newest(session)
    if now >= newest or context.trusts_clock:
        return now
    if newest - now <= SKEW:
        return newest
    raise WorkError(
        f"this machine's clock says {dates.utc(now)}, but something was recorded at "
        f"{dates.utc(newest)}: the clock was set back, or another machine's is ahead; nothing was "
        "signed. Set the clocks (timedatectl set-ntp true) and the worker goes on by itself; if "
        "this clock is right and the recorded instant is wrong, start `hallmark work "
        "--clock-is-right` once"
    )


def _newest(session: Session) -> int:
    """The newest instant at which anything was recorded or published."""
    audited = session.scalar(
        select(AuditLine.at).join(AuditHead, AuditHead.position == AuditLine.position)
    )
    published = session.scalar(select(func.max(Published.published_at)))
    return max(audited or 0, published or 0)
