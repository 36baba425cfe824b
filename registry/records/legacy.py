"""Existing certificates (存量证书): issued by others before this registry, registered unsigned."""

from datetime import date
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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, MaybeAt, one_of

SOURCES = ("archive", "system", "list", "other")
"""Where rows were taken from; the same words as ``registry.rules.legacy.Source``."""

KINDS = ("qualification", "level", "training", "post", "special", "other")
"""Sorts of paper; the same words as ``registry.rules.legacy.LegacyKind``."""

RECORDED = ("in_force", "expired", "cancelled", "revoked", "withdrawn", "unknown")
"""State as the source gives it; the same words as ``registry.rules.legacy.Recorded``."""

REQUESTS = ("waiting", "checked", "approved", "refused", "withdrawn")
"""Life of a holder's request; the same words as ``registry.rules.legacy_requests.RequestState``."""


class LegacyImport(Base):
    """One upload of existing certificates, confirmed or discarded by another officer."""

    __tablename__ = "legacy_imports"
    __table_args__ = (
        one_of("state", ("waiting", "confirmed", "discarded")),
        one_of("source_kind", SOURCES),
        CheckConstraint("decided_by IS NULL OR decided_by <> imported_by", name="four_eyes"),
    )

    id: Mapped[Key]
    province: Mapped[str] = mapped_column(String(2), index=True)
    source_kind: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(200))
    """Name of the archive, system or list that the rows were taken from."""
    reference: Mapped[str] = mapped_column(String(200))
    """Document that hands the list over, or where it is kept."""
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    imported_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    imported_at: Mapped[At]
    kept: Mapped[int] = mapped_column(Integer)
    unchanged: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    conflicting: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[MaybeAt]
    why: Mapped[str | None] = mapped_column(Text)
    """Why it was discarded."""


class LegacyEntry(Base):
    """One certificate that somebody else issued. It is public once its import is confirmed."""

    __tablename__ = "legacy_entries"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("recorded", RECORDED),
        Index(
            "ix_legacy_entries_same_certificate",
            "province",
            "kind",
            "number_key",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index(None, "number_key"),
        Index(None, "id_lookup"),
        Index(None, "province", "id"),
        Index(None, "name", "last4"),
    )

    id: Mapped[Key]
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    """Random name of the row; binds the sealed ID number to it."""
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    """Random: opens the entry's public page."""
    import_id: Mapped[int] = mapped_column(ForeignKey("legacy_imports.id"), index=True)
    source_row: Mapped[int] = mapped_column(Integer)
    province: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(60))
    """As printed on the paper."""
    number_key: Mapped[str] = mapped_column(String(60))
    """The number in the form that look-ups compare."""
    name: Mapped[str] = mapped_column(String(80))
    id_kind: Mapped[str] = mapped_column(String(20))
    id_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    id_key: Mapped[str] = mapped_column(String(40))
    id_lookup: Mapped[bytes] = mapped_column(LargeBinary(32))
    id_lookup_key: Mapped[str] = mapped_column(String(40))
    last4: Mapped[str] = mapped_column(String(4))
    occupation: Mapped[str] = mapped_column(String(120))
    """As the paper words it."""
    occupation_id: Mapped[int | None] = mapped_column(ForeignKey("occupations.id"))
    """The catalogue's occupation, where an officer has mapped it."""
    level: Mapped[str | None] = mapped_column(String(60))
    """As the paper words it; posts have none."""
    issuer: Mapped[str] = mapped_column(String(160))
    """Issuing body as the paper words it."""
    issued: Mapped[date]
    expires: Mapped[date | None]
    """Last valid day as printed, where there is one."""
    recorded: Mapped[str] = mapped_column(String(12))
    """State as the source gives it: a record, never a verdict of this registry."""
    reference: Mapped[str | None] = mapped_column(String(200))
    """Where this very paper is kept: file, box, page."""
    recorded_at: Mapped[At]
    confirmed_at: Mapped[MaybeAt]
    """Since when it is public."""
    removed_at: Mapped[MaybeAt]


class LegacyChange(Base):
    """A correction, removal or restoration that one officer proposes and another decides."""

    __tablename__ = "legacy_changes"
    __table_args__ = (
        one_of("kind", ("correct", "remove", "restore")),
        one_of("decided", ("confirmed", "rejected")),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="four_eyes"),
        Index(
            "ix_legacy_changes_open",
            "entry_id",
            unique=True,
            sqlite_where=text("decided IS NULL"),
            postgresql_where=text("decided IS NULL"),
        ),
    )

    id: Mapped[Key]
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("legacy_entries.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    values: Mapped[dict[str, Any]] = mapped_column("changed", JSON)
    """Column -> what stood and what is proposed, as plain values; never an ID number."""
    id_kind: Mapped[str | None] = mapped_column(String(20))
    id_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The proposed ID number, sealed for this row."""
    id_key: Mapped[str | None] = mapped_column(String(40))
    why: Mapped[str] = mapped_column(Text)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("legacy_imports.id"))
    """The upload that differed, where the proposal came from one."""
    proposed_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    proposed_at: Mapped[At]
    decided: Mapped[str | None] = mapped_column(String(10))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[MaybeAt]


class LegacyHistory(Base):
    """What happened to an entry. Never changed."""

    __tablename__ = "legacy_history"

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(ForeignKey("legacy_entries.id"), index=True)
    at: Mapped[At]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    """None where the holder or the registry itself acted."""
    what: Mapped[str] = mapped_column(String(20))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class LegacyImage(Base):
    """A scan of the paper, sealed under the keys over personal data; only officers open it."""

    __tablename__ = "legacy_images"
    __table_args__ = (Index(None, "entry_id", "sha256", unique=True),)

    id: Mapped[Key]
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("legacy_entries.id"))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Of the picture before it was sealed."""
    media_type: Mapped[str] = mapped_column(String(20))
    size: Mapped[int] = mapped_column(Integer)
    """Bytes before sealing."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_name: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(200))
    attached_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    attached_at: Mapped[At]
    removed_at: Mapped[MaybeAt]


class LegacyRequest(Base):
    """A holder asks for a signed version; one officer checks, another approves."""

    __tablename__ = "legacy_requests"
    __table_args__ = (
        one_of("state", REQUESTS),
        CheckConstraint(
            "state <> 'approved' OR (decided_by <> checked_by AND result_id IS NOT NULL)",
            name="four_eyes",
        ),
        Index(
            "ix_legacy_requests_open",
            "entry_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'checked')"),
            postgresql_where=text("state IN ('waiting', 'checked')"),
        ),
        Index(None, "state", "id"),
    )

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(ForeignKey("legacy_entries.id"), index=True)
    receipt_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """Keyed hash of the receipt number that only the holder has."""
    failures: Mapped[int] = mapped_column(Integer)
    """Wrong last fours given with the receipt number."""
    made_at: Mapped[At]
    state: Mapped[str] = mapped_column(String(10))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What the archive says of the assessment, as the checking officer took it down."""
    checks: Mapped[list[Any] | None] = mapped_column(JSON)
    """Codes of what was ticked."""
    basis: Mapped[str | None] = mapped_column(Text)
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    checked_account: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    checked_at: Mapped[MaybeAt]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[MaybeAt]
    why: Mapped[str | None] = mapped_column(Text)
    """Why it was refused."""
    result_id: Mapped[int | None] = mapped_column(ForeignKey("results.id"), unique=True)
    """The result that the approval was turned into, and so the signed certificate."""
