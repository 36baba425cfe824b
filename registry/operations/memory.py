"""Resident memory of a process and of everything that it started, as Linux tells it."""

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
_ARENA_MAX = -8
"""``M_ARENA_MAX`` of the C library."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


def few_arenas() -> None:
    """Let the threads of this process share two pools of memory.

    The C library gives each thread a pool of its own and keeps what was once taken from it; a
    certificate's PDF takes some thirty megabytes, in whichever thread it happens to be made.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


def tree(process: int) -> Iterator[tuple[int, str, int]]:
    """Id, name and resident bytes of a process and all its descendants, parents first."""
    parents = dict(_parents())
    wanted = [process]
    for each in wanted:
        wanted += [child for child, parent in parents.items() if parent == each]
        try:
            name = (PROC / str(each) / "comm").read_text("utf-8").strip()
            pages = int((PROC / str(each) / "statm").read_text("ascii").split()[1])
        except (OSError, IndexError, ValueError):
            continue  # it ended meanwhile, or this is no Linux
        yield each, name, pages * _PAGE


def own(process: int) -> int:
    """Bytes of a process that no file stands behind: what it has allocated and still holds.

    Resident memory also shrinks and grows with the pages of libraries that the system keeps.
    """
    try:
        text = (PROC / str(process) / "status").read_text("utf-8", "replace")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def _parents() -> Iterator[tuple[int, int]]:
    for path in PROC.glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            yield int(path.parent.name), int(fields[1])
        except (OSError, IndexError, ValueError):
            continue
