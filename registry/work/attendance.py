"""A worker tells that it lives, what it does and what went wrong, and stops over foreign tables.

It tells in the database, so that ``hallmark status`` sees the workers of every machine; in log
lines; and in counts. Nothing of that may end the work: what cannot be told is told later.
"""

import functools
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from types import TracebackType

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from keys.errors import SealedFileError
from registry.operations import acted, logs, tally
from registry.records import revision
from registry.records.errors import RevisionError
from registry.records.operations import Fault, Worker
from registry.work.context import Context, WorkError

BEAT = 10.0
"""Seconds between two signs of life."""
FORGOTTEN = 7 * 86_400
"""Seconds after which a worker that died without a word is no longer listed."""
OURS = (WorkError, RevisionError, SealedFileError, OSError)
"""Their sentences are our own or the system's and quote no row."""

Step = Callable[[Context], bool]


class Attendance:
    """One worker's presence: ``with Attendance(context) as present``, around everything it does."""

    def __init__(self, context: Context) -> None:
        self._context = context
        acted.follow(context.writing)
        self._doing: tuple[str, int] | None = None
        self._failing: frozenset[str] = frozenset()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="attendance", daemon=True)

    def __enter__(self) -> "Attendance":
        """Check the tables and sign in.

        Raises:
            RevisionError: they are not this program's; nothing was touched.
        """
        with self._context.reading() as session:
            revision.check(session)
        with self._context.writing.begin() as session:
            self._sign_in(session)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """Sign out, as far as the database can be told."""
        self._ended.set()
        self._thread.join(timeout=30)
        try:
            with self._context.writing.begin() as session:
                session.execute(delete(Worker).where(Worker.name == self._context.worker))
        except (SQLAlchemyError, RevisionError) as failed:
            logs.tell("attendance", 30, error=type(failed).__name__)

    def watched(self, step: Step) -> Step:
        """The step with its tables checked before it, timed, counted and logged.

        Raises (when it is called):
            RevisionError: the database was migrated since; this program has to end.
        """
        name = name_of(step)

        @functools.wraps(step)
        def run(context: Context) -> bool:
            with context.reading() as session:
                revision.check(session)
            self._doing = (name, context.clock())
            start = time.perf_counter()
            try:
                did = step(context)
            finally:
                self._doing = None
            if did:
                seconds = time.perf_counter() - start
                tally.STEPS.add(name, "did")
                tally.STEP_SECONDS.add(seconds, name)
                logs.tell("step", step=name, ms=round(seconds * 1000))
            if name in self._failing:
                self._recovered(name)
            return did

        return run

    def failed(self, name: str, error: Exception) -> None:
        """Note a step's trouble for whoever looks.

        Raises:
            RevisionError: that was the trouble; going on would do damage.
        """
        tally.STEPS.add(name, "failed")
        why = str(error) if isinstance(error, OURS) else None
        logs.tell("step_failed", 40, step=name, why=why, **logs.told(error))
        if isinstance(error, RevisionError):
            raise error
        try:
            with self._context.writing.begin() as session:
                self._note(session, name, type(error).__name__, why)
            self._failing |= {name}
        except (SQLAlchemyError, RevisionError) as failed:
            logs.tell("attendance", 30, error=type(failed).__name__)

    def beat(self) -> None:
        """Give one sign of life."""
        doing = self._doing or (None, None)
        with self._context.writing.begin() as session:
            found = session.execute(
                update(Worker)
                .where(Worker.name == self._context.worker)
                .values(beat_at=self._context.clock(), step=doing[0], step_since=doing[1])
                .returning(Worker.name)
            ).one_or_none()
            if found is None:
                self._sign_in(session)
            self._failing = frozenset(
                session.scalars(select(Fault.step).where(Fault.recovered_at.is_(None)))
            )

    def _run(self) -> None:
        while not self._ended.wait(BEAT):
            try:
                self.beat()
            except (SQLAlchemyError, RevisionError) as error:
                logs.tell("attendance", 30, error=type(error).__name__)

    def _sign_in(self, session: Session) -> None:
        now = self._context.clock()
        session.execute(delete(Worker).where(Worker.beat_at < now - FORGOTTEN))
        session.add(
            Worker(
                name=self._context.worker, version=version("hallmark-registry"),
                revision=revision.head(), started_at=now, beat_at=now, step=None, step_since=None,
            )
        )  # fmt: skip
        self._failing = frozenset(
            session.scalars(select(Fault.step).where(Fault.recovered_at.is_(None)))
        )

    def _note(self, session: Session, name: str, error: str, why: str | None) -> None:
        now = self._context.clock()
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        insert = sqlite_insert if is_sqlite else postgresql_insert
        session.execute(
            insert(Fault)
            .values(step=name, worker="", error="", count=0, first_at=now, last_at=now,
                    recovered_at=now)
            .on_conflict_do_nothing()
        )  # fmt: skip
        # A new trouble counts anew; one that lasts keeps the time at which it began.
        session.execute(
            update(Fault)
            .where(Fault.step == name, Fault.recovered_at.is_not(None))
            .values(count=0, first_at=now, recovered_at=None)
        )
        session.execute(
            update(Fault)
            .where(Fault.step == name)
            .values(worker=self._context.worker, error=error, why=why, last_at=now,
                    count=Fault.count + 1)
        )  # fmt: skip

    def _recovered(self, name: str) -> None:
        try:
            with self._context.writing.begin() as session:
                session.execute(
                    update(Fault)
                    .where(Fault.step == name, Fault.recovered_at.is_(None))
                    .values(recovered_at=self._context.clock())
                )
            self._failing -= {name}
            logs.tell("step_recovered", step=name)
        except (SQLAlchemyError, RevisionError) as failed:
            logs.tell("attendance", 30, error=type(failed).__name__)


def name_of(step: Step) -> str:
    """A step is named after its module."""
    return step.__module__.rpartition(".")[2]
