"""Large workbooks on their way in: read, compared and stored by the worker, part by part."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, one_of


class IntakeState(StrEnum):
    """Where a workbook stands. A person acts on ``tried`` only; the worker on the others."""

    WAITING = "waiting"
    READING = "reading"
    COMPARING = "comparing"
    TRIED = "tried"
    QUEUED = "queued"
    IMPORTING = "importing"
    IMPORTED = "imported"
    REFUSED = "refused"
    CANCELLED = "cancelled"


TRYING = (IntakeState.WAITING, IntakeState.READING, IntakeState.COMPARING)
"""The trial run is not over."""
STORING = (IntakeState.QUEUED, IntakeState.IMPORTING)
"""Rows are being stored, or are about to be."""


class Intake(Base):
    """One workbook that is too long for a page to wait for.

    The file, its rows as read and its problems lie in ``uploads/`` under ``name``, because they
    hold ID numbers; here is only how far the worker has come with them.
    """

    __tablename__ = "intakes"
    __table_args__ = (one_of("state", IntakeState), UniqueConstraint("name"),
                      Index(None, "state", "id"))  # fmt: skip

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(40))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    state: Mapped[str] = mapped_column(String(10))
    total: Mapped[int] = mapped_column(Integer)
    """Rows of the workbook, once it has been read."""
    done: Mapped[int] = mapped_column(Integer)
    """Rows that the present run has dealt with."""
    position: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the rows' file that are dealt with: where the next part begins."""
    named: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the problems' file that count; a worker that died may have left more."""
    kept: Mapped[int] = mapped_column(Integer)
    unchanged: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    conflicting: Mapped[int] = mapped_column(Integer)
    why: Mapped[list[Any]] = mapped_column(JSON)
    """Reasons why it was refused as a whole: code, column, parameters."""
    created_at: Mapped[At]
    changed_at: Mapped[At]


class PhotoIntakeState(StrEnum):
    """Where an archive of photographs stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


PHOTOS_OPEN = (PhotoIntakeState.WAITING, PhotoIntakeState.RUNNING)
"""The worker has something to do with it."""


class PhotoIntake(Base):
    """One archive of photographs for a batch; the file lies in ``uploads/`` under ``name``.

    Names of files may be ID numbers, so they stand in the file beside it and not here.
    """

    __tablename__ = "photo_intakes"
    __table_args__ = (one_of("state", PhotoIntakeState), UniqueConstraint("name"),
                      Index(None, "state", "id"))  # fmt: skip

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(40))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    state: Mapped[str] = mapped_column(String(10))
    total: Mapped[int] = mapped_column(Integer)
    """Files that can be read, once the archive has been opened."""
    done: Mapped[int] = mapped_column(Integer)
    """Files that are dealt with, in the order of the archive: where the next part begins."""
    named: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the problems' file that count; a worker that died may have left more."""
    attached: Mapped[int] = mapped_column(Integer)
    replaced: Mapped[int] = mapped_column(Integer)
    """Of those attached, how many took the place of another picture."""
    refused: Mapped[int] = mapped_column(Integer)
    strangers: Mapped[int] = mapped_column(Integer)
    """Files that are nobody's in this batch; counted apart from ``refused``."""
    why: Mapped[list[Any]] = mapped_column(JSON)
    """Reasons why it was refused as a whole."""
    created_at: Mapped[At]
    changed_at: Mapped[At]
