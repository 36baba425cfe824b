"""Certificates, their forms, counters, and pick-up codes."""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, MaybeAt, one_of


class CertificateState(StrEnum):
    """Life of a row until it is out; what happens afterwards is its status."""

    PREPARED = "prepared"
    ISSUED = "issued"
    HELD = "held"
    VOID = "void"


class CertificateRow(Base):
    """One version of one certificate. Every serial that was ever taken has a row here."""

    __tablename__ = "certificates"
    __table_args__ = (
        one_of("state", CertificateState),
        UniqueConstraint("number", "version"),
        UniqueConstraint("scheme", "period", "organisation", "level", "serial", "version"),
        UniqueConstraint("status_list", "status_index"),
        ForeignKeyConstraint(["status_list"], ["status_lists.number"]),
        Index(None, "state", "id"),
        Index(None, "holder_lookup"),
        Index(None, "holder_name", "province", "id"),
        Index(None, "last4", "province", "id"),
        # A result has one certificate in each version, whatever two workers think.
        Index(None, "result_id", "version", unique=True),
        Index(None, "batch_id", "result_id"),
        Index(
            "ix_certificates_prepared",
            "batch_id",
            sqlite_where=text("state = 'prepared'"),
            postgresql_where=text("state = 'prepared'"),
        ),
        Index(
            "ix_certificates_unreleased",
            "id",
            sqlite_where=text("state = 'issued' AND released_at IS NULL"),
            postgresql_where=text("state = 'issued' AND released_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"))
    eligibility_id: Mapped[int] = mapped_column(ForeignKey("eligibilities.id"))
    number: Mapped[str] = mapped_column(
        String(40).with_variant(String(40, collation="C"), "postgresql")
    )
    """Compared byte by byte on both databases, so that its beginning is a range of an index."""
    version: Mapped[int] = mapped_column(Integer)
    scheme: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(8))
    organisation: Mapped[str] = mapped_column(String(40))
    """Part of the number that stands for who awarded it, as the scheme counts."""
    level: Mapped[str] = mapped_column(ForeignKey("levels.code"))
    serial: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it is held or void."""
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    """Random, unlike the uuid: opens the certificate's page."""
    status_list: Mapped[int] = mapped_column(Integer)
    status_index: Mapped[int] = mapped_column(Integer)
    kind: Mapped[int] = mapped_column(Integer)
    issuer: Mapped[str] = mapped_column(String(64))
    key_name: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[At]
    policy: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(Text)
    """The exact value that is signed, as ``schemas.value`` writes it."""
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    occupation_id: Mapped[int] = mapped_column(ForeignKey("occupations.id"))
    province: Mapped[str] = mapped_column(String(2))
    holder_name: Mapped[str] = mapped_column(String(80))
    holder_lookup: Mapped[bytes] = mapped_column(LargeBinary(32))
    holder_lookup_key: Mapped[str] = mapped_column(String(40))
    last4: Mapped[str] = mapped_column(String(4))
    id_kind: Mapped[str | None] = mapped_column(String(20))
    """Kind of ID document where a correction has changed it; else it is that of the result."""
    assessed: Mapped[date]
    awarded: Mapped[date]
    valid_until: Mapped[date | None]
    """Last valid day, inclusive, where its kind has one."""
    prepared_at: Mapped[At]
    issued_at: Mapped[MaybeAt]
    released_at: Mapped[MaybeAt]
    """Since when its public files are out; nothing is handed over before."""


class Form(Base):
    """The signed bytes of a certificate, and the two hashes that name it in public."""

    __tablename__ = "forms"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    cose: Mapped[bytes] = mapped_column(LargeBinary)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    """Secured JSON, UTF-8."""
    cose_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    jcs_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """SHA-256 of the canonical unsecured document."""


class Counter(Base):
    """Last value handed out under a name."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class PickupCode(Base):
    """A code on a hand-out slip; with the last four it opens the certificates of one result."""

    __tablename__ = "pickup_codes"

    id: Mapped[Key]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"), index=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    made_at: Mapped[At]
    expires_at: Mapped[At]
    ended_at: Mapped[MaybeAt]
    """Set when a newer code replaces it."""
    failures: Mapped[int] = mapped_column(Integer)
