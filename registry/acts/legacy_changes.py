"""Correcting, removing and restoring entries: one officer proposes, another decides."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.acts import audit, legacy_history, serials
from registry.acts.permission import must
from registry.custody.personal import Personal
from registry.queries import catalogue, legacy_stored
from registry.queries.legacy_stored import StoredPaper
from registry.records.errors import NotFoundError
from registry.records.legacy import LegacyChange, LegacyEntry, LegacyRequest
from registry.rules import legacy
from registry.rules.decision import RefusedError, reason
from registry.rules.identity import Identity
from registry.rules.legacy import COMPARED, LegacyRow, Recorded, shown
from registry.rules.legacy_requests import OPEN, RequestState
from registry.rules.permissions import Act, Actor

TABLE = "legacy_changes"
"""Name of the table inside the associated data of sealed numbers."""
_DATES = ("issued", "expires")


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


def decide_change(
    session: Session, actor: Actor, now: int, personal: Personal, change_id: int, *, take: bool
) -> None:
    """Another officer decides a proposal: it is done, or it is dropped.

    Raises:
        NotFoundError: no such proposal.
        RefusedError: not permitted, one's own, decided before, or overtaken by other changes.
    """
    change = session.get(LegacyChange, change_id)
    if change is None:
        raise NotFoundError("legacy change", change_id)
    if take and change.kind == "restore":
        serials.exclude(session)
    entry = held(session, change.entry_id)
    session.refresh(change)
    must(actor, Act.CONFIRM_LEGACY, province=entry.province)
    if change.decided is not None:
        raise RefusedError(reason("legacy_change_decided"))
    if change.proposed_by == actor.person and take:
        raise RefusedError(reason("legacy_own_change"))
    detail: dict[str, Any] = {"why": change.why}
    if take:
        detail |= _APPLY[change.kind](session, personal, now, entry, change)
    change.decided = "confirmed" if take else "rejected"
    # Whoever drops an own proposal is not the second officer.
    change.decided_by = None if change.proposed_by == actor.person else actor.person
    change.decided_at = now
    session.flush()
    what = {"correct": "corrected", "remove": "removed", "restore": "restored"}[change.kind]
    legacy_history.note(
        session, now, actor.person, what if take else "rejected", [entry.id], **detail,
        proposed_by=change.proposed_by,
    )  # fmt: skip
    audit.record(
        session, actor, now, "decide_legacy_change", f"legacy:{entry.id}", change=change.id,
        kind=change.kind, taken=take,
    )  # fmt: skip


def end_open(session: Session, actor: Actor, now: int, entries: Iterable[int]) -> None:
    """Drop proposals that are open for entries which were taken out."""
    for entry in entries:
        session.execute(
            update(LegacyChange)
            .where(
                LegacyChange.entry_id == entry,
                LegacyChange.decided.is_(None),
            )
            .values(decided="rejected", decided_at=now)
        )


def held(session: Session, entry_id: int) -> LegacyEntry:
    """The entry, kept from other acts until this transaction ends.

    Raises:
        NotFoundError: there is none.
    """
    entry = session.scalars(
        select(LegacyEntry)
        .where(LegacyEntry.id == entry_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if entry is None:
        raise NotFoundError("legacy entry", entry_id)
    return entry


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


def _correct(
    session: Session, personal: Personal, now: int, entry: LegacyEntry, change: LegacyChange
) -> Mapping[str, Any]:
    known = {key: found.code for key, found in catalogue.for_rules(session).items()}
    before = legacy_stored.opened(personal, entry, known)
    if entry.removed_at is not None:
        raise RefusedError(reason("legacy_entry_state"))
    for column, (old, _) in change.values.items():
        if shown(getattr(before, column)) != old:
            raise RefusedError(reason("legacy_change_stale"))
    by_code = {code: key for key, code in known.items()}
    for column, (_, new) in change.values.items():
        if column == "identity":
            _set_identity(personal, entry, change)
        elif column == "mapped":
            entry.occupation_id = None if new is None else by_code[new]
        else:
            setattr(entry, column, date.fromisoformat(new) if column in _DATES and new else new)
    session.flush()
    return {"values": change.values}


def _set_identity(personal: Personal, entry: LegacyEntry, change: LegacyChange) -> None:
    number = personal.open(change.id_sealed or b"", TABLE, change.uid, change.id_key or "")
    identity = Identity(change.id_kind or "", number)
    entry.id_kind, entry.last4 = identity.kind, identity.last4
    entry.id_sealed = personal.seal(identity.number, legacy_stored.TABLE, entry.uid)
    entry.id_key = entry.id_lookup_key = personal.current
    entry.id_lookup = personal.lookup(identity)


def _remove(
    session: Session, personal: Personal, now: int, entry: LegacyEntry, change: LegacyChange
) -> Mapping[str, Any]:
    if entry.removed_at is not None:
        raise RefusedError(reason("legacy_entry_state"))
    entry.removed_at = now
    session.flush()
    return {}


def _restore(
    session: Session, personal: Personal, now: int, entry: LegacyEntry, change: LegacyChange
) -> Mapping[str, Any]:
    again = session.scalar(
        select(LegacyEntry.id).where(
            LegacyEntry.province == entry.province, LegacyEntry.kind == entry.kind,
            LegacyEntry.number_key == entry.number_key, LegacyEntry.removed_at.is_(None),
        )
    )  # fmt: skip
    if entry.removed_at is None or again is not None:
        raise RefusedError(reason("legacy_entry_state"))
    if legacy_stored.issued(session, [entry.number_key]):
        raise RefusedError(reason("legacy_number_issued", number=entry.number))
    entry.removed_at = None
    session.flush()
    return {}


_APPLY = {"correct": _correct, "remove": _remove, "restore": _restore}
