"""National centre, provincial departments, implementing bodies, and their sites."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Key, MaybeAt, one_of


class BodyRole(StrEnum):
    """What a body is in the notice of 2019."""

    CENTRE = "centre"
    DEPARTMENT = "department"
    IMPLEMENTING = "implementing"


class HostKind(StrEnum):
    """Who hosts a site: 大型企业, 职业院校, 培训机构."""

    ENTERPRISE = "enterprise"
    COLLEGE = "college"
    TRAINING = "training"


class Body(Base):
    """An organisation that awards, designates or supervises."""

    __tablename__ = "bodies"
    __table_args__ = (one_of("role", BodyRole),)

    id: Mapped[Key]
    role: Mapped[str] = mapped_column(String(20))
    issuer: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Opaque issuer id, never re-derived; none for a body that signs nothing."""
    key_name: Mapped[str | None] = mapped_column(String(64))
    """Name of the issuer key that signs today; the key itself is in custody, not here."""
    letter: Mapped[str | None] = mapped_column(String(1))
    """``Y`` employer or ``S`` social body, as its filing says."""
    code: Mapped[str | None] = mapped_column(String(4))
    """Four digits of its filing, ``0000`` when filed with a province."""
    province: Mapped[str | None] = mapped_column(String(2), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    url: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    appeal_body_zh: Mapped[str | None] = mapped_column(String(120))
    """Who hears an appeal against its decisions, as status notes print it."""
    recorded_at: Mapped[At]


class BodyName(Base):
    """A body's name while it was in force."""

    __tablename__ = "body_names"

    id: Mapped[Key]
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"), index=True)
    zh: Mapped[str] = mapped_column(String(120))
    en: Mapped[str] = mapped_column(String(200))
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class Designation(Base):
    """委派: a department names the implementing body of its province, from a day on."""

    __tablename__ = "designations"

    id: Mapped[Key]
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"))
    province: Mapped[str] = mapped_column(String(2))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(300))
    recorded_at: Mapped[At]


class PolicyRow(Base):
    """A row that this office adds to a table of the published policy."""

    __tablename__ = "policy_rows"

    id: Mapped[Key]
    table: Mapped[str] = mapped_column("policy_table", String(40))
    row: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Columns of the row with ``source`` and ``confidence``; dates as ISO text."""
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[At]


class Site(Base):
    """An assessment site (鉴定站点)."""

    __tablename__ = "sites"
    __table_args__ = (one_of("host_kind", HostKind),)

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(8), unique=True)
    """Eight digits: province or industry 2, city 2, organisation type 1, serial 3."""
    serial: Mapped[str | None] = mapped_column(String(6))
    """Six digits set by the province, for the 22-character scheme; none until it is set."""
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"), index=True)
    province: Mapped[str] = mapped_column(String(2), index=True)
    """Two digits of GB/T 2260."""
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(200))
    host_kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(String(40))
    recorded_at: Mapped[At]
    closed_at: Mapped[MaybeAt]
