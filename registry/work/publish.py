"""Publishing: from rows to signed static files, changed places only, then release to holders.

Order matters for a reader who asks in between: notes, then tiles, then both lists. A sequence is
one above whatever was published under its path, on disk or in the records, so that a restored
database cannot publish backwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from keys.signer import Signer
from registry.operations import acted, tally
from registry.publish import evidence
from registry.records.certificates import CertificateRow, Counter
from registry.records.log import Publication, Published
from registry.records.status import Status
from registry.records.upsert import insert_into
from registry.work import backup, instants, lease, notes, plan, standing, watermark
from registry.work.context import Context, WorkError
from registry.work.notes import Noted
from registry.work.plan import SEEN, Plan
from schemas import bitstring_status, did, tile
from schemas.bitstring_status import BitstringStatusList
from schemas.tile import IssuedTile
from schemas.token_status import TokenStatusList

TTL = 60
"""Seconds a copy of a list may be used without asking again (from decision to door: a minute)."""
LEASE = 30
"""Seconds for which one worker publishes alone, renewed before each list; a death costs these."""
_ROWS = 500
"""Rows of one statement."""
_VALID = literal(0, literal_execute=True)
"""Written into the statement, so that the index of places that are not valid serves it."""


def step(context: Context) -> bool:
    """Publish everything that has changed or is about to be too old; answers whether it did.

    Raises:
        WorkError: the clock was set back, no status key is at hand, or the database is older than
            what is public.
    """
    now = context.clock()
    with context.reading() as session:
        standing.require(session)
        if not plan.plans(session, context, now, *plan.changes(session, context)):
            return False
        now = instants.steady(session, context, now)
    if not lease.take(context, "publish", now, LEASE):
        return False
    # Looked at again under the lease: another worker may just have finished.
    with context.reading() as session:
        seen, last = plan.changes(session, context)
        plans = plan.plans(session, context, now, seen, last)
        sequences = {each.number: each.sequence for each in plans.values()}
        noted = notes.of_changes(session, seen, last, sequences)
        name, signer = status_signer(context, now)
        written = _write_notes(context, noted, name, signer)
        # One list after another, all from one snapshot: memory holds one, however many there are.
        for each in plans.values():
            lease.renew(context, "publish", context.clock(), LEASE)
            written += _write_list(context, session, each, signer, now)
    watermark.leave(context, sequences, now)
    with context.writing.begin() as session:
        lease.release(session, context, "publish")
        _record(session, written, plans.values(), last, now)
        plan.trusted(session, context)
    return True


def status_signer(context: Context, now: int) -> tuple[str, Signer]:
    """The status key in force, by the trust list, that is at hand; of several the newest.

    Raises:
        WorkError: none is.
    """
    in_force = [
        key
        for key in context.trust.list.keys_in("status")
        if key.closed is None and key.is_open(now) and key.name in context.signers
    ]
    if not in_force:
        raise WorkError("no status key in force is at hand; put its sealed file into keys/")
    newest = max(in_force, key=lambda key: key.start)
    return newest.name, context.signers[newest.name]


def _states(session: Session, each: Plan) -> bytes:
    # A plain tuple per place: this reads every place that is not valid, and whole tiles.
    return evidence.states(
        (
            (row[0], row[1])
            for row in session.execute(
                select(Status.index, Status.state).where(
                    Status.list == each.number, Status.state != _VALID
                )
            )
        ),
        each.size,
    )


def _records(session: Session, each: Plan, number: int) -> bytes:
    first = number * tile.ENTRIES
    return evidence.records(
        (row[0], row[1], row[2])
        for row in session.execute(
            select(Status.index, Status.cose8, Status.jcs8).where(
                Status.list == each.number, Status.index >= first,
                Status.index < first + tile.ENTRIES,
            )
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is out."""

    path: str
    sequence: int
    digest: bytes
    expires: int | None


def _write_notes(
    context: Context, noted: Iterable[Noted], name: str, signer: Signer
) -> list[Written]:
    files, written = {}, []
    for each in noted:
        data = evidence.signed_note(each.note, name, signer)
        files.update(dict.fromkeys(each.paths, data))
        digest = sha256(data).digest()
        written += [Written(path, each.note.sequence, digest, None) for path in each.paths]
    context.tree.put_all(files)
    return written


def _write_list(
    context: Context, session: Session, plan: Plan, signer: Signer, now: int
) -> list[Written]:
    base, least = context.config.base, context.trust.version
    expires = now + context.trust.list.freshness.status
    states = _states(session, plan)
    records = {
        f"i/{plan.number}/{number}": IssuedTile(
            uri=f"{base}/i/{plan.number}/{number}", sequence=plan.sequence, issued=now,
            expires=expires, least_trust=least, records=_records(session, plan, number),
        )
        for number in sorted(plan.tiles)
    }  # fmt: skip
    bits = BitstringStatusList(
        uri=f"{base}/b/{plan.number}", issuer=did.centre(base), issued=now, expires=expires,
        bits=bitstring_status.bits(states),
    )  # fmt: skip
    exact = TokenStatusList(
        uri=f"{base}/s/{plan.number}", sequence=plan.sequence, issued=now, expires=expires,
        ttl=TTL, least_trust=least, states=states,
    )  # fmt: skip
    backup.refuse_older(context, {**records, f"s/{plan.number}": exact})
    tiles = {path: evidence.sealed_tile(value, signer) for path, value in records.items()}
    lists = {
        f"b/{plan.number}": evidence.secured_bits(bits, signer),
        f"s/{plan.number}": evidence.sealed_list(exact, signer),
    }
    context.tree.put_all(tiles)
    context.tree.put_all(lists)
    return [
        Written(path, plan.sequence, sha256(data).digest(), expires)
        for path, data in (tiles | lists).items()
    ]


def _record(
    session: Session, written: list[Written], plans: Iterable[Plan], last: int, now: int
) -> None:
    if written:
        session.execute(
            insert(Publication),
            [
                {
                    "path": each.path, "sequence": each.sequence, "sha256": each.digest,
                    "published_at": now, "expires_at": each.expires,
                }
                for each in written
            ],
        )  # fmt: skip
        _remember(session, written, now)
    for written_file in written:
        acted.count(session, tally.FILES, written_file.path.partition("/")[0])
    for each in plans:
        for start in range(0, len(each.released), _ROWS):
            session.execute(
                update(CertificateRow)
                .where(
                    CertificateRow.id.in_(each.released[start : start + _ROWS]),
                    CertificateRow.released_at.is_(None),
                )
                .values(released_at=now)
            )
    moved = session.execute(
        update(Counter).where(Counter.name == SEEN, Counter.value < last).values(value=last)
        .returning(Counter.value)
    ).one_or_none()  # fmt: skip
    known = session.scalars(select(Counter.value).where(Counter.name == SEEN)).one_or_none()
    if moved is None and known is None:
        session.add(Counter(name=SEEN, value=last))


def _remember(session: Session, written: list[Written], now: int) -> None:
    """Bring the row of every list and tile up to what is out now; notes are never looked for."""
    made = insert_into(session, Published)
    newest = {each.path: each.sequence for each in written if each.expires is not None}
    if not newest:
        return
    session.execute(
        made.on_conflict_do_update(
            index_elements=["path"],
            set_={
                "sequence": made.excluded.sequence, "published_at": made.excluded.published_at,
            },
        ),
        [
            {"path": path, "sequence": sequence, "published_at": now}
            for path, sequence in newest.items()
        ],
    )  # fmt: skip
