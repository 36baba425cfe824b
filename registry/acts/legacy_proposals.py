"""Proposing a correction, a removal or its undo: nothing changes before another officer decides."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import audit, legacy_history
from registry.acts.legacy_changes import TABLE, held
from registry.acts.permission import must
from registry.custody.personal import Personal
from registry.queries import catalogue, legacy_stored
from registry.queries.legacy_stored import StoredPaper
from registry.records.legacy import LegacyChange, LegacyEntry, LegacyRequest
from registry.rules import legacy
from registry.rules.decision import RefusedError, reason
from registry.rules.identity import Identity
from registry.rules.legacy import COMPARED, LegacyRow, Recorded, shown
from registry.rules.legacy_requests import OPEN, RequestState
from registry.rules.permissions import Act, Actor


def propose_difference(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    stored: StoredPaper,
    new: LegacyRow,
    why: str,
    import_id: int | None,
) -> bool:
    """Propose what a later list says instead; False where a proposal is open already."""
    if _open(session, stored.id) is not None or _certificate(session, stored.id):
        return False
    columns = [each.column or "" for each in legacy.differences(stored.row, new)]
    _add(session, actor, now, personal, stored, new, columns, why, import_id)
    return True


def propose_correction(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    entry_id: int,
    new: LegacyRow,
    why: str,
) -> int:
    """Propose other values for an entry; answers the record id of the proposal.

    Args:
        session: a writing session.
        actor: an officer of the province.
        now: UTC seconds.
        personal: keys over ID numbers.
        entry_id: record id.
        new: every column as it should be; kind and number must stay.
        why: reason in words.

    Raises:
        NotFoundError: no such entry.
        RefusedError: not permitted, without a reason, nothing changed, another paper, another
            proposal is open, or a signed version rests on the entry.
    """
    entry = held(session, entry_id)
    _may_propose(session, actor, entry, why, RequestState.CHECKED)
    codes = {key: found.code for key, found in catalogue.for_rules(session).items()}
    stored = StoredPaper(entry.id, legacy_stored.opened(personal, entry, codes))
    if entry.removed_at is not None or stored.row.key != new.key:
        raise RefusedError(reason("legacy_entry_state"))
    columns = [each for each in COMPARED if getattr(stored.row, each) != getattr(new, each)]
    if not columns:
        raise RefusedError(reason("legacy_change_nothing"))
    return _add(session, actor, now, personal, stored, new, columns, why, None).id


def propose_removal(
    session: Session, actor: Actor, now: int, personal: Personal, entry_id: int, why: str
) -> int:
    """Propose to take an entry out of the public register.

    Raises:
        NotFoundError: no such entry.
        RefusedError: not permitted, without a reason, removed already, or in use.
    """
    entry = held(session, entry_id)
    _may_propose(session, actor, entry, why, *OPEN)
    if entry.removed_at is not None:
        raise RefusedError(reason("legacy_entry_state"))
    return _propose(session, actor, now, entry.id, "remove", why, uid=personal.random(16).hex())


def propose_restoration(
    session: Session, actor: Actor, now: int, personal: Personal, entry_id: int, why: str
) -> int:
    """Propose to bring a removed entry back: the undo of a removal.

    Raises:
        NotFoundError: no such entry.
        RefusedError: not permitted, without a reason, not removed, or never confirmed.
    """
    entry = held(session, entry_id)
    _may_propose(session, actor, entry, why)
    if entry.removed_at is None or entry.confirmed_at is None:
        raise RefusedError(reason("legacy_entry_state"))
    return _propose(session, actor, now, entry.id, "restore", why, uid=personal.random(16).hex())


def _may_propose(
    session: Session, actor: Actor, entry: LegacyEntry, why: str, *busy: RequestState
) -> None:
    must(actor, Act.CORRECT_LEGACY, province=entry.province)
    if not why.strip():
        raise RefusedError(reason("legacy_without_reason", "why"))
    if _open(session, entry.id) is not None:
        raise RefusedError(reason("legacy_change_open"))
    if _certificate(session, entry.id):
        raise RefusedError(reason("legacy_has_certificate", number=entry.number_key))
    asked = session.scalars(
        select(LegacyRequest.state).where(
            LegacyRequest.entry_id == entry.id, LegacyRequest.state.in_(busy)
        )
    ).first()
    if asked is not None:
        raise RefusedError(reason("legacy_being_signed"))


def _open(session: Session, entry_id: int) -> LegacyChange | None:
    return session.scalars(
        select(LegacyChange).where(
            LegacyChange.entry_id == entry_id, LegacyChange.decided.is_(None)
        )
    ).one_or_none()


def _certificate(session: Session, entry_id: int) -> bool:
    """Whether a signed version was approved: it rests on the entry as it is."""
    found = session.scalar(
        select(LegacyRequest.id).where(
            LegacyRequest.entry_id == entry_id, LegacyRequest.state == RequestState.APPROVED
        )
    )
    return found is not None


def _propose(
    session: Session, actor: Actor, now: int, entry_id: int, kind: str, why: str, **more: Any
) -> int:
    change = LegacyChange(
        uid=more.pop("uid"),
        entry_id=entry_id, kind=kind, values=more.pop("values", {}), why=why.strip(),
        proposed_by=actor.person, proposed_at=now, decided=None, decided_by=None, decided_at=None,
        **{"id_kind": None, "id_sealed": None, "id_key": None, "import_id": None, **more},
    )  # fmt: skip
    session.add(change)
    session.flush()
    legacy_history.note(
        session, now, actor.person, "proposed", [entry_id], kind=kind, why=why.strip(),
        columns=sorted(change.values),
    )  # fmt: skip
    audit.record(
        session, actor, now, "propose_legacy_change", f"legacy:{entry_id}", change=change.id,
        kind=kind,
    )  # fmt: skip
    return change.id


def _add(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    stored: StoredPaper,
    new: LegacyRow,
    columns: Iterable[str],
    why: str,
    import_id: int | None,
) -> LegacyChange:
    uid = personal.random(16).hex()
    values = {
        column: [shown(getattr(stored.row, column)), _plain(getattr(new, column))]
        for column in columns
    }
    sealed: dict[str, Any] = {}
    if "identity" in values:
        sealed = {
            "id_kind": new.identity.kind, "id_key": personal.current,
            "id_sealed": personal.seal(new.identity.number, TABLE, uid),
        }  # fmt: skip
    made = _propose(
        session, actor, now, stored.id, "correct", why, uid=uid, values=values,
        import_id=import_id, **sealed,
    )  # fmt: skip
    return session.get_one(LegacyChange, made)


def _plain(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, Identity):
        return shown(value)
    if isinstance(value, Recorded):
        return value.value
    return value.isoformat() if isinstance(value, date) else str(value)
