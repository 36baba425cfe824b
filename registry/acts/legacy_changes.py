"""Deciding what another officer proposed for an entry: it is done or dropped, and history stays."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.acts import audit, legacy_history, serials
from registry.acts.permission import must
from registry.custody.personal import Personal
from registry.queries import catalogue, legacy_stored
from registry.records.errors import NotFoundError
from registry.records.legacy import LegacyChange, LegacyEntry
from registry.rules.decision import RefusedError, reason
from registry.rules.identity import Identity
from registry.rules.legacy import shown
from registry.rules.permissions import Act, Actor

TABLE = "legacy_changes"
"""Name of the table inside the associated data of sealed numbers."""
_DATES = ("issued", "expires")


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
