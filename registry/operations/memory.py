"""Resident memory of a process and of everything that it started, as Linux tells it."""

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")


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


def _parents() -> Iterator[tuple[int, int]]:
    for path in PROC.glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            yield int(path.parent.name), int(fields[1])
        except (OSError, IndexError, ValueError):
            continue
