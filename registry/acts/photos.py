"""Photographs of a draft's candidates: attached by the hundred, and taken off again."""

import hashlib
from collections.abc import Mapping

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from registry.acts import audit, batches
from registry.acts.permission import must
from registry.queries.results import chunks
from registry.records.assessment import Photo, Result
from registry.records.base import table
from registry.records.errors import NotFoundError
from registry.rules import approval
from registry.rules.approval import BatchState, Step
from registry.rules.permissions import Act, Actor

MEDIA_TYPE = "image/jpeg"
"""What every prepared photograph is (:mod:`registry.documents.photo`)."""


def attach(
    session: Session, actor: Actor, now: int, batch_id: int, pictures: Mapping[int, bytes]
) -> int:
    """Attach prepared photographs to rows of a draft; a former one is replaced.

    Args:
        session: a writing session.
        actor: a registrar of the site.
        now: UTC seconds.
        batch_id: record id of the batch.
        pictures: row (record id) -> JPEG; rows of one person may share one.

    Returns:
        How many rows had another photograph before.

    Raises:
        NotFoundError: no such batch, or a row that is not in it or was taken out.
        RefusedError: not permitted, or the batch is no draft.
    """
    batch, place = batches.find(session, batch_id)
    must(actor, Act.IMPORT_BATCH, province=place.province, site=place.site)
    approval.after(BatchState(batch.state), Step.EDIT)
    before = _present(session, batch_id, pictures)
    kept = _keep(session, now, set(pictures.values()))
    changed = {row: kept[data] for row, data in pictures.items() if before[row] != kept[data]}
    if changed:
        session.execute(
            update(table(Result))
            .where(table(Result).c.id == bindparam("row"))
            .values(photo_id=bindparam("photo")),
            [{"row": row, "photo": photo} for row, photo in changed.items()],
        )
        audit.record(
            session, actor, now, "attach_photos", f"batch:{batch_id}", photographs=len(changed),
            first=min(changed), last=max(changed),
        )  # fmt: skip
    return sum(before[row] is not None for row in changed)


def detach(session: Session, actor: Actor, now: int, result_id: int) -> None:
    """Take the photograph off a row of a draft.

    Raises:
        NotFoundError: there is no such row, or it has none.
        RefusedError: not permitted, or the batch is no draft.
    """
    result = session.get(Result, result_id)
    if result is None or result.removed_at is not None or result.photo_id is None:
        raise NotFoundError("photograph", result_id)
    batch, place = batches.find(session, result.batch_id)
    must(actor, Act.IMPORT_BATCH, province=place.province, site=place.site)
    approval.after(BatchState(batch.state), Step.EDIT)
    result.photo_id = None
    audit.record(session, actor, now, "detach_photo", f"batch:{batch.id}", result=result_id)


def _present(
    session: Session, batch_id: int, pictures: Mapping[int, bytes]
) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for some in chunks(sorted(pictures), 500):
        rows = session.execute(
            select(Result.id, Result.photo_id).where(
                Result.id.in_(some), Result.batch_id == batch_id, Result.removed_at.is_(None)
            )
        )
        found.update((row.id, row.photo_id) for row in rows)
    if missing := pictures.keys() - found.keys():
        raise NotFoundError("result", min(missing))
    return found


def _keep(session: Session, now: int, pictures: set[bytes]) -> dict[bytes, int]:
    """Record ids of the pictures; what is there already is not kept twice."""
    digests = {hashlib.sha256(data).digest(): data for data in pictures}
    ids = _known(session, list(digests))
    new = [
        {"sha256": digest, "media_type": MEDIA_TYPE, "content": data, "recorded_at": now}
        for digest, data in digests.items()
        if digest not in ids
    ]
    if new:
        session.execute(insert(table(Photo)), new)
        ids = _known(session, list(digests))
    return {data: ids[digest] for digest, data in digests.items()}


def _known(session: Session, digests: list[bytes]) -> dict[bytes, int]:
    rows = session.execute(select(Photo.sha256, Photo.id).where(Photo.sha256.in_(digests)))
    return {digest: identity for digest, identity in rows}
