"""Archives of photographs: matched, checked, cut and attached, some at a time.

What a person named a file is looked up within their batch only. Pictures are prepared outside the
transaction; the transaction attaches them and moves the mark, so a worker that dies repeats at most
one part, and a part that two workers did counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import photo_intakes, photos
from registry.acts.photo_intakes import Part
from registry.custody.personal import Personal
from registry.documents.photo import PhotoError, Requirements, prepared
from registry.exchange import photo_archive
from registry.exchange.archive import Archive, ArchiveError, Entry
from registry.exchange.photo_archive import Misfit
from registry.queries import accounts
from registry.queries import photos as queries
from registry.queries.policy import policy
from registry.records.errors import NotFoundError
from registry.records.intake import PHOTOS_OPEN, PhotoIntake
from registry.rules import identity
from registry.rules import photos as rules
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.permissions import Actor
from registry.rules.photos import Candidates
from registry.rules.policy import Policy
from registry.work import lease
from registry.work.context import Context
from schemas.dates import shanghai_day

PART = 100
"""Most files of one transaction: some seconds of work, which is what a death costs."""
LEASE = 60
"""Seconds for which one worker reads an archive alone."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An archive and how far it is."""

    id: int
    name: str
    batch: int
    account: int
    total: int
    done: int
    named: int


@dataclass(slots=True)
class Sorted:
    """What became of some files."""

    pictures: dict[int, bytes] = field(default_factory=dict)
    misfits: list[Misfit] = field(default_factory=list)
    strangers: int = 0
    files: int = 0
    """Files that gave a picture."""

    def refuse(self, name: str, why: Reason) -> None:
        """Name a file that is not taken."""
        self.misfits.append(Misfit(name, why.code, dict(why.parameters)))
        self.strangers += why.code == "photo_stranger"


def step(context: Context) -> bool:
    """Deal with the next files of the oldest archive; answers whether there were any."""
    if context.personal is None:
        return False
    now = context.clock()
    found = _next(context)
    if found is None or not lease.take(context, f"photos:{found.id}", now, LEASE):
        return False
    # Looked at again under the lease: another worker may just have moved its mark.
    found = _next(context, found.id)
    if found is None:
        return False
    try:
        _read(context, context.personal, found, now)
    except FileNotFoundError:
        _refuse(context, found, now, (reason("photos_gone"),))
    except ArchiveError as error:
        _refuse(context, found, now, (reason(error.code, **error.parameters),))
    except RefusedError as error:
        _refuse(context, found, now, error.reasons)
    except NotFoundError:
        # Somebody took a row out between matching and attaching: the next round matches again.
        pass
    return True


def _next(context: Context, intake: int | None = None) -> Waiting | None:
    wanted = select(
        PhotoIntake.id, PhotoIntake.name, PhotoIntake.batch_id, PhotoIntake.account_id,
        PhotoIntake.total, PhotoIntake.done, PhotoIntake.named,
    ).where(PhotoIntake.state.in_(PHOTOS_OPEN))  # fmt: skip
    if intake is not None:
        wanted = wanted.where(PhotoIntake.id == intake)
    with context.reading() as session:
        row = session.execute(wanted.order_by(PhotoIntake.id).limit(1)).one_or_none()
    return None if row is None else Waiting(*row)


def _read(context: Context, personal: Personal, found: Waiting, now: int) -> None:
    place = context.config.folder / "uploads" / f"{found.name}.zip"
    with context.reading() as session:
        row = rules.figures(known := policy(session), shanghai_day(now))
        _actor(session, found)
    need = Requirements(**{name: row[name] for name in Requirements.__slots__})
    with Archive(place, photo_archive.limits(row)) as archive:
        entries = archive.entries[found.done : found.done + min(PART, context.chunk)]
        if not entries:
            raise RefusedError(reason("photos_gone"))  # another file stands in its place
        done = _sort(context, personal, found.batch, archive, entries, need, known, now)
    named = photo_archive.write_misfits(_problems(place), found.named, done.misfits)
    with context.writing.begin() as session:
        actor = _actor(session, found)
        replaced = photos.attach(session, actor, now, found.batch, done.pictures)
        part = Part(
            first=found.done, count=len(entries), named=named, attached=done.files,
            replaced=replaced, refused=len(done.misfits) - done.strangers,
            strangers=done.strangers,
        )  # fmt: skip
        if not photo_intakes.advance(session, now, found.id, part):
            session.rollback()
        elif found.done + part.count == found.total:
            lease.drop(session, context, f"photos:{found.id}")


def _actor(session: Session, found: Waiting) -> Actor:
    """Who handed it over, with the roles that the person has now."""
    try:
        return accounts.actor(session, found.account)
    except NotFoundError:
        raise RefusedError(reason("photos_account")) from None


def _sort(
    context: Context, personal: Personal, batch: int, archive: Archive, entries: Sequence[Entry],
    need: Requirements, known: Policy, now: int,
) -> Sorted:  # fmt: skip
    done = Sorted()
    stems: dict[str, tuple[Entry, tuple[bytes, ...]]] = {}
    for entry in entries:
        try:
            text = rules.stem(entry.name)
        except RefusedError as error:
            done.refuse(entry.name, error.reasons[0])
            continue
        stems[entry.name] = (entry, _lookups(text, personal, known, now))
    with context.reading() as session:
        people = queries.candidates(
            session, batch, {rules.stem(name) for name in stems},
            {lookup for _, lookups in stems.values() for lookup in lookups},
        )  # fmt: skip
    for name, (entry, lookups) in stems.items():
        try:
            _take(done, archive, entry, lookups, people, need)
        except RefusedError as error:
            done.refuse(name, error.reasons[0])
    return done


def _take(
    done: Sorted, archive: Archive, entry: Entry, lookups: tuple[bytes, ...], people: Candidates,
    need: Requirements,
) -> None:  # fmt: skip
    rows = rules.whose(rules.stem(entry.name), lookups, people)
    try:
        picture = prepared(archive.read(entry), need)
    except PhotoError as error:
        raise RefusedError(reason(error.code, **error.parameters)) from None
    except ArchiveError as error:
        raise RefusedError(reason(error.code, **error.parameters)) from None
    done.pictures.update(dict.fromkeys(rows, picture))
    done.files += 1


def _lookups(text: str, personal: Personal, known: Policy, now: int) -> tuple[bytes, ...]:
    """Look-up values of a text that is a citizen's number; none for a ticket."""
    try:
        number = identity.resident_number(text, shanghai_day(now), known)
    except RefusedError:
        return ()
    return personal.lookups(identity.Identity(identity.RESIDENT, number))


def _refuse(context: Context, found: Waiting, now: int, reasons: Sequence[Reason]) -> None:
    with context.writing.begin() as session:
        photo_intakes.refuse(session, now, found.id, reasons)
        lease.drop(session, context, f"photos:{found.id}")


def _problems(place: Path) -> Path:
    return place.with_suffix(".problems")
