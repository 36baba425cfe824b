"""Scans of existing certificates: sealed like ID numbers, each picture once per paper."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import audit, legacy_changes, legacy_history
from registry.acts.permission import must
from registry.custody.personal import Personal
from registry.queries.legacy_images import TABLE
from registry.records.errors import NotFoundError
from registry.records.legacy import LegacyImage
from registry.rules.decision import RefusedError, reason
from registry.rules.permissions import Act, Actor


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan whose type and size have been checked."""

    file_name: str
    media_type: str
    content: bytes


def attach(
    session: Session, actor: Actor, now: int, personal: Personal, entry_id: int, scan: Scan
) -> bool:
    """Keep a scan with an entry; False when the entry has this very picture already.

    A scan that was taken off comes back when it is given again.

    Raises:
        NotFoundError: no such entry.
        RefusedError: not permitted, or the entry is removed.
    """
    entry = legacy_changes.held(session, entry_id)
    must(actor, Act.IMPORT_LEGACY, province=entry.province)
    if entry.removed_at is not None:
        raise RefusedError(reason("legacy_entry_state"))
    digest = hashlib.sha256(scan.content).digest()
    known = session.scalars(
        select(LegacyImage).where(LegacyImage.entry_id == entry_id, LegacyImage.sha256 == digest)
    ).one_or_none()
    if known is not None and known.removed_at is None:
        return False
    if known is not None:
        known.removed_at = None
    else:
        _seal(session, actor, now, personal, entry_id, scan, digest)
    session.flush()
    legacy_history.note(
        session, now, actor.person, "image_attached", [entry_id], sha256=digest.hex()
    )
    audit.record(
        session, actor, now, "attach_legacy_image", f"legacy:{entry_id}", sha256=digest.hex()
    )
    return True


def _seal(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    entry_id: int,
    scan: Scan,
    digest: bytes,
) -> None:
    uid = personal.random(16).hex()
    session.add(
        LegacyImage(
            uid=uid, entry_id=entry_id, sha256=digest, media_type=scan.media_type,
            size=len(scan.content), sealed=personal.seal_content(scan.content, TABLE, uid),
            key_name=personal.current, file_name=scan.file_name[-200:],
            attached_by=actor.person, attached_at=now, removed_at=None,
        )
    )  # fmt: skip


def take_off(session: Session, actor: Actor, now: int, image_id: int, why: str) -> int:
    """Take a wrong scan off its entry; the sealed bytes stay, and so does who did it.

    Answers the record id of the entry.

    Raises:
        NotFoundError: no such scan, or it is off already.
        RefusedError: not permitted, or without a reason.
    """
    image = session.get(LegacyImage, image_id)
    if image is None or image.removed_at is not None:
        raise NotFoundError("legacy image", image_id)
    entry = legacy_changes.held(session, image.entry_id)
    must(actor, Act.CORRECT_LEGACY, province=entry.province)
    if not why.strip():
        raise RefusedError(reason("legacy_without_reason", "why"))
    image.removed_at = now
    session.flush()
    legacy_history.note(
        session, now, actor.person, "image_removed", [entry.id], sha256=image.sha256.hex(),
        why=why.strip(),
    )  # fmt: skip
    audit.record(
        session, actor, now, "remove_legacy_image", f"legacy:{entry.id}",
        sha256=image.sha256.hex(),
    )  # fmt: skip
    return entry.id
