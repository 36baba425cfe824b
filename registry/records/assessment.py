"""Batches of results, where each row came from, who assessed it, and conflicts between imports."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Identifier, Key, MaybeAt, one_of

PARTS = ("theory", "practice", "review")
"""Parts of an assessment; the same words as ``registry.rules.examiners.Part``."""

STATES = ("draft", "submitted", "confirmed", "checked", "approved", "issuing", "issued")
"""Life of a batch; the same words as ``registry.rules.approval.BatchState``."""


class Batch(Base):
    """Results of one site that are submitted, checked and approved together."""

    __tablename__ = "batches"
    __table_args__ = (one_of("state", STATES),)

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(14), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    province: Mapped[str] = mapped_column(String(2), index=True)
    """The site's; repeated so that a list can be scoped and sorted by one index."""
    state: Mapped[str] = mapped_column(String(12), index=True)
    version: Mapped[int] = mapped_column(Integer)
    """Grows with every edit and with every return; decisions are bound to one."""
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """Over all that is approved, set on submission; none while it is a draft."""
    awarded: Mapped[date | None]
    """Day of the award (发证日期), set by the approval."""
    opened_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    opened_at: Mapped[At]
    changed_at: Mapped[At]


class Photo(Base):
    """A holder's photograph, as uploaded and checked."""

    __tablename__ = "photos"

    id: Mapped[Key]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    media_type: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[At]


class Result(Base):
    """One candidate's assessment: the facts of ``registry.rules.assessment.Result``, sealed."""

    __tablename__ = "results"
    __table_args__ = (
        Index(
            "ix_results_same_assessment",
            "id_lookup",
            "occupation_id",
            "level",
            "assessed",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index(None, "batch_id", "id"),
        Index(None, "batch_id", "ticket"),
        Index(
            "ix_results_order",
            "batch_id",
            "source_row",
            "id",
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    """Random name of the row; binds the sealed ID number to it before the row has an id."""
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"))
    source_row: Mapped[int] = mapped_column(Integer)
    """Row of the workbook, 1 being the first."""
    name: Mapped[str] = mapped_column(String(80))
    id_kind: Mapped[str] = mapped_column(String(20))
    id_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """ID number under an AEAD that binds the table, ``uid`` and the key's name."""
    id_key: Mapped[str] = mapped_column(String(40))
    id_lookup: Mapped[bytes] = mapped_column(LargeBinary(32))
    """HMAC of normalised kind and number."""
    id_lookup_key: Mapped[str] = mapped_column(String(40))
    last4: Mapped[str] = mapped_column(String(4))
    occupation_id: Mapped[int] = mapped_column(ForeignKey("occupations.id"))
    level: Mapped[str] = mapped_column(ForeignKey("levels.code"))
    work_type: Mapped[str | None] = mapped_column(ForeignKey("work_types.code"))
    assessed: Mapped[date]
    theory: Mapped[Decimal]
    practice: Mapped[Decimal]
    review: Mapped[Decimal | None]
    ticket: Mapped[str | None] = mapped_column(String(20))
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photos.id"), index=True)
    recorded_at: Mapped[At]
    removed_at: Mapped[MaybeAt]
    """Set when a draft's row is taken out; a removed row takes part in nothing."""
    removed_why: Mapped[str | None] = mapped_column(Text)
    """Reason in the words of whoever took it out."""


class Import(Base):
    """One upload of a workbook, and what became of its rows."""

    __tablename__ = "imports"

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    imported_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    imported_at: Mapped[At]
    kept: Mapped[int] = mapped_column(Integer)
    unchanged: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    conflicting: Mapped[int] = mapped_column(Integer)
    problems: Mapped[list[Any]] = mapped_column(JSON)
    """Row, column, code and sentence of each; no personal data."""
    intake_id: Mapped[int | None] = mapped_column(Identifier, index=True)
    """The large workbook that this was one part of, if it was."""


class Conflict(Base):
    """An import said something else than an earlier one; a person settles it."""

    __tablename__ = "conflicts"
    __table_args__ = (
        one_of("settled", ("kept", "taken")),
        CheckConstraint(
            "(settled IS NULL) = (settled_by IS NULL) AND (settled IS NULL) = (settled_at IS NULL)",
            name="settlement",
        ),
        Index(
            "ix_conflicts_open",
            "result_id",
            sqlite_where=text("settled IS NULL"),
            postgresql_where=text("settled IS NULL"),
        ),
    )

    id: Mapped[Key]
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"))
    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"), index=True)
    source_row: Mapped[int] = mapped_column(Integer)
    column: Mapped[str] = mapped_column("column_name", String(20))
    stored: Mapped[str] = mapped_column(Text)
    """In words, as ``registry.rules.assessment.conflicts`` shows it."""
    offered: Mapped[str] = mapped_column(Text)
    value: Mapped[Any] = mapped_column(JSON)
    """The offered value itself, to be taken when somebody decides so."""
    settled: Mapped[str | None] = mapped_column(String(10))
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    settled_at: Mapped[MaybeAt]


class ResultExaminer(Base):
    """An examiner on the team that assessed a part of one result, in the order given."""

    __tablename__ = "result_examiners"
    __table_args__ = (one_of("part", PARTS), Index(None, "examiner_id", "result_id"))

    result_id: Mapped[int] = mapped_column(
        ForeignKey("results.id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[str] = mapped_column(String(10), primary_key=True)
    examiner_id: Mapped[int] = mapped_column(ForeignKey("examiners.id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer)


class Confirmation(Base):
    """An examiner stands by the results of a batch as they were at one digest."""

    __tablename__ = "confirmations"
    __table_args__ = (UniqueConstraint("batch_id", "person_id", "version"),)

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    version: Mapped[int] = mapped_column(Integer)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    confirmed_at: Mapped[At]
