"""Where database and public files stand to each other, and the gate that a recovery opens again.

A database that was restored does not know the last numbers, places and revocations. Until
``hallmark recover`` has brought it forward, nothing is numbered, issued or published from it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.operations import logs
from registry.publish import evidence
from registry.publish.tree import TreeSource
from registry.queries import recovery
from registry.records.log import Publication, Published
from registry.records.recovery import Cause, Recovery
from registry.records.status import StatusList
from registry.work import lost
from registry.work.context import Context, WorkError
from registry.work.lost import Lost
from schemas.errors import FormatError
from verifier.evidence import Evidence

AHEAD = 16
"""Lists beyond the last known one that are looked for."""
_COMPARED: set[tuple[str, str]] = set()
"""Workers of this process and the databases that they have compared; each does so once."""
HOW = "run: hallmark recover (registry/work/README.md, “Backup and recovery”)"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between database and public files, in words for an operator."""

    code: str
    """``recovery_due``, ``database_behind``, ``public_missing``, ``public_older`` or
    ``public_damaged``."""
    blocks: bool
    """Whether nothing may be numbered, issued or published before it is resolved."""
    subject: str
    """Path of the public file, or the recovery."""
    words: str


def compare(context: Context) -> list[Finding]:
    """Compare database and public files; cheap where what is out is what was recorded last."""
    opened = Evidence(TreeSource(context.tree), context.trust)
    with context.reading() as session:
        found = [
            Finding("recovery_due", True, f"recovery:{due.id}", f"{due.why}; {HOW}")
            for due in [recovery.due(session)]
            if due is not None
        ]
        numbers = session.scalars(select(StatusList.number).order_by(StatusList.number)).all()
        for number in numbers:
            found += _of_list(session, context, opened, number)
        last = max(numbers, default=0)
        base = context.config.base
        found += [
            Finding("database_behind", True, f"s/{number}", "the database does not know this list")
            for number in range(last + 1, last + 1 + AHEAD)
            if opened.status_list(f"{base}/s/{number}").value is not None
        ]
    return found


def begin(context: Context) -> list[Finding]:
    """Compare when a worker starts, and act on it; answers the findings.

    A database that is behind closes the gate. Public files that are older than the records, damaged
    or gone are all written anew with the next publication.
    """
    findings = compare(context)
    if any(each.code == "database_behind" for each in findings):
        _close(context, "; ".join(each.words for each in findings if each.blocks)[:500])
    if any(each.code.startswith("public_") for each in findings):
        with context.writing.begin() as session:
            doubt(session)
    return findings


def step(context: Context) -> bool:
    """Compare once, when a worker starts; answers False, for there is nothing more to do.

    Raises:
        WorkError: a recovery is due.
    """
    # A registry that was restored elsewhere is another one, whoever works in it.
    this = (context.worker, context.config.database_url)
    if this in _COMPARED:
        return False
    findings = begin(context)
    _COMPARED.add(this)
    for each in findings:
        logs.tell("compared", 30, subject=each.subject, finding=each.code, words=each.words)
    with context.reading() as session:
        require(session)
    return False


def require(session: Session) -> None:
    """Let work go on only in a registry in which no recovery is due.

    Raises:
        WorkError: one is.
    """
    due = recovery.due(session)
    if due is not None:
        raise WorkError(f"{due.why}; nothing is numbered, issued or published before you {HOW}")


def refuse(context: Context, number: int) -> None:
    """Called when a list would lose something: looks again, and closes the gate if it is so.

    Raises:
        WorkError: always; another worker may just have published, then trying again is enough.
    """
    opened = Evidence(TreeSource(context.tree), context.trust)
    with context.reading() as session:
        found = lost.of_list(session, opened, context.config.base, number)
    if not found:
        raise WorkError(f"s/{number} was published by another worker meanwhile")
    words = _words(found)
    _close(context, words)
    raise WorkError(f"{words}; {HOW}")


def every(session: Session, context: Context) -> list[Lost]:
    """Every list that is public, compared with the database."""
    opened = Evidence(TreeSource(context.tree), context.trust)
    known = session.scalars(select(StatusList.number)).all()
    last = max(known, default=0) + AHEAD
    found = (
        lost.of_list(session, opened, context.config.base, number) for number in range(1, last + 1)
    )
    return [each for each in found if each is not None]


def unread(session: Session, found: Sequence[Lost]) -> list[str]:
    """Public files that were published and are missing, damaged, or not ours."""
    there = {each.number for each in found}
    numbers = session.scalars(select(StatusList.number).order_by(StatusList.number)).all()
    lists = [f"s/{number}" for number in numbers if number not in there]
    tiles = [path for each in found for path in each.unread]
    return [path for path in (*lists, *tiles) if recorded(session, path)]


def doubt(session: Session) -> None:
    """Have everything published anew, whatever the records say is out."""
    session.execute(update(Published).values(published_at=0))


def recorded(session: Session, path: str) -> int:
    """Highest sequence that was recorded for a public file; 0 where there is none."""
    return (
        session.scalars(
            select(func.max(Publication.sequence)).where(Publication.path == path)
        ).one()
        or 0
    )


def _of_list(
    session: Session, context: Context, opened: Evidence, number: int
) -> Iterator[Finding]:
    path = f"s/{number}"
    data, known = context.tree.get(path), recorded(session, path)
    if data is None:
        if known:
            yield Finding("public_missing", False, path, "published, but the file is gone")
        return
    try:
        sequence = evidence.sequence_of(data)
    except FormatError:
        yield Finding("public_damaged", False, path, "damaged; it is written anew")
        return
    if sequence < known:
        yield Finding(
            "public_older", False, path, f"sequence {sequence}, but {known} was published"
        )
        return
    if sequence == known and sha256(data).digest() in _hashes(session, path, known):
        return
    found = lost.of_list(session, opened, context.config.base, number)
    if found is None:
        yield Finding("public_damaged", False, path, "not signed by a status key; written anew")
    elif found:
        yield Finding("database_behind", True, path, _words(found))


def _hashes(session: Session, path: str, sequence: int) -> set[bytes]:
    return set(
        session.scalars(
            select(Publication.sha256).where(
                Publication.path == path, Publication.sequence == sequence
            )
        )
    )


def _words(found: Lost) -> str:
    count = len(found.places) + len(found.waiting) + len(found.clashes) + len(found.changes)
    return (
        f"public/s/{found.number} (sequence {found.public.sequence}) and its tiles say of {count} "
        "certificates what the database does not know: the database was restored from a backup "
        "that is too old"
    )


def _close(context: Context, why: str) -> None:
    """Record that a recovery is due, once."""
    now = context.clock()
    with context.writing.begin() as session:
        audit.hold(session)
        if recovery.due(session) is None:
            session.add(
                Recovery(
                    cause=Cause.BEHIND.value, why=why, backup_at=None, begun_at=now,
                    finished_at=None, margin=None, sequence=None,
                )
            )  # fmt: skip
