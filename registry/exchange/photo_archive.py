"""What a site's archive of photographs says: its bounds, and the list of files that were not taken.

The list is a file of JSON lines beside the archive, since names of files may be ID numbers. Only
its first bytes count, as many as the records say: a worker that died may have written more.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from registry.exchange.archive import ArchiveLimits


@dataclass(frozen=True, slots=True)
class Misfit:
    """A file that was not taken: a code of ``data/reasons.toml`` and its parameters."""

    name: str
    code: str
    parameters: dict[str, str] = field(default_factory=dict)


def limits(row: Mapping[str, Any]) -> ArchiveLimits:
    """Bounds of an archive from the policy's row ``photos``."""
    return ArchiveLimits(
        bytes=row["archive_megabytes"] << 20, entries=row["archive_files"],
        entry_bytes=row["file_bytes"], ratio=row["ratio"],
    )  # fmt: skip


def write_misfits(place: Path, at: int, found: Iterable[Misfit]) -> int:
    """Add to the list after its first ``at`` bytes; answers how many bytes count then.

    Raises:
        OSError: the disk is full.
    """
    lines = b"".join(
        json.dumps(asdict(each), ensure_ascii=False).encode() + b"\n" for each in found
    )
    if not lines:
        return at
    file = os.open(place, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(file, "r+b") as opened:
        opened.truncate(at)
        opened.seek(at)
        opened.write(lines)
        opened.flush()
        os.fsync(opened.fileno())
    return at + len(lines)


def misfits(place: Path, length: int) -> Iterator[Misfit]:
    """The list as far as it counts; nothing where the file is gone."""
    try:
        opened = place.open("rb")
    except FileNotFoundError:
        return
    with opened:
        read = 0
        for line in opened:
            read += len(line)
            if read > length:
                return
            yield Misfit(**json.loads(line))
