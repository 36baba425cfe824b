"""Texts with places for the slots of a certificate, filled and cut at the speed of bytes.

Bytes throughout: formatting wide text and then encoding it costs eight times as much.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from operator import itemgetter
from typing import Any

from schemas.credential_layout import Slots


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with places for some of the slots."""

    text: bytes
    """All of it, as a format."""
    pick: Callable[[Sequence[bytes]], tuple[bytes, ...]]
    """The slots in the order of their places, repeated where they are."""
    first: bytes
    """What stands before the first place."""
    rest: tuple[tuple[int, bytes], ...]
    """Each place's slot, and what stands between it and the next place."""
    tail: bytes
    """All but ``first``, as a format."""
    _start: Any = field(repr=False, compare=False)
    """SHA-256 that has seen ``first``: for every certificate of the group it is the same."""

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
            tuple(zip(order, after, strict=True)), tail, sha256(first),
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

        A slot is taken to end at the first byte that follows its first place in the pattern.
        """
        slots = [b""] * len(Slots._fields)
        at = len(self.first)
        for place, following in self.rest:
            known = slots[place]
            if known:
                at += len(known) + len(following)
                continue
            end = text.find(following[:1], at)
            if end < 0:
                return None
            slots[place] = text[at:end]
            at = end + len(following)
        return slots
