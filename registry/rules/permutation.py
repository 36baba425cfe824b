"""A keyed permutation of a status list's places, so that neighbours in it say nothing.

A counter runs through ``0 … size-1``; its image is the status index. Four Feistel rounds over the
next even number of bits, walked until the image falls inside the list (cycle walking, Black and
Rogaway 2002). The key keeps outsiders from pairing indexes; it protects nothing more than that.
"""

import hashlib
from functools import lru_cache

ROUNDS = 4


def place(key: bytes, counter: int, size: int) -> int:
    """The index that belongs to ``counter`` in a list of ``size`` places.

    Raises:
        ValueError: the counter is outside the list.
    """
    if not 0 <= counter < size:
        raise ValueError(f"counter {counter} is outside a list of {size}")
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    value = _feistel(key, counter, half)
    while value >= size:
        value = _feistel(key, value, half)
    return value


def _feistel(key: bytes, value: int, half: int) -> int:
    mask = (1 << half) - 1
    left, right = value >> half, value & mask
    for mixed in _rounds(key, half):
        left, right = right, left ^ mixed[right]
    return left << half | right


# Half an index is one of a few hundred values, so a round is a table of as many hashes.
@lru_cache(maxsize=8)
def _rounds(key: bytes, half: int) -> tuple[tuple[int, ...], ...]:
    return tuple(
        tuple(_mixed(key, turn, right) & (1 << half) - 1 for right in range(1 << half))
        for turn in range(ROUNDS)
    )


def _mixed(key: bytes, turn: int, right: int) -> int:
    block = bytes((turn,)) + right.to_bytes(8, "big")
    return int.from_bytes(hashlib.blake2b(block, key=key, digest_size=8).digest(), "big")
