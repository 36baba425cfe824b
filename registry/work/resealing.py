"""Sealing again what waited when a backup was taken and was issued before it was restored.

What is signed stands in the row, so the same bytes come out; the public tile must say the same, or
the row is of another history than the public files.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update

from registry.publish.tree import TreeSource
from registry.records.certificates import CertificateRow, CertificateState
from registry.work import check, lost, standing, storing
from registry.work.check import Waiting
from registry.work.context import Context, WorkError
from schemas import value
from schemas.tile import HALF
from verifier.evidence import Evidence


def reseal(context: Context, now: int) -> int:
    """Issue again what waited in the backup and is public; answers how many rows.

    Raises:
        WorkError: a row would be sealed otherwise than it is public.
    """
    with context.reading() as session:
        found = standing.every(session, context)
        ids = [each for one in found for each in one.waiting]
    for start in range(0, len(ids), context.chunk):
        part = ids[start : start + context.chunk]
        ready = check.ready(context, _waiting(context, part))
        _same_as_public(context, ready)
        with context.writing.begin() as session:
            # Held when the backup was taken, but tried again and issued afterwards.
            session.execute(
                update(CertificateRow)
                .where(CertificateRow.id.in_(part), CertificateRow.state == CertificateState.HELD)
                .values(state=CertificateState.PREPARED.value, reason=None)
            )
            storing.store(session, context, ready, now)
    return len(ids)


def _waiting(context: Context, ids: Sequence[int]) -> list[Waiting]:
    with context.reading() as session:
        rows = session.execute(
            select(
                CertificateRow.id, CertificateRow.batch_id, CertificateRow.key_name,
                CertificateRow.supersedes_id, CertificateRow.value,
            ).where(CertificateRow.id.in_(ids), CertificateRow.state.in_(lost.WAITING))
        )  # fmt: skip
        return [
            Waiting(
                id=row[0], batch=row[1], key_name=row[2], supersedes=row[3],
                certificate=value.load(row[4]),
            )
            for row in rows
        ]  # fmt: skip


def _same_as_public(context: Context, ready: Iterable[check.Ready]) -> None:
    opened = Evidence(TreeSource(context.tree), context.trust)
    for each in ready:
        facts = each.row.certificate.facts
        tile = opened.issued_tile(facts.tile_uri).value
        sealed = each.sealed
        if tile is None or sealed is None or each.objection is not None:
            raise WorkError(f"certificate {facts.number} cannot be sealed again: {each.objection}")
        if tile.record(facts.status_index) != sealed.cose_hash[:HALF] + sealed.jcs_hash[:HALF]:
            raise WorkError(
                f"certificate {facts.number} would be sealed otherwise than it is public; "
                "restore the backup again, into a new place"
            )
