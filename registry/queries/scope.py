"""What an actor may see, as conditions: province, site, or the batches that he assesses."""

from sqlalchemy import ColumnElement, exists, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from registry.records.assessment import Batch, Result, ResultExaminer
from registry.records.certificates import CertificateRow
from registry.records.examiners import Examiner
from registry.records.legacy import LegacyEntry, LegacyImport
from registry.records.organisations import Site
from registry.rules.permissions import Actor, Role

_PROVINCIAL = (Role.PROVINCIAL_CHECKER, Role.PROVINCIAL_ISSUER)


def batches(actor: Actor) -> ColumnElement[bool]:
    """Condition on ``batches`` for what the actor may see."""
    seen = _by_place(actor, Batch.province, Batch.site_id)
    if Role.EXAMINER in actor.roles:
        seen = or_(seen, assesses(actor.person))
    return seen


def certificates(actor: Actor) -> ColumnElement[bool]:
    """Condition on ``certificates`` for what the actor may see."""
    return _by_place(actor, CertificateRow.province, CertificateRow.site_id)


def legacy(actor: Actor) -> ColumnElement[bool]:
    """Condition on ``legacy_entries``: an officer of the province that registered them."""
    return _of_province(actor, LegacyEntry.province)


def legacy_imports(actor: Actor) -> ColumnElement[bool]:
    """Condition on ``legacy_imports``: an officer of the province that brought them in."""
    return _of_province(actor, LegacyImport.province)


def assesses(person: int) -> ColumnElement[bool]:
    """Condition on ``batches``: the person is on one of its teams."""
    return exists().where(
        Result.batch_id == Batch.id,
        Result.removed_at.is_(None),
        ResultExaminer.result_id == Result.id,
        Examiner.id == ResultExaminer.examiner_id,
        Examiner.person_id == person,
    )


def _of_province(actor: Actor, province: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    if actor.province is None or not any(role in actor.roles for role in _PROVINCIAL):
        return false()
    return province == actor.province


def _by_place(
    actor: Actor, province: InstrumentedAttribute[str], site_id: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    if Role.ADMINISTRATOR in actor.roles and actor.province is None:
        return true()
    seen: ColumnElement[bool] = false()
    if actor.province is not None and any(
        role in actor.roles for role in (*_PROVINCIAL, Role.ADMINISTRATOR)
    ):
        seen = or_(seen, province == actor.province)
    if actor.site is not None and Role.SITE_REGISTRAR in actor.roles:
        here = select(Site.id).where(Site.number == actor.site)
        seen = or_(seen, site_id.in_(here))
    return seen
