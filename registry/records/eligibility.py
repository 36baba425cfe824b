"""What the rules decided for each row, stored with its grounds and the policy's version."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, one_of


class Outcome(StrEnum):
    """Granted or refused."""

    GRANTED = "granted"
    REFUSED = "refused"


class Eligibility(Base):
    """The rules' answer for one row at one version of its batch. Never changed."""

    __tablename__ = "eligibilities"
    __table_args__ = (one_of("outcome", Outcome), UniqueConstraint("result_id", "version"))

    id: Mapped[Key]
    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(10))
    kind: Mapped[int | None] = mapped_column(Integer)
    grounds: Mapped[list[Any]] = mapped_column(JSON)
    """Code, sentence and source of each ground, or code, sentence and resolver of each refusal."""
    policy: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[At]
