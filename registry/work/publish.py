"""Publishing: from rows to signed static files, changed places only, then release to holders.

Order matters for a reader who asks in between: notes, then tiles, then both lists. A sequence is
one above whatever was published under its path, on disk or in the records, so that a restored
database cannot publish backwards.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from keys.signer import Signer
from registry.publish import evidence
from registry.records.certificates import CertificateRow, CertificateState, Counter
from registry.records.log import Publication
from registry.records.status import Status, StatusChange, StatusList
from registry.work import backup, lease, notes
from registry.work.context import Context, WorkError
from registry.work.notes import Noted
from schemas import bitstring_status, did, tile
from schemas.bitstring_status import BitstringStatusList
from schemas.errors import FormatError
from schemas.tile import IssuedTile
from schemas.token_status import TokenStatusList

SEEN = "published_changes"
"""Counter: the last status change whose files are out."""
TTL = 60
"""Seconds a copy of a list may be used without asking again (from decision to door: a minute)."""


REFRESH = 3600
"""Seconds after which an unchanged list is signed anew, so that 状态截至 never looks old."""
LEASE = 30
"""Seconds for which one worker publishes alone, renewed before each list; a death costs these."""


@dataclass(slots=True)
class Plan:
    """What one list needs published, read in one snapshot."""

    number: int
    """Of the list."""
    size: int
    sequence: int
    released: list[int] = field(default_factory=list)
    """Issued certificates that may be handed over once the files are out."""
    tiles: set[int] = field(default_factory=set)
    states: bytes = b""
    records: dict[int, bytes] = field(default_factory=dict)


def step(context: Context) -> bool:
    """Publish everything that has changed or is about to be too old; answers whether it did."""
    now = context.clock()
    with context.reading() as session:
        if not _plans(session, context, now, *_changes(session)):
            return False
    if not lease.take(context, "publish", now, LEASE):
        return False
    # Looked at again under the lease: another worker may just have finished.
    with context.reading() as session:
        seen, last = _changes(session)
        plans = _plans(session, context, now, seen, last)
        sequences = {plan.number: plan.sequence for plan in plans.values()}
        noted = notes.of_changes(session, seen, last, sequences)
        for plan in plans.values():
            _read(session, plan)
    name, signer = status_signer(context)
    written = _write_notes(context, noted, name, signer)
    for plan in plans.values():
        lease.renew(context, "publish", context.clock(), LEASE)
        written += _write_list(context, plan, signer, now)
    with context.writing.begin() as session:
        lease.release(session, context, "publish")
        _record(session, written, plans.values(), last, now)
    return True


def status_signer(context: Context) -> tuple[str, Signer]:
    """The status key in force, by the trust list, that is at hand.

    Raises:
        WorkError: none is.
    """
    for key in context.trust.list.keys_in("status"):
        if key.closed is None and key.name in context.signers:
            return key.name, context.signers[key.name]
    raise WorkError("no status key of the trust list is at hand; put its sealed file into keys/")


def _changes(session: Session) -> tuple[int, int]:
    """Last status change that is out, and the last there is."""
    seen = session.scalars(select(Counter.value).where(Counter.name == SEEN)).one_or_none()
    last = session.scalars(select(func.max(StatusChange.id))).one()
    return seen or 0, last or 0


def _plans(session: Session, context: Context, now: int, seen: int, last: int) -> dict[int, Plan]:
    sizes = {
        row.number: row.size for row in session.execute(select(StatusList.number, StatusList.size))
    }
    due = _due(session, context, sizes, now)
    changed = set(
        session.scalars(
            select(CertificateRow.status_list)
            .distinct()
            .join(StatusChange, StatusChange.certificate_id == CertificateRow.id)
            .where(StatusChange.id > seen, StatusChange.id <= last)
        )
    )
    unreleased: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in session.execute(
        select(CertificateRow.id, CertificateRow.status_list, CertificateRow.status_index).where(
            CertificateRow.state == CertificateState.ISSUED, CertificateRow.released_at.is_(None)
        )
    ):
        unreleased[row.status_list].append((row.id, row.status_index))
    plans = {}
    for number in sorted(set(due) | changed | set(unreleased)):
        plans[number] = Plan(
            number=number,
            size=sizes[number],
            sequence=_next(session, context, f"s/{number}"),
            released=[each for each, _ in unreleased[number]],
            tiles={index // tile.ENTRIES for _, index in unreleased[number]}
            | due.get(number, set()),
        )
    return plans


def _due(
    session: Session, context: Context, sizes: dict[int, int], now: int
) -> dict[int, set[int]]:
    """Lists older than :data:`REFRESH`, and those with tiles that reach half their age."""
    half = context.trust.list.freshness.status // 2
    since = now - half
    newest = {
        row[0]: row[1]
        for row in session.execute(
            select(Publication.path, func.max(Publication.published_at))
            .where(Publication.published_at > since)
            .group_by(Publication.path)
        )
    }
    due: dict[int, set[int]] = {}
    for number, size in sizes.items():
        tiles = {at for at in range(size // tile.ENTRIES) if f"i/{number}/{at}" not in newest}
        if context.tree.get(f"s/{number}") is None:
            # Somebody emptied the folder, whatever the records say.
            tiles = set(range(size // tile.ENTRIES))
        if tiles or newest.get(f"s/{number}", 0) <= now - min(REFRESH, half):
            due[number] = tiles
    return due


def _next(session: Session, context: Context, path: str) -> int:
    recorded = session.scalars(
        select(func.max(Publication.sequence)).where(Publication.path == path)
    ).one()
    try:
        on_disk = evidence.sequence_of(context.tree.get(path))
    except FormatError:
        # A damaged file is written anew, as long as the records say what it had reached.
        if recorded is None:
            raise WorkError(f"public/{path} is damaged, and nothing tells its sequence") from None
        on_disk = 0
    return max(recorded or 0, on_disk) + 1


def _read(session: Session, plan: Plan) -> None:
    # A plain tuple per place: this reads every place that is not valid, and whole tiles.
    plan.states = evidence.states(
        (
            (row[0], row[1])
            for row in session.execute(
                select(Status.index, Status.state).where(
                    Status.list == plan.number, Status.state != 0
                )
            )
        ),
        plan.size,
    )
    for number in plan.tiles:
        first = number * tile.ENTRIES
        plan.records[number] = evidence.records(
            (row[0], row[1], row[2])
            for row in session.execute(
                select(Status.index, Status.cose8, Status.jcs8).where(
                    Status.list == plan.number, Status.index >= first,
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


def _write_list(context: Context, plan: Plan, signer: Signer, now: int) -> list[Written]:
    base, least = context.config.base, context.trust.version
    expires = now + context.trust.list.freshness.status
    records = {
        f"i/{plan.number}/{number}": IssuedTile(
            uri=f"{base}/i/{plan.number}/{number}", sequence=plan.sequence, issued=now,
            expires=expires, least_trust=least, records=packed,
        )
        for number, packed in sorted(plan.records.items())
    }  # fmt: skip
    bits = BitstringStatusList(
        uri=f"{base}/b/{plan.number}", issuer=did.centre(base), issued=now, expires=expires,
        bits=bitstring_status.bits(plan.states),
    )  # fmt: skip
    exact = TokenStatusList(
        uri=f"{base}/s/{plan.number}", sequence=plan.sequence, issued=now, expires=expires,
        ttl=TTL, least_trust=least, states=plan.states,
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
    for plan in plans:
        for start in range(0, len(plan.released), 1000):
            session.execute(
                update(CertificateRow)
                .where(
                    CertificateRow.id.in_(plan.released[start : start + 1000]),
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
