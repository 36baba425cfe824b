"""``hallmark status``: how the registry is doing, and what to do about what is not well.

The exit status is that of the worst finding, for a timer that tells somebody: 0 fine, 1 wants
attention, 2 broken.
"""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib.metadata import version
from typing import Any

from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from registry.cli import common
from registry.config import Config, ConfigError
from registry.publish.storage import public_tree
from registry.publish.tree import TreeError
from registry.queries import operations
from registry.records import revision
from registry.records.errors import RevisionError
from registry.records.session import open_engine, reading
from registry.rules import findings
from registry.rules.findings import Facts, Failing, Finding, Level, ListOut, Present, days
from registry.work import open, standing
from registry.work.context import WorkError
from registry.work.plan import REFRESH
from schemas.dates import utc
from verifier.trust import Trust

WORDS = {Level.FINE: "fine", Level.ATTENTION: "attention", Level.BROKEN: "BROKEN"}


def status(argv: list[str]) -> int:
    """Tell queues, ages, workers and troubles, and what to do; 0 fine, 1 attention, 2 broken."""
    parser = common.parser("status", status.__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args(argv)
    try:
        config = common.config(arguments)
    except ConfigError as error:
        common.fail(error)
        return int(Level.BROKEN)
    facts = look(config, int(time.time()))
    found = findings.judge(facts)
    worst = max((each.level for each in found), default=Level.FINE)
    if arguments.json:
        json.dump(_as_json(facts, found, worst), sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        print("\n".join(_lines(facts, found, worst)))
    return int(worst)


def look(config: Config, now: int) -> Facts:
    """Everything there is to see, as far as it can be seen; opens no key and changes nothing."""
    facts = Facts(now=now, program=version("hallmark-registry"), disks=tuple(_disks(config)))
    trust: Trust | None = None
    try:
        trust = open.open_trust(config.root_note, public_tree(config))
        facts = replace(facts, **_trusted(trust))
    except (WorkError, TreeError) as error:
        facts = replace(facts, trust=str(error))
    try:
        engine = open_engine(config.database_url)
        with reading(engine)() as session:
            revision.check(session)
            facts = replace(facts, **_recorded(session, trust, now))
        return facts if trust is None else replace(facts, compared=tuple(_compared(config, now)))
    except RevisionError as error:
        return replace(facts, revision=str(error))
    except TreeError as error:
        return replace(facts, trust=str(error))
    except (DBAPIError, ArgumentError) as error:
        return replace(facts, database=type(getattr(error, "orig", None) or error).__name__)


def _trusted(trust: Trust) -> dict[str, Any]:
    listed = trust.list
    ends = [
        (key.name, key.until) for key in listed.keys if key.closed is None and key.until is not None
    ]
    return {"trust_expires": listed.issued + listed.freshness.trust, "keys": tuple(ends)}


def _recorded(session: Session, trust: Trust | None, now: int) -> dict[str, Any]:
    waiting = operations.queues(session)
    return {
        "issuing": waiting.issuing, "held": waiting.held, "intakes": waiting.intakes,
        "tasks": waiting.tasks, "prepared": waiting.prepared, "unreleased": waiting.unreleased,
        "prepared_seconds": now - (waiting.prepared_since or now),
        "unreleased_seconds": now - (waiting.unreleased_since or now),
        "lists": tuple(_lists(session, trust)),
        "workers": tuple(
            Present(
                name=each.name, version=each.version, revision=each.revision,
                silent=now - each.beat_at, step=each.step,
                step_seconds=now - (each.step_since or now),
            )
            for each in operations.workers(session)
        ),
        "failing": tuple(
            Failing(
                step=each.step, error=each.error, why=each.why, count=each.count,
                seconds=now - each.first_at, is_over=each.recovered_at is not None,
            )
            for each in operations.troubles(session)
        ),
    }  # fmt: skip


def _compared(config: Config, now: int) -> Iterator[tuple[bool, str]]:
    """Differences between database and public files; what compares them needs no key."""
    context = open.context(config, lambda: now, signers={})
    for each in standing.compare(context):
        yield each.blocks, f"{each.subject}: {each.words}"


def _lists(session: Session, trust: Trust | None) -> list[ListOut]:
    fresh = trust.list.freshness.status if trust is not None else REFRESH
    return [
        ListOut(
            path=each.path, sequence=each.sequence, issued=each.published_at,
            expires=each.published_at + fresh,
            due=each.published_at + min(REFRESH, fresh // 2),
        )
        for each in operations.published_lists(session)
    ]  # fmt: skip


def _disks(config: Config) -> list[tuple[str, int, int]]:
    found: dict[int, tuple[str, int, int]] = {}
    for folder in (config.folder, config.public):  # a bucket has no end
        if folder.is_dir():
            use = shutil.disk_usage(folder)
            found.setdefault(folder.stat().st_dev, (str(folder), use.free, use.total))
    return list(found.values())


def _as_json(facts: Facts, found: list[Finding], worst: Level) -> dict[str, Any]:
    told = [asdict(each) | {"level": WORDS[each.level].lower()} for each in found]
    return {"status": WORDS[worst].lower(), "findings": told, "facts": asdict(facts)}


def _lines(facts: Facts, found: list[Finding], worst: Level) -> list[str]:
    lines = [f"registry: {WORDS[worst]} at {utc(facts.now)}, program {facts.program}"]
    for each in found:
        lines += [f"  {WORDS[each.level]:<9} {each.what}", f"            -> {each.todo}"]
    lines += [
        "",
        f"waiting   batches issuing {facts.issuing} · prepared {facts.prepared} · "
        f"not released {facts.unreleased} · held {facts.held} · "
        f"imports {facts.intakes} · tasks {facts.tasks}",
    ]
    for out in facts.lists:
        lines.append(
            f"published {out.path} sequence {out.sequence}, {days(facts.now - out.issued)} old, "
            f"next due {utc(out.due)}, expires {utc(out.expires)}"
        )
    if facts.trust_expires is not None:
        lines.append(f"trust     good for {days(max(0, facts.trust_expires - facts.now))}")
    for worker in facts.workers:
        doing = f"{worker.step} for {days(worker.step_seconds)}" if worker.step else "waits"
        lines.append(f"worker    {worker.name} seen {days(worker.silent)} ago, {doing}")
    for trouble in facts.failing:
        said = "is over" if trouble.is_over else f"for {days(trouble.seconds)}"
        why = trouble.why or trouble.error
        lines.append(f"error     {trouble.step}: {why} ({trouble.count} times, {said})")
    for folder, free, size in facts.disks:
        lines.append(f"disk      {folder} {free / 2**30:.1f} of {size / 2**30:.1f} GiB free")
    return lines
