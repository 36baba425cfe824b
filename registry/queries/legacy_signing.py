"""An existing certificate as a case for the rules, and the bodies that would sign it."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.custody.personal import Personal
from registry.queries import catalogue, eligibility, legacy_stored, organisations
from registry.queries.organisations import BodyRow
from registry.records.errors import NotFoundError
from registry.records.legacy import LegacyEntry, LegacyImage
from registry.records.organisations import BodyRole, Site
from registry.rules import eligibility as rules
from registry.rules.approval import Hands
from registry.rules.cases import Case, Sitting
from registry.rules.decision import RefusedError, reason
from registry.rules.legacy import LegacyKind, Recorded
from registry.rules.legacy_filed import Filed
from registry.rules.legacy_signing import Paper
from registry.rules.policy import Policy
from schemas.certificate import Instant


def paper(session: Session, entry: LegacyEntry) -> Paper:
    """What the register knows of the paper."""
    images = session.scalars(
        select(func.count())
        .select_from(LegacyImage)
        .where(LegacyImage.entry_id == entry.id, LegacyImage.removed_at.is_(None))
    ).one()
    return Paper(
        kind=LegacyKind(entry.kind), number=entry.number, recorded=Recorded(entry.recorded),
        images=images,
    )  # fmt: skip


def site(session: Session, entry: LegacyEntry, number: str) -> Site:
    """The site of that number, in the province of the entry.

    Raises:
        RefusedError: there is none.
    """
    found = session.scalar(select(Site).where(Site.number == number))
    if found is None or found.province != entry.province:
        raise RefusedError(reason("legacy_site_unknown", "site", site=number))
    return found


def case(
    session: Session, personal: Personal, entry: LegacyEntry, filed: Filed, on: date,
    known_at: Instant,
) -> Case:  # fmt: skip
    """The assessment behind a paper, as known now; the day of the award is the paper's.

    Raises:
        RefusedError: the site is not known.
        PersonalKeyError: the ID number does not open.
    """
    known = catalogue.for_rules(session)
    codes = {key: occupation.code for key, occupation in known.items()}
    here = site(session, entry, filed.site)
    identity = legacy_stored.opened(personal, entry, codes).identity
    sitting = Sitting(
        occupation=next((each for each in known.values() if each.code == filed.occupation), None),
        assessed=filed.assessed,
        site=organisations.site_for_rules(session, here.id, codes, known_at),
        body=organisations.body_for_rules(session, here.id, codes, known_at),
        team=(), hands=Hands(), awarded=entry.issued, on=on,
    )  # fmt: skip
    held = eligibility.holdings_of(session, personal, identity, on, codes)
    # The paper itself is no second award.
    others = tuple(each for each in held if each.number != entry.number_key)
    return Case(
        sitting=sitting, level=filed.level, work_type=filed.work_type, name=entry.name,
        identity=identity, candidate=entry.id_lookup, theory=filed.theory,
        practice=filed.practice, review=filed.review, holdings=others,
    )  # fmt: skip


def need_signer(session: Session, case: Case, policy: Policy) -> None:
    """Return when the body that the kind names had a name on the day of the award and has a key.

    Raises:
        RefusedError: the worker could not issue.
    """
    sitting = case.sitting
    choice = rules.kind(case, policy)
    bodies = organisations.bodies(session)
    here = organisations.site(session, sitting.site.number)
    implementing = next(
        (each for each in bodies.values()
         if each.role == BodyRole.IMPLEMENTING and each.province == here.province), None,
    )  # fmt: skip
    centre = organisations.centre(session)
    signers: dict[str, BodyRow | None] = {
        "assessing_body": bodies[here.body], "implementing_body": implementing, "centre": centre,
    }  # fmt: skip
    signer = signers.get(choice.signer)
    missing = reason("legacy_no_signer", site=here.number, date=sitting.awarded)
    if signer is None or signer.issuer is None or signer.key_name is None:
        raise RefusedError(missing)
    try:
        signer.name(sitting.awarded)
        centre.name(sitting.awarded)
    except NotFoundError:
        raise RefusedError(missing) from None
