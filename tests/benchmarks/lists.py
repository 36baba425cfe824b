"""A status list of a million entries, from memory to a signed file."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.publish import evidence
from registry.publish.tree import FolderTree
from schemas.token_status import TokenStatusList
from tests.benchmarks.harness import Time, seconds, without_collector
from tests.world import BASE, DAY, NOW, pair

SIZE = 1_000_000
SET = 2_000
TURNS = 25


def time() -> Time:
    """Pack, deflate, sign and write; other entries are set and the sequence rises each time."""
    chosen = random.Random(2026)
    signer = pair("status")
    with TemporaryDirectory() as folder:
        tree = FolderTree(Path(folder))

        def publish(sequence: int) -> float:
            entries = [(chosen.randrange(SIZE), 1) for _ in range(SET)]

            def work() -> None:
                value = TokenStatusList(
                    uri=f"{BASE}/s/1", sequence=sequence, issued=NOW, expires=NOW + DAY, ttl=300,
                    least_trust=1, states=evidence.states(entries, SIZE),
                )  # fmt: skip
                tree.put("s/1", evidence.sealed_list(value, signer))

            return seconds(work)

        publish(1)
        with without_collector():
            taken = [1000 * publish(sequence) for sequence in range(2, 2 + TURNS)]
    return Time(f"status list of {SIZE:,}, {SET:,} set: memory to signed file", tuple(taken), 5)
