"""Preparing: numbers, places and identities for a chunk of an approved batch, in one transaction.

After this every input of every signature is in the database, so sealing can be repeated at will.
Each serial that is taken has a row in the same transaction: nothing is ever missing in between.
"""

import random as shuffling
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.acts import audit, counters, places
from registry.acts.certificates import public_id
from registry.queries.organisations import BodyRow
from registry.records.assessment import Batch, Result
from registry.records.base import table
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.eligibility import Eligibility, Outcome
from registry.rules import kinds, numbering
from registry.rules.decision import RefusedError
from registry.work import setting
from registry.work.context import Context, WorkError
from registry.work.setting import Setting
from schemas import value
from schemas.certificate import Certificate, Facts


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


@dataclass(frozen=True, slots=True)
class Row:
    """One result on its way to a certificate."""

    result: Granted
    eligibility: int
    policy: str
    choice: kinds.Choice
    signer: BodyRow


def chunk(session: Session, context: Context, batch_id: int, now: int) -> int:
    """Prepare the next rows of a batch that have none yet; answers how many.

    Raises:
        WorkError: the rows cannot be numbered or signed as things stand; nothing was taken.
    """
    batch = session.get_one(Batch, batch_id)
    found = _waiting(session, batch, context.chunk)
    if not found:
        return 0
    shared = setting.of_batch(session, batch, context.config.base, now)
    rows = [_row(shared, result) for result in found]
    # Neighbours in a workbook must not become neighbours in the log or in the order of signing.
    shuffling.Random(context.random(16)).shuffle(rows)
    serials = _serials(session, shared, rows)
    taken = places.take(session, now, context.random, len(rows))
    session.execute(
        insert(table(CertificateRow)),
        [
            _values(shared, row, number, place, context, now)
            for row, number, place in zip(rows, serials, taken, strict=True)
        ],
    )
    audit.record(session, None, now, "prepare", f"batch:{batch.id}", certificates=len(rows))
    return len(rows)


def _waiting(session: Session, batch: Batch, most: int) -> list[Granted]:
    granted = (
        select(*_COLUMNS)
        .join(Eligibility, Eligibility.result_id == Result.id)
        .outerjoin(CertificateRow, CertificateRow.result_id == Result.id)
        .where(
            Result.batch_id == batch.id,
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
    return Row(result, result.eligibility, result.policy, choice, shared.signer(choice))


@dataclass(frozen=True, slots=True)
class Number:
    """A composed number and the counter that it came from."""

    text: str
    scope: numbering.SerialScope
    serial: int


def _serials(session: Session, shared: Setting, rows: list[Row]) -> list[Number]:
    groups: defaultdict[tuple[numbering.Scheme, str], list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        groups[row.choice.scheme, row.result.level].append(position)
    numbers: dict[int, Number] = {}
    for (scheme, level), positions in groups.items():
        fields = shared.number_fields(level)
        try:
            scope = numbering.serial_scope(scheme, fields)
            taken = counters.take(session, scope.key, len(positions))
            for position, serial in zip(positions, taken, strict=True):
                text = numbering.compose(scheme, fields, serial)
                numbers[position] = Number(text, scope, serial)
        except RefusedError as refused:
            raise WorkError(f"numbering of batch {shared.batch.number}: {refused}") from None
    return [numbers[position] for position in range(len(rows))]


def _values(
    shared: Setting, row: Row, number: Number, place: tuple[int, int], context: Context, now: int
) -> dict[str, object]:
    result, choice = row.result, row.choice
    identity = UUID(bytes=context.random(16), version=4)
    facts = _facts(shared, row, number.text, identity, place, now)
    certificate = Certificate(facts=facts, names=shared.names(result, row.signer))
    return {
        "batch_id": result.batch_id, "result_id": result.id, "eligibility_id": row.eligibility,
        "number": number.text, "version": 1, "scheme": number.scope.scheme,
        "period": number.scope.period, "organisation": number.scope.organisation,
        "level": result.level, "serial": number.serial, "state": CertificateState.PREPARED,
        "reason": None, "uuid": str(identity), "public_id": public_id(context.random),
        "status_list": place[0], "status_index": place[1], "kind": int(choice.kind),
        "issuer": row.signer.issuer, "key_name": row.signer.key_name, "signed_at": now,
        "policy": row.policy, "value": value.dump(certificate), "supersedes_id": None,
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
    first, last = kinds.validity(row.choice, shared.awarded)
    if row.signer.issuer is None:
        raise WorkError("the signing body has no issuer id")
    return Facts(
        base=shared.base, uuid=identity, issuer=row.signer.issuer, number=number, version=1,
        kind=row.choice.kind, name=result.name, last4=result.last4, occupation=occupation.code,
        occupation_name=occupation.name, level=result.level, work_type=result.work_type,
        site=shared.site.number, assessed=result.assessed, awarded=shared.awarded,
        valid_from=first, valid_until=last, signed_at=now,
        status_list=place[0], status_index=place[1],
    )  # fmt: skip
