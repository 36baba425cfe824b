"""A new version of a certificate: what was wrong is corrected, or what was lost issued anew."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.acts import audit, places
from registry.acts.permission import must
from registry.acts.status import Ruling
from registry.custody.personal import Personal
from registry.records.assessment import Result
from registry.records.certificates import (
    CertificateRow,
    CertificateState,
)
from registry.records.errors import NotFoundError
from registry.records.organisations import Body, Site
from registry.records.status import Correction, Status
from registry.rules import status as rules
from registry.rules.decision import RefusedError, reason, require
from registry.rules.identity import Identity
from registry.rules.permissions import Act, Actor
from registry.rules.policy import Policy
from registry.rules.status import StatusAct
from schemas import facts as facts_rules
from schemas import value
from schemas.certificate import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What the new version says instead; None keeps what the old one says."""

    name: str | None = None
    identity: Identity | None = None


def correct(
    session: Session,
    actor: Actor,
    now: int,
    policy: Policy,
    personal: Personal,
    certificate_id: int,
    corrected: Corrected,
    ruling: Ruling,
) -> int:
    """Prepare a new version of an issued certificate; the issue of it supersedes the old one.

    Number, kind, dates and names in words stay; version, uuid, public id, status place and instant
    of signing are new. Answers the record id of the new version.

    Args:
        session: a writing session.
        actor: a provincial issuer.
        now: UTC seconds; becomes the instant of signing.
        policy: for the grounds.
        personal: keys over ID numbers, and the source of randomness.
        certificate_id: record id of the version in force.
        corrected: what changes; nothing for a reissue of what was lost.
        ruling: the decision.

    Raises:
        NotFoundError: no such certificate.
        RefusedError: not permitted, not in force, an unknown ground, or a newer version is there.
        FormatError: the corrected facts cannot be signed.
    """
    old = session.get(CertificateRow, certificate_id)
    if old is None:
        raise NotFoundError("certificate", certificate_id)
    site = session.get_one(Site, old.site_id)
    must(actor, Act.CORRECT, province=site.province, site=site.number)
    _in_force(session, policy, old, ruling)
    _same_person(session, personal, old, corrected)
    body = session.scalars(select(Body).where(Body.issuer == old.issuer)).one()
    new = _next_version(session, now, personal, old, corrected, body)
    session.add(new)
    session.flush()
    session.add(
        Correction(
            certificate_id=new.id, corrected_id=old.id, ground=ruling.ground,
            authority_id=site.body_id, decision=ruling.document, decided_on=ruling.decided_on,
            person_id=actor.person, recorded_at=now,
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, actor, now, "correct", f"certificate:{old.id}", by=new.id, ground=ruling.ground
    )
    return new.id


def _same_person(
    session: Session, personal: Personal, old: CertificateRow, corrected: Corrected
) -> None:
    """Refuse a name and an ID number that are both not those of the person who was assessed.

    One officer corrects alone; without this rule one officer could give any certificate away, in
    one step or in two.
    """
    assessed = session.get_one(Result, old.result_id)
    name = old.holder_name if corrected.name is None else corrected.name
    lookups = (
        (old.holder_lookup,) if corrected.identity is None else personal.lookups(corrected.identity)
    )
    if name != assessed.name and assessed.id_lookup not in lookups:
        raise RefusedError(reason("correction_of_person"))


def _in_force(session: Session, policy: Policy, old: CertificateRow, ruling: Ruling) -> None:
    state = session.scalar(select(Status.state).where(Status.certificate_id == old.id))
    if old.state != CertificateState.ISSUED or state is None:
        raise RefusedError(reason("certificate_not_issued", number=old.number))
    pending = session.scalar(
        select(CertificateRow.id).where(CertificateRow.supersedes_id == old.id)
    )
    if pending is not None:
        raise RefusedError(reason("correction_pending", number=old.number))
    require(rules.decide(State(state), StatusAct.SUPERSEDE, ruling.ground, policy))


def _next_version(
    session: Session,
    now: int,
    personal: Personal,
    old: CertificateRow,
    corrected: Corrected,
    body: Body,
) -> CertificateRow:
    certificate = value.load(old.value)
    newest = session.scalars(
        select(func.max(CertificateRow.version)).where(CertificateRow.number == old.number)
    ).one()
    ((list_number, index),) = places.take(session, now, personal.random, 1)
    identity = UUID(bytes=personal.random(16), version=4)
    name = corrected.name or certificate.facts.name
    last4 = corrected.identity.last4 if corrected.identity else certificate.facts.last4
    facts = facts_rules.check(
        replace(
            certificate.facts, uuid=identity, version=newest + 1, name=name, last4=last4,
            signed_at=now, status_list=list_number, status_index=index,
        )
    )  # fmt: skip
    lookup, id_kind = (old.holder_lookup, old.holder_lookup_key), old.id_kind
    if corrected.identity is not None:
        lookup = personal.lookup(corrected.identity), personal.current
        id_kind = corrected.identity.kind
    return CertificateRow(
        batch_id=old.batch_id, result_id=old.result_id, eligibility_id=old.eligibility_id,
        number=old.number, version=newest + 1, scheme=old.scheme, period=old.period,
        organisation=old.organisation, level=old.level, serial=old.serial,
        state=CertificateState.PREPARED.value, reason=None, uuid=str(identity),
        public_id=public_id(personal.random), status_list=list_number, status_index=index,
        kind=old.kind, issuer=old.issuer, key_name=body.key_name or old.key_name, signed_at=now,
        policy=old.policy, value=value.dump(replace(certificate, facts=facts)),
        supersedes_id=old.id, site_id=old.site_id, occupation_id=old.occupation_id,
        province=old.province, holder_name=name, holder_lookup=lookup[0],
        holder_lookup_key=lookup[1], last4=last4, id_kind=id_kind, assessed=old.assessed,
        awarded=old.awarded, valid_until=old.valid_until, prepared_at=now, issued_at=None,
        released_at=None,
    )  # fmt: skip


def public_id(random: Callable[[int], bytes]) -> str:
    """Random name of a certificate's page, 22 characters; unlike the uuid it is in no form."""
    return base64.urlsafe_b64encode(random(16)).rstrip(b"=").decode()
