"""Audit lines: who did what, when, each chained to the one before.

A line's hash is SHA-256 over ``hallmark/audit/1``, a zero byte and the canonical JSON of the line
with the hash of its predecessor in hex. Details name records by kind and id and hold no personal
data and nothing of what somebody types freely, so that the chain can be shown to an auditor whole.
"""

import hashlib
import json
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry.records.base import table
from registry.records.log import AuditHead, AuditLine
from registry.rules.permissions import Actor

DOMAIN = b"hallmark/audit/1\x00"


def record(
    session: Session, actor: Actor | None, now: int, act: str, subject: str, **detail: Any
) -> int:
    """Append one line and answer its position.

    Args:
        session: a writing session.
        actor: who acted; None for the registry's own work.
        now: UTC seconds.
        act: what was done, e.g. ``approve_batch``.
        subject: kind and id, e.g. ``batch:7``.
        detail: JSON values without personal data.
    """
    # The update locks the head until the transaction ends, so two writers cannot fork the chain.
    moved = session.execute(
        update(table(AuditHead))
        .where(AuditHead.id == 1)
        .values(position=AuditHead.position + 1)
        .returning(AuditHead.position, AuditHead.hash)
    ).one()
    line = {
        "position": moved.position,
        "at": now,
        "account": None if actor is None else actor.account,
        "person": None if actor is None else actor.person,
        "act": act,
        "subject": subject,
        "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        "previous": moved.hash.hex(),
    }
    digest = line_hash(line)
    session.execute(
        insert(table(AuditLine)).values(
            position=moved.position,
            at=now,
            account_id=line["account"],
            person_id=line["person"],
            act=act,
            subject=subject,
            detail=line["detail"],
            previous=moved.hash,
            hash=digest,
        )
    )
    session.execute(update(table(AuditHead)).where(AuditHead.id == 1).values(hash=digest))
    # Whoever follows the session tells of it when it is committed (``registry.operations.acted``).
    session.info.setdefault("acted", []).append((int(moved.position), act, subject))
    return int(moved.position)


def hold(session: Session) -> None:
    """Let no other writer's line come before this transaction's, until it ends.

    What is numbered after this call is numbered in the order of commits, so that a reader who
    remembers the highest number it has seen misses nothing. SQLite has one writer anyway.
    """
    session.execute(select(AuditHead.id).where(AuditHead.id == 1).with_for_update())


def line_hash(line: dict[str, Any]) -> bytes:
    """Hash of a line given as its JSON object."""
    text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(DOMAIN + text.encode()).digest()
