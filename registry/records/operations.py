"""What the processes tell of themselves: workers that live, and steps that failed."""

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, MaybeAt


class Worker(Base):
    """One worker process, as it last told of itself; removed when it ends in order."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[str] = mapped_column(String(40))
    """Of the program."""
    revision: Mapped[str] = mapped_column(String(32))
    """Of the tables that the program knows."""
    started_at: Mapped[At]
    beat_at: Mapped[At]
    """When it was last seen alive."""
    step: Mapped[str | None] = mapped_column(String(40))
    """What it is doing, and since when; none while it waits for work."""
    step_since: Mapped[MaybeAt]


class Fault(Base):
    """The last trouble of a step, without personal data; one row per step."""

    __tablename__ = "faults"

    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    worker: Mapped[str] = mapped_column(String(80))
    error: Mapped[str] = mapped_column(String(80))
    """Name of the exception's class."""
    why: Mapped[str | None] = mapped_column(Text)
    """Our own sentence; none for an error that is not ours, for it may quote a row."""
    count: Mapped[int] = mapped_column(Integer)
    """Failures since the step last went well."""
    first_at: Mapped[At]
    last_at: Mapped[At]
    recovered_at: Mapped[MaybeAt]
    """When the step went well again."""
