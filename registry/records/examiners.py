"""Examiners (考评员): card, grade, scope, and whom they must not assess."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, one_of


class ExaminerGrade(StrEnum):
    """考评员 or 高级考评员."""

    EXAMINER = "examiner"
    SENIOR = "senior"


class RelationKind(StrEnum):
    """Why an examiner must not assess a candidate (回避)."""

    KIN = "kin"
    STUDENT = "student"
    APPRENTICE = "apprentice"
    COLLEAGUE = "colleague"


class Examiner(Base):
    """A person's examiner's card."""

    __tablename__ = "examiners"
    __table_args__ = (one_of("grade", ExaminerGrade),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    card: Mapped[str] = mapped_column(String(20), unique=True)
    grade: Mapped[str] = mapped_column(String(12))
    province: Mapped[str] = mapped_column(String(2), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    """Last day of the card, inclusive."""
    recorded_at: Mapped[At]


class ExaminerScope(Base):
    """What an examiner may assess, from and until a day."""

    __tablename__ = "examiner_scopes"
    __table_args__ = (Index(None, "examiner_id", "occupation_id", "level"),)

    id: Mapped[Key]
    examiner_id: Mapped[int] = mapped_column(ForeignKey("examiners.id"))
    occupation_id: Mapped[int] = mapped_column(ForeignKey("occupations.id"))
    level: Mapped[str] = mapped_column(ForeignKey("levels.code"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    recorded_at: Mapped[At]


class Relation(Base):
    """A declared relation between an examiner and a person, known by the HMAC of the ID number."""

    __tablename__ = "relations"
    __table_args__ = (one_of("kind", RelationKind), Index(None, "examiner_id", "id_lookup"))

    id: Mapped[Key]
    examiner_id: Mapped[int] = mapped_column(ForeignKey("examiners.id"))
    id_lookup: Mapped[bytes] = mapped_column(LargeBinary(32))
    id_lookup_key: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    recorded_at: Mapped[At]
