"""How far numbers and places have come, beside the public files and sealed for the backup key.

The public files tell which places are taken, not which numbers. So with every publication, before
anything is handed over, the counters are left in the public tree, readable with the private half of
the backup key only. A database that is restored later knows then exactly which serials are spent.
Without a backup key nothing is left, and the recovery has to keep a distance instead.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from keys import stream
from keys.signer import KeyPair
from registry.backup import recipient
from registry.backup.errors import BackupError
from registry.publish.tree import PublicTree
from registry.records.certificates import Counter
from registry.records.log import Published
from registry.records.status import StatusList
from registry.work.context import Context, WorkError

PATH = "recovery/watermark"
KIND = "watermark"
NUMBERS, BATCHES = "number/", "batch/"
"""Beginnings of the names of counters that stand in it."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """What was left with the last publication."""

    at: int
    counters: Mapping[str, int]
    lists: Mapping[int, tuple[int, int, bytes, int]]
    """Size, places taken, key of the permutation and instant of opening, by number."""
    sequences: Mapping[int, int]
    """Sequence of each list that was published last."""


def leave(context: Context, sequences: Mapping[int, int], now: int) -> None:
    """Leave the watermark; called before what was published is handed over.

    Args:
        context: of the worker that publishes.
        sequences: of the lists that were just published.
        now: UTC seconds.

    Raises:
        WorkError: the public half of the backup key is damaged.
    """
    try:
        public = recipient.read(context.config.folder)
    except BackupError as error:
        raise WorkError(str(error)) from None
    if public is None:
        return
    with context.reading() as session:
        counters = {
            row.name: row.value
            for row in session.execute(select(Counter.name, Counter.value))
            if row.name.startswith((NUMBERS, BATCHES))
        }
        lists = {
            str(row.number): [row.size, row.taken, row.permutation_key.hex(), row.opened_at]
            for row in session.scalars(select(StatusList))
        }
        out_already = session.execute(
            select(Published.path, Published.sequence).where(Published.path.startswith("s/"))
        )
        reached = {int(row.path[2:]): row.sequence for row in out_already} | dict(sequences)
    value = {
        "version": 1, "at": now, "counters": counters, "lists": lists,
        "sequences": {str(number): sequence for number, sequence in reached.items()},
    }  # fmt: skip
    out = io.BytesIO()
    stream.Writer(out, stream.Label(KIND, public)).finish(json.dumps(value).encode())
    context.tree.put(PATH, out.getvalue())


def read(tree: PublicTree, pair: KeyPair) -> Watermark | None:
    """The watermark that lies in the tree; None where there is none.

    Raises:
        SealedStreamError: it was changed, or is for another key.
    """
    data = tree.get(PATH)
    if data is None:
        return None
    value = json.loads(b"".join(stream.read(io.BytesIO(data), KIND, pair)))
    return Watermark(
        at=value["at"],
        counters=value["counters"],
        lists={
            int(number): (size, taken, bytes.fromhex(key), opened)
            for number, (size, taken, key, opened) in value["lists"].items()
        },
        sequences={int(number): sequence for number, sequence in value["sequences"].items()},
    )
