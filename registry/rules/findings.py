"""What an operator has to know, from plain facts: each finding with what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

DAY = 86_400
WORKER_SILENT = 60
"""Seconds without a sign of life after which a worker counts as gone."""
WORKER_LOST = 600
"""Seconds after which one that went without a word is worth telling of."""
SLOW_STEP = 900
"""Seconds for which one step may run before somebody should look."""
DOOR = 60
"""Seconds from a decision to the public door; twice that is late."""
WAITING = 600
"""Seconds that a prepared certificate may wait for its signature."""
DISK_LOW, DISK_FULL = 0.10, 0.03
"""Shares of a disk that are free."""
KEY_ENDS = 60 * DAY
"""Seconds before the end of a key's window at which its successor has to be made."""
KEY_NEAR = 7 * DAY


class Level(IntEnum):
    """How bad it is; the worst is the command's exit status."""

    FINE = 0
    ATTENTION = 1
    BROKEN = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know."""

    level: Level
    code: str
    what: str
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOut:
    """A published list."""

    path: str
    sequence: int
    issued: int
    expires: int
    due: int
    """When it is signed anew at the latest, changed or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A worker."""

    name: str
    version: str
    revision: str
    silent: int
    """Seconds since its last sign of life."""
    step: str | None
    step_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A step's last trouble."""

    step: str
    error: str
    why: str | None
    count: int
    seconds: int
    """Since it began."""
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that is looked at; what cannot be read has a finding of its own."""

    now: int
    database: str | None = None
    """Why the database cannot be read."""
    revision: str | None = None
    """Why its tables do not fit."""
    issuing: int = 0
    prepared: int = 0
    prepared_seconds: int = 0
    unreleased: int = 0
    unreleased_seconds: int = 0
    held: int = 0
    intakes: int = 0
    tasks: int = 0
    lists: tuple[ListOut, ...] = ()
    workers: tuple[Present, ...] = ()
    program: str = ""
    failing: tuple[Failing, ...] = ()
    trust: str | None = None
    """Why the trust list cannot be read."""
    trust_expires: int | None = None
    keys: tuple[tuple[str, int], ...] = ()
    """Open keys with an end: name, last second."""
    disks: tuple[tuple[str, int, int], ...] = ()
    """Folder, free bytes, size."""
    compared: tuple[tuple[bool, str], ...] = field(default=())
    """Differences between database and public files: whether each blocks, and its words."""


def judge(facts: Facts) -> list[Finding]:
    """Every finding, the worst first."""
    found = [
        *_database(facts), *_compared(facts), *_trust(facts), *_lists(facts), *_workers(facts),
        *_failing(facts), *_queues(facts), *_keys(facts), *_disks(facts),
    ]  # fmt: skip
    return sorted(found, key=lambda each: -each.level)


def _database(facts: Facts) -> Iterator[Finding]:
    if facts.database is not None:
        yield Finding(
            Level.BROKEN, "database_away", f"the database does not answer: {facts.database}",
            "start it, or correct database_url; serve and work go on by themselves then",
        )  # fmt: skip
    if facts.revision is not None:
        yield Finding(
            Level.BROKEN, "tables", facts.revision,
            "upgrade in the order of registry/operations/README.md",
        )  # fmt: skip


def _compared(facts: Facts) -> Iterator[Finding]:
    for blocks, words in facts.compared:
        yield Finding(
            Level.BROKEN if blocks else Level.ATTENTION, "public_differs", words,
            "nothing is published before this is resolved: registry/work/README.md"
            if blocks else "the next publication writes these files anew; see that it comes",
        )  # fmt: skip


def _trust(facts: Facts) -> Iterator[Finding]:
    if facts.trust is not None:
        yield Finding(
            Level.BROKEN, "trust_list", f"no trust list leads to the root: {facts.trust}",
            "put root.note and public/trust/ back from the ceremony's copy",
        )  # fmt: skip
        return
    if facts.trust_expires is None:
        return
    left = facts.trust_expires - facts.now
    if left <= 0:
        yield Finding(
            Level.BROKEN, "trust_list_old",
            f"the trust list is {days(-left)} older than its policy allows",
            "hold the root holders' signing of a new list now: keys/README.md",
        )  # fmt: skip
    elif left < 7 * DAY:
        yield Finding(
            Level.ATTENTION, "trust_list_ages", f"the trust list is too old in {days(left)}",
            "call the root holders to sign a new list: keys/README.md",
        )  # fmt: skip


def _lists(facts: Facts) -> Iterator[Finding]:
    for each in facts.lists:
        if each.expires <= facts.now:
            yield Finding(
                Level.BROKEN, "list_expired",
                f"{each.path} expired {days(facts.now - each.expires)} ago: every certificate in "
                "it reads undetermined",
                "start hallmark work and look at its last errors below",
            )  # fmt: skip
        elif each.due + DOOR < facts.now:
            yield Finding(
                Level.ATTENTION, "list_late",
                f"{each.path} was due {days(facts.now - each.due)} ago",
                "see that a worker is alive and has the status key",
            )  # fmt: skip


def _workers(facts: Facts) -> Iterator[Finding]:
    if facts.database is not None or facts.revision is not None:
        return
    if not any(each.silent <= WORKER_SILENT for each in facts.workers):
        yield Finding(
            Level.BROKEN, "no_worker", "no worker is alive: nothing is issued or published",
            "start hallmark work (systemctl start hallmark-work)",
        )  # fmt: skip
    for each in facts.workers:
        if each.silent > WORKER_LOST:
            yield Finding(
                Level.ATTENTION, "worker_lost",
                f"worker {each.name} ended without a word {days(each.silent)} ago",
                "look at its journal; its work is taken over, its name goes after a week",
            )  # fmt: skip
        elif each.step is not None and each.step_seconds > SLOW_STEP:
            yield Finding(
                Level.ATTENTION, "step_slow",
                f"worker {each.name} has been at {each.step} for {days(each.step_seconds)}",
                "look whether its machine, disk or database hangs",
            )  # fmt: skip
    others = {each.version for each in facts.workers} - {facts.program}
    if others:
        yield Finding(
            Level.ATTENTION, "versions",
            f"workers of version {', '.join(sorted(others))} run beside {facts.program}",
            "restart them, so that all run the same program",
        )  # fmt: skip


def _failing(facts: Facts) -> Iterator[Finding]:
    for each in facts.failing:
        if not each.is_over:
            why = each.why or f"{each.error} (the worker's log has the place)"
            yield Finding(
                Level.BROKEN if each.seconds > 300 else Level.ATTENTION, "step_failing",
                f"{each.step} has failed {each.count} times in {days(each.seconds)}: {why}",
                "resolve what it says; the worker tries again by itself",
            )  # fmt: skip


def _queues(facts: Facts) -> Iterator[Finding]:
    if facts.prepared and facts.prepared_seconds > WAITING:
        yield Finding(
            Level.ATTENTION, "prepared_waits",
            f"{facts.prepared} prepared certificates wait, the oldest for "
            f"{days(facts.prepared_seconds)}",
            "see that a worker is alive and has the issuer's key",
        )  # fmt: skip
    if facts.unreleased and facts.unreleased_seconds > 2 * DOOR:
        yield Finding(
            Level.ATTENTION, "release_waits",
            f"{facts.unreleased} issued certificates are not out yet, the oldest for "
            f"{days(facts.unreleased_seconds)}",
            "see that publishing goes on; nothing is handed over before",
        )  # fmt: skip
    if facts.held:
        yield Finding(
            Level.ATTENTION, "held", f"{facts.held} certificates are held by the self-check",
            "an issuer opens them in the console and tries again or voids them",
        )  # fmt: skip


def _keys(facts: Facts) -> Iterator[Finding]:
    for name, until in facts.keys:
        left = until - facts.now
        if left < KEY_ENDS:
            said = f"ended {days(-left)} ago" if left < 0 else f"ends in {days(left)}"
            yield Finding(
                Level.BROKEN if left < 0 else Level.ATTENTION, "key_ends",
                f"the window of key {name} {said}",
                "make its successor and put it on the trust list long before: keys/README.md",
            )  # fmt: skip


def _disks(facts: Facts) -> Iterator[Finding]:
    for folder, free, size in facts.disks:
        share = free / size if size else 1.0
        if share < DISK_LOW:
            yield Finding(
                Level.BROKEN if share < DISK_FULL else Level.ATTENTION, "disk",
                f"{folder}: {free / 2**30:.1f} GiB free, {share:.0%}",
                "make room; a full disk stops issuing and publishing, and loses nothing",
            )  # fmt: skip


def days(seconds: int) -> str:
    """A span in the unit that a person would use."""
    for size, unit in ((DAY, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
