"""Texts with places for the slots of a certificate, filled and cut at the speed of bytes.

Bytes throughout: formatting wide text and then encoding it costs eight times as much.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from operator import itemgetter
from typing import Any, TypeAlias

from schemas.credential_layout import Slots

Step: TypeAlias = tuple[int, bytes, int, tuple[tuple[int, int], ...]]
"""A slot, the byte that ends it, the length of the text up to the next slot that is new, and which
slots stand in between again, how often."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with places for some of the slots."""

    text: bytes
    """All of it, as a format."""
    pick: Callable[[Sequence[bytes]], tuple[bytes, ...]]
    """The slots in the order of their places, repeated where they are."""
    first: bytes
    """What stands before the first place."""
    tail: bytes
    """All but ``first``, as a format."""
    _start: Any = field(repr=False, compare=False)
    """SHA-256 that has seen ``first``: for every certificate of the group it is the same."""
    _steps: tuple[Step, ...]

    @classmethod
    def of(cls, text: str, marks: Slots) -> "Pattern":
        """Cut ``text`` at the marks."""
        places = {mark: place for place, mark in enumerate(marks) if mark}
        any_mark = re.compile("|".join(map(re.escape, places)))
        first, *after = [piece.encode() for piece in any_mark.split(text)]
        order = [places[mark] for mark in any_mark.findall(text)]
        tail = b"".join([b"%b" + piece.replace(b"%", b"%%") for piece in after])
        return cls(
            first.replace(b"%", b"%%") + tail, itemgetter(*order), first,
            tail, sha256(first), tuple(_steps(list(zip(order, after, strict=True)))),
        )  # fmt: skip

    def fill(self, slots: Sequence[bytes]) -> bytes:
        """Put the slots, escaped and encoded, into their places."""
        return self.text % self.pick(slots)

    def digest(self, slots: Sequence[bytes]) -> bytes:
        """SHA-256 of what :meth:`fill` gives."""
        found = self._start.copy()
        found.update(self.tail % self.pick(slots))
        digest: bytes = found.digest()
        return digest

    def cut(self, text: bytes) -> list[bytes] | None:
        """Guess the slots of a filled text; only filling them in again shows that it is so.

        A slot is taken to end at the first byte that follows its first place in the pattern. None
        where one would be empty: no slot that has a place is.
        """
        slots = [b""] * len(Slots._fields)
        at = len(self.first)
        for place, last, length, repeated in self._steps:
            end = text.find(last, at)
            if end <= at:
                return None
            slots[place] = text[at:end]
            at = end + length
            for known, times in repeated:
                at += times * len(slots[known])
        return slots


def _steps(rest: Sequence[tuple[int, bytes]]) -> Iterator[Step]:
    """Each slot's first place: what ends it there, and what stands before the next first place."""
    firsts = [at for at, (place, _) in enumerate(rest) if place not in dict(rest[:at])]
    for start, end in pairwise([*firsts, len(rest)]):
        place, following = rest[start]
        repeated = Counter(other for other, _ in rest[start + 1 : end])
        length = sum(len(piece) for _, piece in rest[start:end])
        yield place, following[:1], length, tuple(repeated.items())
