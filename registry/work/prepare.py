"""Preparing: numbers, places and identities for a chunk of an approved batch, in one transaction.

After this every input of every signature is in the database, so sealing can be repeated at will.
Each serial that is taken has a row in the same transaction: nothing is ever missing in between.
"""

import random as shuffling
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import audit, places, serials
from registry.acts.certificates import public_id
from registry.acts.serials import Number
from registry.queries import legacy_stored
from registry.queries.organisations import BodyRow
from registry.records import bulk
from registry.records.assessment import Batch, Result
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.eligibility import Eligibility, Outcome
from registry.rules import kinds, numbering
from registry.rules.approval import BatchState
from registry.rules.decision import RefusedError
from registry.work import remaining, setting, standing
from registry.work.context import Context, WorkError
from registry.work.setting import Setting
from schemas import value
from schemas.certificate import Certificate, Facts
from schemas.qr_draft import Draft


class Granted(NamedTuple):
    """What preparing reads of a result and of the decision to grant it."""

    id: int
    batch_id: int
    occupation_id: int
    level: str
    work_type: str | None
    review: Decimal | None
    name: str
    last4: str
    id_lookup: bytes
    id_lookup_key: str
    assessed: date
    eligibility: int
    kind: int | None
    policy: str


_COLUMNS = (
    Result.id, Result.batch_id, Result.occupation_id, Result.level, Result.work_type,
    Result.review, Result.name, Result.last4, Result.id_lookup, Result.id_lookup_key,
    Result.assessed, Eligibility.id, Eligibility.kind, Eligibility.policy,
)  # fmt: skip
"""The columns of :class:`Granted`; whole objects would cost three times as much."""


class Row(NamedTuple):
    """One result on its way to a certificate."""

    result: Granted
    choice: kinds.Choice
    signer: BodyRow


def chunk(session: Session, context: Context, batch_id: int, now: int) -> int:
    """Prepare the next rows of a batch that have none yet; answers how many.

    Raises:
        WorkError: the rows cannot be numbered or signed as things stand; nothing was taken.
    """
    standing.require(session)
    batch = _held(session, batch_id)
    found = _waiting(session, batch, context.chunk) if batch is not None else []
    if batch is None or not found:
        return 0
    shared = setting.of_batch(session, batch, context.config.base, now)
    rows = [_row(shared, result) for result in found]
    # Neighbours in a workbook must not become neighbours in the log or in the order of signing.
    shuffling.Random(context.random(16)).shuffle(rows)
    numbers = _serials(session, shared, rows, now)
    taken = places.take(session, now, context.random, len(rows))
    # All that is random in a chunk is drawn at once: 32 bytes a row.
    draw = BytesIO(context.random(32 * len(rows))).read
    bulk.insert(
        session,
        CertificateRow,
        [
            _values(shared, row, number, place, draw, now)
            for row, number, place in zip(rows, numbers, taken, strict=True)
        ],
    )
    audit.record(session, None, now, "prepare", f"batch:{batch.id}", certificates=len(rows))
    return len(rows)


def _held(session: Session, batch_id: int) -> Batch | None:
    """The batch, locked until this transaction ends; None while another worker prepares it."""
    return session.scalars(
        select(Batch)
        .where(Batch.id == batch_id, Batch.state == BatchState.ISSUING)
        .with_for_update(skip_locked=True, key_share=True)
    ).one_or_none()


def _waiting(session: Session, batch: Batch, most: int) -> list[Granted]:
    granted = (
        select(*_COLUMNS)
        .join(Eligibility, Eligibility.result_id == Result.id)
        .outerjoin(CertificateRow, CertificateRow.result_id == Result.id)
        .where(
            Result.batch_id == batch.id,
            Result.id > remaining.done_up_to(batch.id),
            Result.removed_at.is_(None),
            Eligibility.version == batch.version,
            Eligibility.outcome == Outcome.GRANTED,
            CertificateRow.id.is_(None),
        )
        .order_by(Result.id)
        .limit(most)
    )
    return [Granted._make(row) for row in session.execute(granted)]


def _row(shared: Setting, result: Granted) -> Row:
    try:
        choice = shared.choice(result)
    except RefusedError as refused:
        raise WorkError(f"result {result.id}: {refused}") from None
    if int(choice.kind) != result.kind:
        raise WorkError(
            f"result {result.id}: approved as kind {result.kind}, now {int(choice.kind)};"
            " return the batch and have it approved again"
        )
    return Row(result, choice, shared.signer(choice))


def _serials(session: Session, shared: Setting, rows: list[Row], now: int) -> list[Number]:
    groups: defaultdict[tuple[numbering.Scheme, str], list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        groups[row.choice.scheme, row.result.level].append(position)
    originals = legacy_stored.originals(session, [row.result.id for row in rows])
    numbers: dict[int, Number] = {}
    for (scheme, level), positions in groups.items():
        fields = shared.number_fields(level)
        kept = {at: originals[rows[at].result.id] for at in positions
                if rows[at].result.id in originals}  # fmt: skip
        new = [at for at in positions if at not in kept]
        try:
            for at, number in kept.items():
                numbers[at] = serials.original(scheme, fields, number)
            if new:
                taken = serials.take(session, now, scheme, fields, len(new))
                numbers.update(zip(new, taken, strict=True))
        except RefusedError as refused:
            what = f"numbering of batch {shared.batch.number}: {refused}"
            raise WorkError(what, *refused.reasons) from None
    return [numbers[position] for position in range(len(rows))]


def _values(
    shared: Setting, row: Row, number: Number, place: tuple[int, int],
    draw: Callable[[int], bytes], now: int,
) -> dict[str, object]:  # fmt: skip
    result, choice = row.result, row.choice
    identity = UUID(bytes=draw(16), version=4)
    facts = _facts(shared, row, number.text, identity, place, now)
    certificate = Certificate(facts=facts, names=shared.names(result, row.signer))
    return {
        "batch_id": result.batch_id, "result_id": result.id, "eligibility_id": result.eligibility,
        "number": number.text, "version": 1, "scheme": number.scope.scheme,
        "period": number.scope.period, "organisation": number.scope.organisation,
        "level": result.level, "serial": number.serial, "state": CertificateState.PREPARED.value,
        "reason": None, "uuid": str(identity), "public_id": public_id(draw),
        "status_list": place[0], "status_index": place[1], "kind": int(choice.kind),
        "issuer": row.signer.issuer, "key_name": row.signer.key_name, "signed_at": now,
        "policy": result.policy, "value": value.dump(certificate), "supersedes_id": None,
        "site_id": shared.batch.site_id, "occupation_id": result.occupation_id,
        "province": shared.batch.province, "holder_name": result.name,
        "holder_lookup": result.id_lookup, "holder_lookup_key": result.id_lookup_key,
        "last4": result.last4, "assessed": result.assessed, "awarded": shared.awarded,
        "valid_until": facts.valid_until, "prepared_at": now, "issued_at": None,
        "released_at": None,
    }  # fmt: skip


def _facts(
    shared: Setting, row: Row, number: str, identity: UUID, place: tuple[int, int], now: int
) -> Facts:
    result = row.result
    occupation = shared.occupations[result.occupation_id]
    first, last = shared.validity(row.choice)
    if row.signer.issuer is None:
        raise WorkError("the signing body has no issuer id")
    return Draft(
        shared.base, identity, row.signer.issuer, number, 1, row.choice.kind, result.name,
        result.last4, occupation.code, occupation.name, result.level, result.work_type,
        shared.site.number, result.assessed, shared.awarded, first, last, now, *place,
    ).facts()  # fmt: skip
