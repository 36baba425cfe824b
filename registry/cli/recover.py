"""Recovering: a restored registry brought forward from its public files, with a report."""

import argparse
import os
from pathlib import Path

from keys.errors import SealedStreamError
from registry.backup.errors import BackupError
from registry.cli import common
from registry.cli.backup import key_pair
from registry.work import loop, open, recovering, watermark
from registry.work.context import Context
from registry.work.recovering import Asked, Report
from schemas.certificate import State
from schemas.dates import utc
from schemas.status_note import StatusNote


def recover(argv: list[str]) -> int:
    """Bring a restored registry forward from its public files, so that it may work again."""
    parser = common.parser("recover", recover.__doc__)
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="private half of the backup key: the last numbers are told exactly",
    )
    parser.add_argument(
        "--last",
        action="append",
        default=[],
        metavar="NUMBER",
        help="last number that was handed out of its kind, site and level",
    )
    parser.add_argument(
        "--margin", type=int, metavar="N", help="serials to skip where nothing tells the last one"
    )
    arguments = parser.parse_args(argv)
    if arguments.margin is not None and arguments.margin < 0:
        parser.error("--margin is at least 0")
    try:
        context = open.context(common.config(arguments), loop.now)
        report = recovering.recover(context, _asked(arguments, context))
    except (*common.TROUBLE, *common.DATABASE, BackupError, SealedStreamError) as error:
        return common.fail(error)
    if report is None:
        print("no recovery is due: database and public files agree")
        return 0
    path = context.config.folder / f"recovery-{report.recovery}.md"
    path.write_text(render(report), encoding="utf-8")
    os.chmod(path, 0o600)
    print(render(report))
    print(f"written to {path}; hallmark work publishes everything anew when it starts")
    return 0


def render(report: Report) -> str:
    """The report as Markdown, for the operator and the officers."""
    taken = "unknown" if report.backup_at is None else utc(report.backup_at)
    signed = "none" if report.signed_at is None else utc(report.signed_at)
    lines = [
        f"# Recovery {report.recovery}", "",
        f"Backup of {taken}; the newest public list was signed {signed}. If the registry worked "
        "after that, these were not its newest public files: restore once more and recover with "
        "newer ones.", "",
        f"- rows that waited in the backup and were issued after it, issued again: "
        f"{report.resealed}",
        f"- changes of state taken over: {len(report.changes)}",
        f"- certificates known from public files only: {len(report.places)}",
        f"- serials given up: {sum(each.count for each in report.skipped)}",
        f"- lists go on above sequence {report.sequence}",
    ]  # fmt: skip
    lines += _listed(
        "Public files that are missing or damaged and are written anew",
        [f"`{path}`" for path in report.unread],
    )
    lines += _listed(
        "Changes of state that were taken over (enter the decision's number)",
        [
            f"{name}: {_state(change.before)} → {_state(change.after)}{_ground(note)}"
            for name, change, note in report.changes
        ],
    )
    lines += _listed(
        "Certificates that only the public files know. They verify as before, nobody can look "
        "them up or change them here: enter their results again and keep what holders show",
        [
            f"list {number}, place {place.index}, record `{place.record.hex()}`: "
            f"{_state(place.state)}{_ground(note)}"
            for number, place, note in report.places
        ],
    )
    lines += _listed(
        "Serials that were given up; each range has a void row",
        [
            f"{each.scope.key.removeprefix('number/')}: {each.last - each.count + 1} to {each.last}"
            for each in report.skipped
        ],
    )
    lines += _listed(
        "Batches whose issue was stopped: some of the rest may be out already",
        [f"{number}: compare with the holders, then issue again" for number in report.paused],
    )
    lines += _listed(
        "Also as they were when the backup was taken: look them over",
        [
            "accounts, roles and passwords: close and change again what was closed and changed",
            "results, approvals and uploads: what was entered since has to be entered again",
        ],
    )
    return "\n".join([*lines, ""])


def _asked(arguments: argparse.Namespace, context: Context) -> Asked:
    told = None
    if arguments.key is not None:
        told = watermark.read(context.tree, key_pair(arguments.key))
    return Asked(watermark=told, margin=arguments.margin, last=tuple(arguments.last))


def _listed(title: str, items: list[str]) -> list[str]:
    return ["", f"## {title}", "", *(f"- {each}" for each in items)] if items else []


def _state(state: int) -> str:
    return State(state).name.lower() if state in set(State) else f"state {state}"


def _ground(note: StatusNote | None) -> str:
    if note is None:
        return ""
    ground = "" if note.ground is None else f", {note.ground.zh}"
    replaced = "" if note.replacement is None else f", replaced by {note.replacement.number} " \
        f"v{note.replacement.version}"  # fmt: skip
    return f" on {note.decided.isoformat()} by {note.authority.zh}{ground}{replaced}"
