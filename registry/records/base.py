"""What every table shares: the declarative base, naming of constraints, and column types.

Instants are integer UTC seconds, civil dates are :class:`datetime.date` in Asia/Shanghai, marks are
:class:`decimal.Decimal` with at most two places. Identifiers are 64-bit on PostgreSQL and the
rowid on SQLite, so both databases hand out the same kind of number.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Date, Dialect, Integer, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, because SQLite can change one only by rebuilding its table."""

_LATEST = 253_402_300_799
"""9999-12-31T23:59:59Z; anything later is milliseconds taken for seconds."""

Identifier = BigInteger().with_variant(Integer(), "sqlite")
"""Type of surrogate keys and of what refers to them."""


class Instant(TypeDecorator[int]):
    """A UTC instant in whole seconds since 1970; anything else is refused, never rounded."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Refuse what is not a plain integer of seconds."""
        if value is None:
            return None
        if type(value) is not int or not 0 <= value <= _LATEST:
            raise TypeError(f"an instant is an integer of UTC seconds, not {value!r}")
        return value


class CivilDate(TypeDecorator[date]):
    """A civil date in Asia/Shanghai; a date with a time of day is refused."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> date | None:
        """Refuse a datetime, which is a date by inheritance only."""
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            raise TypeError(f"a civil date has no time of day: {value!r}")
        return value


class Mark(TypeDecorator[Decimal]):
    """A mark with at most two decimals, kept as an integer of hundredths."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Hundredths; a third decimal is refused rather than rounded."""
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"a mark is a finite Decimal, not {value!r}")
        hundredths = value * 100
        if hundredths != hundredths.to_integral_value():
            raise ValueError(f"a mark has at most two decimals: {value}")
        return int(hundredths)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Back from hundredths."""
        return None if value is None else Decimal(value).scaleb(-2)


class Base(DeclarativeBase):
    """Base of all mapped tables. No relationships: what a page shows, a query selects."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, TypeEngine[Any]]] = {
        date: CivilDate(),
        Decimal: Mark(),
    }


def table(mapped: type[Base]) -> Table:
    """Table of a mapped class, for inserts of many rows: the mapper would double their cost."""
    found = mapped.__table__
    if not isinstance(found, Table):
        raise TypeError(f"{mapped.__name__} is not mapped to one table")
    return found


Key = Annotated[int, mapped_column(Identifier, primary_key=True)]
"""Surrogate primary key."""

At = Annotated[int, mapped_column(Instant())]
"""Instant that must be there."""

MaybeAt = Annotated[int | None, mapped_column(Instant())]
"""Instant that may be absent."""


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Constraint that ``column`` holds one of ``values`` (or NULL where that is allowed)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
