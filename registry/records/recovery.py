"""What a restored database knows from the public files only: recoveries and what they found."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, MaybeAt, one_of


class Cause(StrEnum):
    """Why a recovery is due."""

    RESTORED = "restored"
    """The database was restored from a backup by our own command."""
    BEHIND = "behind"
    """The public files say what the database does not know."""


class Recovery(Base):
    """A recovery that is due or done. While one is due nothing is numbered, issued or published."""

    __tablename__ = "recoveries"
    __table_args__ = (one_of("cause", Cause),)

    id: Mapped[Key]
    cause: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(Text)
    backup_at: Mapped[MaybeAt]
    """When the backup was taken; none when the database came some other way."""
    begun_at: Mapped[At]
    finished_at: Mapped[MaybeAt]
    margin: Mapped[int | None] = mapped_column(BigInteger)
    """Serials skipped in every scope whose last number nobody could tell."""
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    """No list is published below this sequence any more."""


class RecoveredPlace(Base):
    """A place whose certificate is known from public files only; its status row has none."""

    __tablename__ = "recovered_places"
    __table_args__ = (ForeignKeyConstraint(["list", "index"], ["status.list", "status.index"]),)

    list: Mapped[int] = mapped_column("list", Integer, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column("index", Integer, primary_key=True, autoincrement=False)
    recovery_id: Mapped[int] = mapped_column(ForeignKey("recoveries.id"))
    note: Mapped[str | None] = mapped_column(Text)
    """Text of its status note, where one was found."""


class RecoveredChange(Base):
    """A change of state that was taken over from the public files."""

    __tablename__ = "recovered_changes"

    status_change_id: Mapped[int] = mapped_column(
        ForeignKey("status_changes.id"), primary_key=True, autoincrement=False
    )
    recovery_id: Mapped[int] = mapped_column(ForeignKey("recoveries.id"))
    note: Mapped[str | None] = mapped_column(Text)
    """Text of the status note that told of it."""


class VoidSerials(Base):
    """Serials of one scope that have no certificate row and never will: first to last."""

    __tablename__ = "void_serials"
    __table_args__ = (
        CheckConstraint("first >= 1 AND last >= first", name="range"),
        UniqueConstraint("scheme", "period", "organisation", "level", "first"),
    )

    id: Mapped[Key]
    recovery_id: Mapped[int] = mapped_column(ForeignKey("recoveries.id"))
    scheme: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(8))
    organisation: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(4))
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[At]
