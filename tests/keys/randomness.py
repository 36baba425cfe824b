"""Randomness that repeats itself, for tests only."""

from hashlib import shake_256

from keys.sealed import Cost
from keys.signer import Random

CHEAP = Cost(1, 8192)
"""Least work that libsodium allows: tests seal dozens of files."""


def stream(seed: str) -> Random:
    """A source whose every run from one seed gives the same bytes, no two calls alike."""
    calls = 0

    def random(size: int) -> bytes:
        nonlocal calls
        calls += 1
        return shake_256(f"{seed}/{calls}".encode()).digest(size)

    return random
