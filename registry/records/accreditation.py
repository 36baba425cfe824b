"""What a site or a body may do: accreditations and filings, immutable, with validity intervals."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key


class Accreditation(Base):
    """A site may assess an occupation at a level, from and until a day."""

    __tablename__ = "accreditations"
    __table_args__ = (Index(None, "site_id", "occupation_id", "level"),)

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    occupation_id: Mapped[int] = mapped_column(ForeignKey("occupations.id"))
    level: Mapped[str] = mapped_column(ForeignKey("levels.code"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    decision: Mapped[str] = mapped_column(String(200))
    """Number of the decision document."""
    recorded_at: Mapped[At]


class Filing(Base):
    """备案: a body is filed for an occupation at a level, from and until a day."""

    __tablename__ = "filings"
    __table_args__ = (Index(None, "body_id", "occupation_id", "level"),)

    id: Mapped[Key]
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"))
    occupation_id: Mapped[int] = mapped_column(ForeignKey("occupations.id"))
    level: Mapped[str] = mapped_column(ForeignKey("levels.code"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(300))
    recorded_at: Mapped[At]
