"""Archives of photographs on their way in: handed over, worked through part by part, called off."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from registry.acts import audit, batches
from registry.acts.permission import must
from registry.records.errors import NotFoundError
from registry.records.intake import PHOTOS_OPEN, PhotoIntake, PhotoIntakeState
from registry.rules import approval
from registry.rules.approval import BatchState, Step
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.permissions import Act, Actor


@dataclass(frozen=True, slots=True)
class Part:
    """What became of the next files of an archive."""

    first: int
    """Files dealt with before: the compare-and-swap of two workers."""
    count: int
    named: int
    """Bytes of the problems' file that count from now on."""
    attached: int
    replaced: int
    refused: int
    strangers: int


def hand_over(
    session: Session, actor: Actor, now: int, batch_id: int, name: str, file_name: str,
    file_hash: bytes, total: int,
) -> int:  # fmt: skip
    """Queue an archive whose directory has been judged; answers its record id.

    Args:
        session: a writing session.
        actor: a registrar of the site.
        now: UTC seconds.
        batch_id: a draft.
        name: under which the file lies in ``uploads/``.
        file_name: as the uploader called it.
        file_hash: SHA-256 of the archive.
        total: files that can be read.

    Raises:
        NotFoundError: no such batch.
        RefusedError: not permitted, no draft, or another archive of the batch is being read.
    """
    batch, place = batches.find(session, batch_id)
    must(actor, Act.IMPORT_BATCH, province=place.province, site=place.site)
    approval.after(BatchState(batch.state), Step.EDIT)
    busy = exists().where(PhotoIntake.batch_id == batch_id, PhotoIntake.state.in_(PHOTOS_OPEN))
    if session.scalar(select(busy)):
        raise RefusedError(reason("photos_running", "file"))
    made = PhotoIntake(
        name=name, batch_id=batch_id, account_id=actor.account, file_name=file_name,
        file_hash=file_hash, state=PhotoIntakeState.WAITING.value, total=total, done=0, named=0,
        attached=0, replaced=0, refused=0, strangers=0, why=[], created_at=now, changed_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(
        session, actor, now, "hand_over_photos", f"batch:{batch_id}", intake=made.id, files=total
    )
    return made.id


def call_off(session: Session, actor: Actor, now: int, batch_id: int, intake_id: int) -> None:
    """Stop an archive that is waiting or being read; what was attached stays.

    Raises:
        NotFoundError: no such archive in that batch.
        RefusedError: not permitted, or it is over already.
    """
    _, place = batches.find(session, batch_id)
    must(actor, Act.IMPORT_BATCH, province=place.province, site=place.site)
    found = session.get(PhotoIntake, intake_id)
    if found is None or found.batch_id != batch_id:
        raise NotFoundError("archive", intake_id)
    if not _end(session, now, intake_id, PhotoIntakeState.CANCELLED, ()):
        raise RefusedError(reason("photos_over"))
    audit.record(session, actor, now, "call_off_photos", f"batch:{batch_id}", intake=intake_id)


def refuse(session: Session, now: int, intake_id: int, reasons: Sequence[Reason]) -> bool:
    """The worker cannot go on with an archive; answers whether it was still open."""
    return _end(session, now, intake_id, PhotoIntakeState.REFUSED, reasons)


def advance(session: Session, now: int, intake_id: int, part: Part) -> bool:
    """Record a part, unless another worker did or somebody called the archive off.

    The answer is False then, and the caller rolls back what it attached.
    """
    last = part.first + part.count
    done = session.execute(
        update(PhotoIntake)
        .where(
            PhotoIntake.id == intake_id, PhotoIntake.done == part.first,
            PhotoIntake.state.in_(PHOTOS_OPEN),
        )
        .values(
            state=PhotoIntakeState.RUNNING.value, done=last, named=part.named,
            attached=PhotoIntake.attached + part.attached,
            replaced=PhotoIntake.replaced + part.replaced,
            refused=PhotoIntake.refused + part.refused,
            strangers=PhotoIntake.strangers + part.strangers, changed_at=now,
        )
        .returning(PhotoIntake.total)
    ).scalar_one_or_none()  # fmt: skip
    if done is not None and last >= done:
        _end(session, now, intake_id, PhotoIntakeState.DONE, ())
    return done is not None


def _end(
    session: Session, now: int, intake_id: int, state: PhotoIntakeState, reasons: Sequence[Reason]
) -> bool:
    ended = session.execute(
        update(PhotoIntake)
        .where(PhotoIntake.id == intake_id, PhotoIntake.state.in_(PHOTOS_OPEN))
        .values(state=state.value, why=[each.as_dict() for each in reasons], changed_at=now)
        .returning(PhotoIntake.id)
    ).one_or_none()
    return ended is not None
