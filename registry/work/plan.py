"""What has to be published: which lists and tiles have changed, and which grow old.

Asked twice a second by every worker, so nothing here grows with the registry: unreleased rows have
an index of their own, of which one round takes so many, and what is out is one row per path.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import exists, func, literal, select, update
from sqlalchemy.orm import Session

from registry.publish import evidence
from registry.queries import recovery
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow, CertificateState, Counter
from registry.records.log import Published
from registry.records.status import StatusChange, StatusList
from registry.rules.approval import BatchState
from registry.work.context import Context, WorkError
from schemas import tile, trust
from schemas.errors import FormatError

SEEN = "published_changes"
"""Counter: the last status change whose files are out."""
TRUSTED = "published_trust"
"""Counter: the trust list under which everything that is out was signed."""
REFRESH = 3600
"""Seconds after which an unchanged list is signed anew, so that 状态截至 never looks old."""
MOST = 20_000
"""Certificates that one round hands over; the next round takes the next ones."""
PACE = 15
"""Seconds between rounds while a batch is being issued: its certificates lie all over a list, so
that every round writes every tile. Changes of status never wait."""

_ISSUED = literal(CertificateState.ISSUED.value, literal_execute=True)
"""Written into the statement: a partial index is used only where its condition can be read."""


@dataclass(slots=True)
class Plan:
    """What one list needs published."""

    number: int
    """Of the list."""
    size: int
    sequence: int
    released: list[int] = field(default_factory=list)
    """Issued certificates that may be handed over once the files are out."""
    tiles: set[int] = field(default_factory=set)


def changes(session: Session, context: Context) -> tuple[int, int]:
    """Last status change that is out in files that count, and the last there is."""
    seen = session.scalars(select(Counter.value).where(Counter.name == SEEN)).one_or_none()
    last = session.scalars(select(func.max(StatusChange.id))).one()
    # A note that a stolen key has signed counts no more, so all of them are written anew.
    return 0 if is_distrusted(session, context) else seen or 0, last or 0


def is_distrusted(session: Session, context: Context) -> bool:
    """Whether a status key has been closed as stolen since everything that is out was signed."""
    found = session.scalars(select(Counter.value).where(Counter.name == TRUSTED)).one_or_none()
    signed_under = context.trust.version if found is None else found
    if signed_under >= context.trust.version:
        return False
    return bool(_stolen(context, context.trust.version) - _stolen(context, signed_under))


def trusted(session: Session, context: Context) -> None:
    """Record under which trust list everything that is out now was signed."""
    version = context.trust.version
    moved = session.execute(
        update(Counter).where(Counter.name == TRUSTED).values(value=version).returning(Counter.name)
    ).one_or_none()
    if moved is None:
        session.add(Counter(name=TRUSTED, value=version))


def _stolen(context: Context, version: int) -> set[str]:
    text = context.trust.texts.get(version)
    keys = () if text is None else trust.parse(text).keys_in("status")
    return {key.name for key in keys if key.closed is not None and key.closed.why == "stolen"}


def plans(session: Session, context: Context, now: int, seen: int, last: int) -> dict[int, Plan]:
    """Lists that have to be published now, in order.

    Raises:
        WorkError: a public file is damaged, and nothing tells its sequence.
    """
    sizes = {
        row.number: row.size for row in session.execute(select(StatusList.number, StatusList.size))
    }
    out = {
        row.path: (row.sequence, row.published_at)
        for row in session.execute(
            select(Published.path, Published.sequence, Published.published_at).where(
                Published.path.in_([f"s/{number}" for number in sizes])
            )
        )
    }
    is_old = is_distrusted(session, context)
    if is_old:
        out = {path: (sequence, 0) for path, (sequence, _) in out.items()}
    if least := recovery.least_sequence(session):
        # A list that is new after a recovery begins above whatever a verifier may have seen.
        out = {f"s/{number}": (least, 0) for number in sizes} | out
    due = _due(session, context, sizes, out, now, is_old=is_old)
    changed = _changed(session, seen, last)
    unreleased = _unreleased(session)
    if unreleased and not changed and not due and _may_wait(session, unreleased, out, now):
        return {}
    return {
        number: Plan(
            number=number,
            size=sizes[number],
            sequence=_next(context, f"s/{number}", out),
            released=[each for each, _ in unreleased[number]],
            tiles={index // tile.ENTRIES for _, index in unreleased[number]}
            | due.get(number, set()),
        )
        for number in sorted(set(due) | changed | set(unreleased))
    }


def _changed(session: Session, seen: int, last: int) -> set[int]:
    if seen == last:
        return set()
    return set(
        session.scalars(
            select(CertificateRow.status_list)
            .distinct()
            .join(StatusChange, StatusChange.certificate_id == CertificateRow.id)
            .where(StatusChange.id > seen, StatusChange.id <= last)
        )
    )


def _unreleased(session: Session) -> defaultdict[int, list[tuple[int, int]]]:
    """Issued certificates that nobody may have yet, by list: record id and place."""
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in session.execute(
        select(CertificateRow.id, CertificateRow.status_list, CertificateRow.status_index)
        .where(CertificateRow.state == _ISSUED, CertificateRow.released_at.is_(None))
        .order_by(CertificateRow.id)
        .limit(MOST)
    ):
        found[row.status_list].append((row.id, row.status_index))
    return found


def _may_wait(
    session: Session,
    unreleased: defaultdict[int, list[tuple[int, int]]],
    out: dict[str, tuple[int, int]],
    now: int,
) -> bool:
    """Whether more is just being issued, and the last round was a moment ago."""
    newest = max(out.get(f"s/{number}", (0, 0))[1] for number in unreleased)
    # A clock that was set back makes nobody wait.
    if not newest <= now < newest + PACE:
        return False
    is_prepared = exists().where(CertificateRow.state == CertificateState.PREPARED)
    is_issuing = exists().where(Batch.state == BatchState.ISSUING)
    return bool(session.scalar(select(is_prepared | is_issuing)))


def _due(
    session: Session,
    context: Context,
    sizes: dict[int, int],
    out: dict[str, tuple[int, int]],
    now: int,
    *,
    is_old: bool,
) -> dict[int, set[int]]:
    """Lists older than :data:`REFRESH`, with those of their tiles that reach half their age.

    Tiles are looked at when their list is due: asking for all of them twice a second would cost
    more with every list.
    """
    half = context.trust.list.freshness.status // 2
    due: dict[int, set[int]] = {}
    there = context.tree.list("s/")
    for number, size in sizes.items():
        path = f"s/{number}"
        every = set(range(size // tile.ENTRIES))
        if path not in there:
            # Somebody emptied the folder, whatever the records say.
            due[number] = every
        elif out.get(path, (0, 0))[1] <= now - min(REFRESH, half // 2):
            due[number] = every if is_old else every - _fresh(session, number, every, now - half)
    return due


def _fresh(session: Session, number: int, every: set[int], since: int) -> set[int]:
    """Tiles of a list that were written after an instant."""
    paths = {f"i/{number}/{at}": at for at in every}
    found = session.scalars(
        select(Published.path).where(Published.path.in_(paths), Published.published_at > since)
    )
    return {paths[path] for path in found}


def _next(context: Context, path: str, out: dict[str, tuple[int, int]]) -> int:
    recorded = out[path][0] if path in out else None
    try:
        on_disk = evidence.sequence_of(context.tree.get(path))
    except FormatError:
        # A damaged file is written anew, as long as the records say what it had reached.
        if recorded is None:
            raise WorkError(f"public/{path} is damaged, and nothing tells its sequence") from None
        on_disk = 0
    return max(recorded or 0, on_disk) + 1
