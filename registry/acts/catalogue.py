"""Loading the catalogue data, and an officer's source for an occupation's code."""

import hashlib
import re

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.acts.catalogue_data import EDITION, Data
from registry.acts.permission import must
from registry.queries import catalogue
from registry.records.catalogue import (
    CatalogueMembership,
    CatalogueVersion,
    Level,
    Occupation,
    OccupationLevel,
    OccupationSource,
    OccupationWorkType,
    WorkType,
)
from registry.records.errors import NotFoundError
from registry.rules.decision import RefusedError, reason
from registry.rules.permissions import Act, Actor

_CODE = re.compile(r"[0-9]-[0-9]{2}-[0-9]{2}-[0-9]{2}")


def load(session: Session, now: int, data: Data) -> int:
    """Load the catalogue into an empty registry; answers how many occupations there are.

    Loading the same data again changes nothing.

    Raises:
        ValueError: another edition of the data is loaded already.
    """
    digest = hashlib.sha256(data.content).digest()
    loaded = session.scalar(select(CatalogueVersion.digest).limit(1))
    if loaded is not None:
        if loaded != digest:
            raise ValueError("other catalogue data are loaded; a migration has to bring new ones")
        return len(data.occupations)
    version = CatalogueVersion(edition=EDITION, digest=digest, loaded_at=now)
    session.add(version)
    session.flush()
    session.execute(insert(Level), [dict(row) for row in data.levels])
    session.execute(insert(WorkType), [dict(row) for row in data.work_types])
    for row in data.occupations:
        occupation = Occupation(
            key=row.key, code_2015=row.code_2015, code_2022=row.code_2022,
            code_confidence=row.code_confidence.value, name_zh=row.name_zh, name_en=row.name_en,
            field=row.field, is_special=row.is_special, source=row.source,
            confidence=row.confidence, note=row.note, version_id=version.id,
        )  # fmt: skip
        session.add(occupation)
        session.flush()
        _insert(session, OccupationLevel, occupation.id, "level", row.levels)
        _insert(session, OccupationWorkType, occupation.id, "work_type", row.work_types)
        if row.membership is not None:
            session.add(
                CatalogueMembership(
                    occupation_id=occupation.id, from_on=row.membership[0],
                    until_on=row.membership[1], source=row.membership_source,
                    confidence=row.membership_confidence,
                )
            )  # fmt: skip
    session.flush()
    audit.record(
        session, None, now, "load_catalogue", f"catalogue:{version.id}", digest=digest.hex()
    )
    return len(data.occupations)


def enter_source(
    session: Session, actor: Actor, now: int, key: str, code: str, source: str
) -> None:
    """Enter the code of an occupation and where it is printed, which makes it issuable.

    Raises:
        NotFoundError: no such occupation.
        RefusedError: not permitted, not a code, another occupation's code, or no source given.
    """
    must(actor, Act.EDIT_CATALOGUE)
    wanted = catalogue.occupation(session, key)
    if not _CODE.fullmatch(code):
        raise RefusedError(reason("occupation_code_malformed", code=code))
    if not source.strip():
        raise RefusedError(reason("source_missing"))
    for other in catalogue.occupations(session):
        if other.code == code and other.id != wanted.id:
            raise RefusedError(reason("occupation_code_taken", code=code, occupation=other.name_zh))
    session.add(
        OccupationSource(
            occupation_id=wanted.id, code_2022=code, source=source.strip(),
            entered_by=actor.person, recorded_at=now,
        )
    )  # fmt: skip
    session.flush()
    audit.record(session, actor, now, "enter_source", f"occupation:{wanted.id}", code=code)


def occupation_id(session: Session, key: str) -> int:
    """Record id of an occupation by its key or printed code.

    Raises:
        NotFoundError: there is none.
    """
    found = session.scalar(select(Occupation.id).where(Occupation.key == key))
    if found is not None:
        return found
    for row in catalogue.occupations(session):
        if row.code == key:
            return row.id
    raise NotFoundError("occupation", key)


def _insert(
    session: Session,
    table: type[OccupationLevel] | type[OccupationWorkType],
    occupation: int,
    column: str,
    codes: tuple[str, ...],
) -> None:
    if codes:
        rows = [{"occupation_id": occupation, column: code} for code in codes]
        session.execute(insert(table), rows)
