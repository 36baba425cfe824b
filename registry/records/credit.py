"""Suspensions and removals of sites and examiners: what eligibility needs of the credit record."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, one_of


class CreditStep(StrEnum):
    """Steps of the ladder that stop work: 暂停 and 清出."""

    SUSPENDED = "suspended"
    REMOVED = "removed"


class Suspension(Base):
    """A site or an examiner is stopped, wholly or for one occupation or level.

    Rows are never changed. Ending one early writes a row that names it in ``replaces_id`` and
    carries the new last day; what was known on an earlier day stays readable.
    """

    __tablename__ = "suspensions"
    __table_args__ = (
        one_of("step", CreditStep),
        CheckConstraint("(site_id IS NULL) <> (examiner_id IS NULL)", name="subject"),
    )

    id: Mapped[Key]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"), index=True)
    examiner_id: Mapped[int | None] = mapped_column(ForeignKey("examiners.id"), index=True)
    step: Mapped[str] = mapped_column(String(12))
    occupation_id: Mapped[int | None] = mapped_column(ForeignKey("occupations.id"))
    """None: all."""
    level: Mapped[str | None] = mapped_column(ForeignKey("levels.code"))
    """None: all."""
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    """Last day, inclusive; none while open."""
    decision: Mapped[str] = mapped_column(String(200))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("suspensions.id"), unique=True)
    recorded_at: Mapped[At]
