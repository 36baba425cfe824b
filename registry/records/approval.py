"""Decisions over a batch, each bound to its version and digest and to a person."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, one_of


class Step(StrEnum):
    """Steps that a person decides."""

    SUBMITTED = "submitted"
    CHECKED = "checked"
    APPROVED = "approved"
    RETURNED = "returned"


class Decision(Base):
    """One step, by one person, over one version of a batch. Never changed."""

    __tablename__ = "decisions"
    __table_args__ = (
        one_of("step", Step),
        Index(None, "batch_id", "version", "step", unique=True),
    )

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    step: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(Integer)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[At]
    reason: Mapped[str | None] = mapped_column(Text)
    checks: Mapped[dict[str, Any]] = mapped_column(JSON, server_default=text("'{}'"))
    """Which of the pre-issue checks were ticked, by code."""
