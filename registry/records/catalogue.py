"""Catalogue of occupations, levels and work types, with the source of every fact."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Boolean, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, one_of


class Confidence(StrEnum):
    """How sure the source of a fact is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class CatalogueVersion(Base):
    """One loading of the catalogue data."""

    __tablename__ = "catalogue_versions"

    id: Mapped[Key]
    edition: Mapped[str] = mapped_column(String(120))
    """As certificates print it, e.g. ``中华人民共和国职业分类大典（2022年版）``."""
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 over the data files."""
    loaded_at: Mapped[At]


class Occupation(Base):
    """An occupation (职业), or a special-operation category that has no levels."""

    __tablename__ = "occupations"
    __table_args__ = (one_of("code_confidence", Confidence),)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(40), unique=True)
    """Stable key of the row: its 2022 code, else ``W-`` and its first work type, else its mark."""
    code_2015: Mapped[str | None] = mapped_column(String(20))
    code_2022: Mapped[str | None] = mapped_column(String(20), index=True)
    code_confidence: Mapped[str] = mapped_column(String(10))
    name_zh: Mapped[str] = mapped_column(String(80), index=True)
    name_en: Mapped[str] = mapped_column(String(120))
    field: Mapped[str] = mapped_column(String(40))
    """Group under which the catalogue page lists it."""
    is_special: Mapped[bool] = mapped_column(Boolean)
    """建筑施工特种作业: another credential, never issued here."""
    source: Mapped[str] = mapped_column(Text)
    confidence: Mapped[str] = mapped_column(Text)
    """In the words of the data file; ``code_confidence`` is what rules read."""
    note: Mapped[str] = mapped_column(Text)
    version_id: Mapped[int] = mapped_column(ForeignKey("catalogue_versions.id"))


class OccupationSource(Base):
    """An officer's statement of an occupation's code and where it is printed."""

    __tablename__ = "occupation_sources"

    id: Mapped[Key]
    occupation_id: Mapped[int] = mapped_column(ForeignKey("occupations.id"), index=True)
    code_2022: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(Text)
    entered_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[At]


class Level(Base):
    """A level of the versioned level list; ``1`` to ``5``, 5 lowest."""

    __tablename__ = "levels"

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    """``三级/高级工``."""
    name_en: Mapped[str] = mapped_column(String(60))
    rank: Mapped[int] = mapped_column(Integer)
    """1 lowest; orders levels whatever their code."""


class OccupationLevel(Base):
    """That an occupation has a level."""

    __tablename__ = "occupation_levels"

    occupation_id: Mapped[int] = mapped_column(ForeignKey("occupations.id"), primary_key=True)
    level: Mapped[str] = mapped_column(ForeignKey("levels.code"), primary_key=True)


class WorkType(Base):
    """A three-digit industry code (工种), named as it was read."""

    __tablename__ = "work_types"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text)


class OccupationWorkType(Base):
    """That a work type belongs to an occupation."""

    __tablename__ = "occupation_work_types"

    occupation_id: Mapped[int] = mapped_column(ForeignKey("occupations.id"), primary_key=True)
    work_type: Mapped[str] = mapped_column(ForeignKey("work_types.code"), primary_key=True)


class CatalogueMembership(Base):
    """That an occupation stood in the national catalogue (国家职业资格目录) on some days."""

    __tablename__ = "catalogue_memberships"
    __table_args__ = (UniqueConstraint("occupation_id", "from_on"),)

    id: Mapped[Key]
    occupation_id: Mapped[int] = mapped_column(ForeignKey("occupations.id"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    """Last day, inclusive."""
    source: Mapped[str] = mapped_column(Text)
    confidence: Mapped[str] = mapped_column(Text)
