"""Reading and marking a large workbook in a process of its own, which ends with its memory.

A workbook of 100,000 rows takes some hundred megabytes while it is open; the process that asks
keeps none of them, and a file that takes more than its bound ends only the process apart.
"""

import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from registry.exchange import results, spool
from registry.exchange.errors import WorkbookError
from registry.rules.assessment import Occupations
from registry.rules.policy import Policy

MEMORY = 2 << 30
"""Bytes of address space that a file may take."""
SECONDS = 600
"""After which a file is given up."""
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Terms:
    """What rows are judged by."""

    occupations: Occupations
    on: date
    policy: Policy


def read(data: Path, rows: Path, terms: Terms) -> int:
    """Judge every row of a workbook into a file of lines; answers how many.

    Args:
        data: the workbook.
        rows: where the lines go; it is there whole or not at all.
        terms: catalogue, civil date of the import, policy.

    Raises:
        WorkbookError: the file as a whole cannot be taken.
    """
    return int(_apart(_read, data, rows, terms))


def mark(data: Path, problems: Path, length: int, marked: Path, terms: Terms) -> None:
    """Write the same workbook with a red column 问题.

    Args:
        data: the workbook.
        problems: lines of rows and their reasons.
        length: how many bytes of them count.
        marked: where the workbook goes; it is there whole or not at all.
        terms: those under which it was read.

    Raises:
        WorkbookError: as for reading.
    """
    _apart(_mark, data, problems, length, marked, terms)


def _read(data: Path, rows: Path, terms: Terms) -> int:
    judged = results.judged(data.read_bytes(), terms.occupations, terms.on, terms.policy)
    partial = rows.with_name(f"{rows.name}.{os.getpid()}.part")
    with open(partial, "wb", opener=_private) as file:
        count = spool.write(judged, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, rows)
    return count


def _mark(data: Path, problems: Path, length: int, marked: Path, terms: Terms) -> int:
    named = dict(spool.problems(problems, length))
    made = results.mark(data.read_bytes(), named, terms.on, terms.policy)
    partial = marked.with_name(f"{marked.name}.{os.getpid()}.part")
    with open(partial, "wb", opener=_private) as file:
        file.write(made)
    os.replace(partial, marked)
    return len(named)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _apart(work: Callable[..., int], *arguments: Any) -> int:
    near, far = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_serve, args=(far, work, arguments), daemon=True)
    process.start()
    far.close()
    status, has_started = None, False
    try:
        has_started = bool(near.recv())
        answer = near.recv() if near.poll(SECONDS) else None
    except EOFError:
        answer = None  # it died over the file
        process.join(1)
        status = process.exitcode
    finally:
        process.kill()
        process.join()
        near.close()
    if not has_started:
        raise OSError("no process for reading workbooks could be started")
    if isinstance(answer, int):
        return answer
    if isinstance(answer, tuple):
        raise WorkbookError(answer[0], **answer[1])
    if isinstance(answer, str):
        raise OSError(answer)
    # Ended by a signal it took more than it may; otherwise it stumbled over the file.
    raise WorkbookError("workbook_bomb" if (status or 0) < 0 else "workbook_unreadable")


def _serve(line: Connection, work: Callable[..., int], arguments: tuple[Any, ...]) -> None:
    # An orderly stop lets the step under way finish, and so its process too.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    line.send(True)
    try:
        line.send(work(*arguments))
    except WorkbookError as error:
        line.send((error.code, error.parameters))
    except MemoryError:
        line.send(("workbook_bomb", {}))
    except OSError as error:
        # Not the file's fault: the disk is full, or somebody took the file away.
        line.send(f"{error.strerror}")
