"""What is left of a batch that is being issued, found without going over what is done.

Rows are prepared in the order of their record ids, one transaction after another under the lock of
their batch. So everything up to the newest prepared row is done, and a search begins behind it:
the last row of a large batch costs what the first one did.
"""

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, literal, select

from registry.records.assessment import Batch, Result
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.eligibility import Eligibility, Outcome

_PREPARED = literal(CertificateState.PREPARED.value, literal_execute=True)
"""Written into the statement: a partial index is used only where its condition can be read."""


def done_up_to(batch_id: int) -> ScalarSelect[int]:
    """Record id of the newest result of a batch that has a certificate; 0 when none has."""
    return (
        select(func.coalesce(func.max(CertificateRow.result_id), 0))
        .where(CertificateRow.batch_id == batch_id)
        .scalar_subquery()
    )


def to_prepare(batch_id: int) -> ColumnElement[bool]:
    """Condition: a granted row of the batch has no certificate yet."""
    left = (
        select(Result.id)
        .join(Batch, Batch.id == Result.batch_id)
        .join(
            Eligibility,
            (Eligibility.result_id == Result.id) & (Eligibility.version == Batch.version),
        )
        .where(
            Result.batch_id == batch_id,
            Result.id > done_up_to(batch_id),
            Result.removed_at.is_(None),
            Eligibility.outcome == Outcome.GRANTED,
        )
    )
    return exists(left)


def to_seal(batch_id: int) -> ColumnElement[bool]:
    """Condition: a prepared row of the batch waits to be sealed."""
    return exists().where(CertificateRow.batch_id == batch_id, CertificateRow.state == _PREPARED)
