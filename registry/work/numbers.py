"""How far numbers and places of a restored registry have to jump, and the jump."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import counters, recovery
from registry.queries.policy import policy
from registry.records.certificates import Counter
from registry.records.recovery import Recovery
from registry.records.status import StatusList
from registry.rules import numbering, permutation
from registry.rules.numbering import SerialScope
from registry.work.context import Context, WorkError
from registry.work.lost import Lost
from registry.work.watermark import BATCHES, NUMBERS, Watermark
from schemas import dates


@dataclass(frozen=True, slots=True)
class Skipped:
    """Serials of one scope that were given up."""

    scope: SerialScope
    last: int
    count: int


def covers(watermark: Watermark | None, found: list[Lost]) -> bool:
    """Whether the watermark is at least as new as every public list."""
    return watermark is not None and all(
        each.public.sequence <= watermark.sequences.get(each.number, 0) for each in found
    )


def margin(
    watermark: Watermark | None,
    asked: int | None,
    found: list[Lost],
    spent: int,
    *,
    is_old: bool,
    chunk: int,
) -> int:
    """How many serials to skip in a scope whose last number nothing tells.

    Each number that was handed out took a place, numbers and places are taken in the same order,
    and a transaction takes at most ``chunk`` of them. So where the public files are complete no
    scope can have come further than all places since the backup and one more chunk.

    Raises:
        WorkError: the public files are not complete and nobody said how many, or too few.
    """
    if is_old and asked is None:
        raise WorkError(
            "the public files are missing, damaged or older than the backup, so nothing tells what "
            "was issued after it: put the newest copy into public/ (from the storage, the CDN or "
            "another server) and recover again; if there is none, say with --margin N how many "
            "certificates at most were issued since the backup was taken"
        )
    if covers(watermark, found) and not is_old:
        return 0
    least = spent + chunk if spent else 0
    if asked is not None and asked < least:
        raise WorkError(
            f"--margin {asked} is too little: {spent} places were taken since the backup, "
            f"so at least {least} numbers have to be skipped where nothing tells the last one"
        )
    return least if asked is None else asked


def spend_places(
    session: Session,
    context: Context,
    known: Mapping[int, StatusList],
    found: list[Lost],
    watermark: Watermark | None,
    now: int,
) -> int:
    """Let every list go on behind its last public place; answers how many places that spends.

    A list that the database does not know is full from now on, unless the watermark has the key
    that scatters its places.
    """
    told = {} if watermark is None else watermark.lists
    public = {each.number: each for each in found}
    spent = 0
    for number in sorted({*public, *told}):
        each, row = public.get(number), known.get(number)
        if row is not None:
            highest = max(_highest(row, each), told[number][1] if number in told else 0)
            spent += max(0, highest - row.taken)
            row.taken = max(row.taken, highest)
            continue
        whole = each.public.size if each is not None else 0
        size, taken, key, opened = told.get(number, (whole, whole, context.random(32), now))
        spent += taken if number in told else len(each.places) if each is not None else 0
        session.add(
            StatusList(number=number, size=size, taken=taken, permutation_key=key, opened_at=opened)
        )
    session.flush()
    return spent


def leave_room(session: Session, margin: int) -> None:
    """Skip places as well, where the operator's margin is all there is to go by."""
    newest = session.scalars(
        select(StatusList).order_by(StatusList.number.desc()).limit(1)
    ).one_or_none()
    if newest is not None:
        newest.taken = min(newest.size, newest.taken + margin)


def skip(
    session: Session,
    due: Recovery,
    watermark: Watermark | None,
    margin: int,
    last: tuple[str, ...],
    now: int,
) -> list[Skipped]:
    """Move every counter past what may have been handed out; the serials get a void row.

    Raises:
        WorkError: a last number is of no scheme, or lies before one that the database knows.
    """
    known = {row.name: row.value for row in session.execute(select(Counter.name, Counter.value))}
    told = {} if watermark is None else watermark.counters
    said = dict(_scope_of(session, number) for number in last)
    skipped = []
    for name in sorted(name for name in {*known, *told, *said} if name.startswith(NUMBERS)):
        scope, reached = _scope(name), known.get(name, 0)
        target = max(reached, told.get(name, 0))
        if name in said:
            target = said[name]
        elif margin and not _is_over(scope, due):
            target = max(target, reached + margin)
        if target == reached:
            continue
        try:
            count = recovery.give_up(session, now, due.id, scope, target)
        except ValueError as error:
            raise WorkError(f"--last: {error}") from None
        skipped.append(Skipped(scope, target, count))
    for name in sorted(name for name in told if name.startswith(BATCHES)):
        if (more := told[name] - known.get(name, 0)) > 0:
            counters.take(session, name, more)
    return skipped


def _highest(row: StatusList, each: Lost | None) -> int:
    """One more than the last turn at which a public place of the list was taken."""
    wanted = {place.index for place in each.places} if each is not None else set()
    if not wanted:
        return row.taken
    turns = (
        at
        for at in range(row.taken, row.size)
        if permutation.place(row.permutation_key, at, row.size) in wanted
    )
    return max(turns, default=row.taken - 1) + 1


def _scope(name: str) -> SerialScope:
    _, scheme, period, organisation, level = name.split("/")
    return SerialScope(scheme, period, organisation, level)


def _is_over(scope: SerialScope, due: Recovery) -> bool:
    """Whether a scope's year was over before the backup was taken, with a year to spare."""
    taken = dates.shanghai_day(due.backup_at or due.begun_at)
    return recovery.is_earlier(scope.period, taken.year - 1)


def _scope_of(session: Session, number: str) -> tuple[str, int]:
    for row in policy(session).rows("numbering"):
        by = numbering.scheme(row["name"], row["layout"])
        fields = numbering.parse(by, number)
        if fields is not None:
            serial = int(fields.pop("serial"))
            return numbering.serial_scope(by, fields).key, serial
    raise WorkError(f"--last {number}: no numbering scheme has such a number")
