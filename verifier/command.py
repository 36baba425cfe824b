"""``hallmark verify``: files, arguments or standard input in; reports for people or JSON out."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO, TypeAlias

from keys.errors import SignatureError
from schemas import dates
from schemas.certificate import Instant
from schemas.errors import FormatError
from verifier import render, verdict
from verifier.cache import CacheError, CachingSource, StoredMemory, folders
from verifier.evidence import Evidence
from verifier.opening import MAX_INPUT
from verifier.report import Report
from verifier.sources import FolderSource, Source
from verifier.trust import Trust, TrustError, open_root
from verifier.verify import verify

USAGE = 64
"""Exit status for wrong usage (EX_USAGE)."""
_MARKS = {
    "check": "✓", "void": "⊘", "pause": "‖", "arrow": "→", "clock": "◷", "calendar": "▦",
    "octagon": "!", "building": "?", "question": "?", "frame": "▢", "up": "↑", "dashes": "…",
}  # fmt: skip


class Network(Source, Protocol):
    """A source behind a network; ``problems`` tells what could not be had."""

    problems: list[str]


Connect: TypeAlias = Callable[[str | None, Iterable[str]], Network]
"""From the address of a copy, or None and the registry's own allowed origins, to a network."""


class UsageError(Exception):
    """Arguments that cannot be acted on; the message says which and why."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(message)


@dataclass(frozen=True)
class _Desk:
    """What every input is verified with."""

    trust: Trust | TrustError | None
    evidence: Evidence | None
    network: Network | None
    memory: StoredMemory | None


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    made = _Parser(
        prog="hallmark verify",
        description="Check certificates: QR text or address, JSON, PNG or JPEG, PDF.",
        epilog="Exit status: 0 valid or genuine; 1 not; 2 cannot say; 64 wrong usage. "
        "Of several inputs the highest.",
    )
    made.add_argument("inputs", nargs="+", metavar="INPUT",
                      help="a file, the text of a QR code, or - for standard input")  # fmt: skip
    made.add_argument("--root", metavar="FILE", help="pinned root.note; without it nothing is "
                      "trusted and every answer is undetermined")  # fmt: skip
    made.add_argument(
        "--evidence",
        metavar="FOLDER|URL",
        help="copy of the registry's public files, or where they are served",
    )
    made.add_argument(
        "--offline",
        action="store_true",
        help="no network: only the evidence folder and what is cached",
    )
    made.add_argument(
        "--at", metavar="TIME", help="instant asked about, like 2026-11-22T04:00:00Z (default: now)"
    )
    made.add_argument("--json", action="store_true", help="print one JSON array of reports")
    return made


def run(
    argv: Sequence[str],
    now: Instant,
    connect: Connect,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Run the command at ``now``, unless ``--at`` says otherwise; returns its exit status.

    ``connect`` is asked for a network only if the arguments want one.
    """
    out, err = out or sys.stdout, err or sys.stderr
    try:
        given = parser().parse_args(argv)
        at = now if given.at is None else _instant(given.at)
        inputs = [(name, _read(name)) for name in given.inputs]
        desk = _desk(given, connect)
    except (UsageError, CacheError) as error:
        print(f"hallmark verify: {error}", file=err)
        return USAGE
    reports = [(name, verify(data, desk.trust, at, desk.evidence)) for name, data in inputs]
    _print(reports, out, as_json=given.json)
    _finish(desk, err)
    return max(verdict.exit_status(report) for _, report in reports)


def _instant(text: str) -> Instant:
    try:
        return dates.parse_utc(text)
    except FormatError as error:
        raise UsageError(f"--at: {error}") from None


def _read(name: str) -> bytes | str:
    """Return the bytes of a file or of standard input, or the text that was given itself."""
    if name == "-":
        return sys.stdin.buffer.read(MAX_INPUT + 1)
    is_text = "://" in name or name.isdigit() or name.lstrip().startswith(("{", "hallmark-"))
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_INPUT + 1)
    except (OSError, ValueError) as error:
        if is_text:
            return name
        why = error.strerror if isinstance(error, OSError) else "not the name of a file"
        raise UsageError(f"{name[:200]}: {why}, and not the text of a certificate") from None


def _desk(given: argparse.Namespace, connect: Connect) -> _Desk:
    folder, network = _evidence(given, connect)
    if given.root is None:
        return _Desk(None, None, network, None)
    root_note = _root(given.root)
    cache_folder, state_folder = folders(root_note, os.environ)
    memory = StoredMemory(state_folder)
    cached = CachingSource(folder or network, cache_folder)
    try:
        trust = Trust.load(root_note, cached, memory)
    except TrustError as error:
        return _Desk(error, None, network, memory)
    if given.evidence is None and not given.offline:
        # No copy was named: ask the registry itself, at the origins that its trust list allows.
        network = connect(None, (*trust.list.status, *(new.new for new in trust.list.locations)))
        cached = CachingSource(network, cache_folder)
    evidence = Evidence(cached, trust, memory=memory, online=not given.offline)
    return _Desk(trust, evidence, network, memory)


def _root(name: str) -> bytes:
    try:
        data = Path(name).read_bytes()
        open_root(data)
    except OSError as error:
        raise UsageError(f"--root {name}: {error.strerror}") from None
    except (FormatError, SignatureError) as error:
        raise UsageError(f"--root {name}: {error}") from None
    return data


def _evidence(
    given: argparse.Namespace, connect: Connect
) -> tuple[FolderSource | None, Network | None]:
    where = given.evidence
    if where is None:
        return None, None
    if where.startswith(("http://", "https://")):
        return None, None if given.offline else connect(where, ())
    if not Path(where).is_dir():
        raise UsageError(f"--evidence {where[:200]}: no such folder, and not an http(s) address")
    return FolderSource(Path(where)), None


def _finish(desk: _Desk, err: TextIO) -> None:
    if isinstance(desk.trust, TrustError):
        print(f"hallmark verify: {desk.trust}", file=err)
    for problem in desk.network.problems if desk.network is not None else ():
        print(f"hallmark verify: {problem}", file=err)
    if desk.memory is not None:
        try:
            desk.memory.save()
        except CacheError as error:
            # The answers stand; only the memory for next time is lost.
            print(f"hallmark verify: {error}", file=err)


def _print(reports: list[tuple[str, Report]], out: TextIO, *, as_json: bool) -> None:
    if as_json:
        bodies = [render.document(report, name=name) for name, report in reports]
        print(json.dumps(bodies, ensure_ascii=False, indent=2), file=out)
        return
    for name, report in reports:
        print("\n".join(_lines(name, report)), file=out)


def _lines(name: str, report: Report) -> list[str]:
    spoken = render.words(report)
    zh, en = spoken["zh"], spoken["en"]
    lines = [
        name if len(name) <= 100 else f"{name[:97]}...",
        f"  {_MARKS[spoken['icon']]} {zh['headline']}  {en['headline']}",
        f"    {zh['sentence']}{zh['action']}",
        f"    {en['sentence']} {en['action']}",
    ]
    lines += [f"    * {word}" for side in (zh, en) for word in side["notices"]]
    facts = report.facts
    if facts is not None:
        lines.append(f"    {facts.name} …{facts.last4}  {facts.number} v{facts.version}  "
                     f"{facts.occupation} {facts.occupation_name or ''} {facts.level}")  # fmt: skip
    marks = {"passed": "+", "failed": "x", "not_checked": "-"}
    lines.append("    " + " ".join(f"{marks[step.outcome]}{step.code}" for step in report.steps))
    return lines
