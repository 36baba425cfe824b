"""Log entries in their final form, publications, audit lines, and tasks."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, MaybeAt, one_of


class TaskState(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


OPEN_TASK = (TaskState.WAITING, TaskState.RUNNING)
"""A task in one of these is still waited for."""


class LogEntry(Base):
    """One entry of the log: version, kind and commitment are public, the rest stays here."""

    __tablename__ = "log_entries"
    id: Mapped[Key]
    version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[int] = mapped_column(Integer)
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    index: Mapped[int | None] = mapped_column("index", BigInteger, unique=True)
    """Place in the log; none until it is sequenced."""
    nonce: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    """Random part of a commitment other than ``issued``; dropping it unlinks the entry."""
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"), index=True)
    status_change_id: Mapped[int | None] = mapped_column(ForeignKey("status_changes.id"))
    queued_at: Mapped[At]


class Publication(Base):
    """A public file as it was published at a sequence."""

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("path", "sequence"),)

    id: Mapped[Key]
    path: Mapped[str] = mapped_column(String(200))
    """Path under the public tree, without a leading slash, e.g. ``s/1``."""
    sequence: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    published_at: Mapped[At]
    expires_at: Mapped[MaybeAt]


class Published(Base):
    """The newest publication of each list and tile: one row, however often it was written."""

    __tablename__ = "published"

    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    published_at: Mapped[At]


class AuditLine(Base):
    """Who did what, chained: each line's hash covers the one before. Never changed."""

    __tablename__ = "audit_lines"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[At]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    """Kind and id, e.g. ``batch:7``."""
    detail: Mapped[str] = mapped_column(Text)
    """Canonical JSON without personal data."""
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


class AuditHead(Base):
    """The newest audit line; one row, whose lock puts writers of audit lines in a queue."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class Task(Base):
    """Something long that a person waits for, with how far it has come."""

    __tablename__ = "tasks"
    __table_args__ = (one_of("state", TaskState), Index(None, "state", "id"))

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(40))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    total: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer)
    held: Mapped[int] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(Text)
    requested_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[At]
    changed_at: Mapped[At]
    lease_owner: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[MaybeAt]
