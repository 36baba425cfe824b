"""Status lists, the narrow table that is published, and the history that is the truth."""

from datetime import date

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key


class StatusList(Base):
    """A status list and the key of the permutation that scatters its indexes."""

    __tablename__ = "status_lists"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer)
    """How many indexes were handed out; the next is the permutation of this number."""
    permutation_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    opened_at: Mapped[At]


class Status(Base):
    """State of one place in a list and the two short hashes of its issued-tile record.

    A projection of the status changes, kept narrow because every publication reads all of it.
    """

    __tablename__ = "status"
    __table_args__ = (
        Index(None, "certificate_id", unique=True),
        # A publication reads the few places that are not valid, not the whole list.
        Index(
            "ix_status_set",
            "list",
            "index",
            sqlite_where=text("state <> 0"),
            postgresql_where=text("state <> 0"),
        ),
    )

    list: Mapped[int] = mapped_column(
        "list", ForeignKey("status_lists.number"), primary_key=True, autoincrement=False
    )
    index: Mapped[int] = mapped_column("index", Integer, primary_key=True, autoincrement=False)
    state: Mapped[int] = mapped_column(Integer)
    cose8: Mapped[bytes] = mapped_column(LargeBinary(8))
    jcs8: Mapped[bytes] = mapped_column(LargeBinary(8))
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    """None where the certificate is known from public files only (``records.recovery``)."""


class Correction(Base):
    """Why a new version was prepared; becomes a status change of the old one when it is issued."""

    __tablename__ = "corrections"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    """The new version."""
    corrected_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), index=True)
    ground: Mapped[str] = mapped_column(String(40))
    authority_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"))
    decision: Mapped[str | None] = mapped_column(String(200))
    decided_on: Mapped[date]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[At]


class StatusChange(Base):
    """One decided change of state. Never changed; folding them in order gives the projection."""

    __tablename__ = "status_changes"
    __table_args__ = (Index(None, "certificate_id", "id"),)

    id: Mapped[Key]
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"))
    before: Mapped[int] = mapped_column(Integer)
    after: Mapped[int] = mapped_column(Integer)
    ground: Mapped[str | None] = mapped_column(String(40))
    """Code of the ground; its words are data."""
    ground_zh: Mapped[str | None] = mapped_column(Text)
    ground_en: Mapped[str | None] = mapped_column(Text)
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    """Body that decided."""
    decision: Mapped[str | None] = mapped_column(String(200))
    """Number of the decision document."""
    decided_on: Mapped[date]
    appeal_body: Mapped[str | None] = mapped_column(String(120))
    appeal_until: Mapped[date | None]
    replacement_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    """The version that supersedes, for a correction."""
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[At]
