"""Finding a certificate by facts: number and name, or number and last four. Every miss is alike.

Numbers are sequential and so can be enumerated: a number alone opens nothing.
"""

import hmac
import re
from dataclasses import dataclass

from registry.rules import identity, names
from registry.rules.decision import RefusedError, reason

_NUMBER = re.compile(r"(?=.*[0-9])[0-9A-Z\u3400-\u9fff()./_-]{4,40}")
"""Numbers of ours are digits, capitals and hyphens; older papers also print Han and brackets."""
_LOOK_ALIKES = str.maketrans("‐‑‒–—−〔〕【】[]", "------()()()")


@dataclass(frozen=True, slots=True)
class Question:
    """What an asker knows, normalised; one of ``name`` and ``last4`` is there, or both."""

    number: str
    name: str | None
    last4: str | None


def question(number: str, name: str = "", last4: str = "") -> Question:
    """A question from what somebody typed.

    Raises:
        RefusedError: fewer than two facts, or one that cannot be right.
    """
    number, last4 = number_key(number), identity.normalise(last4)
    name = name.strip()
    if not number or not (name or last4):
        raise RefusedError(reason("lookup_needs_two"))
    if not is_number(number):
        raise RefusedError(reason("lookup_malformed", field="证书编号"))
    if last4 and not re.fullmatch(r"[0-9A-Z]{4}", last4):
        raise RefusedError(reason("lookup_malformed", field="末四位"))
    return Question(number, name or None, last4 or None)


def number_key(text: str) -> str:
    """A certificate number as look-ups compare it: half-width, capitals, one kind of bracket."""
    return identity.normalise(text).translate(_LOOK_ALIKES)


def is_number(key: str) -> bool:
    """Whether a text in the form of :func:`number_key` can be a certificate's number."""
    return _NUMBER.fullmatch(key) is not None


def answers(asked: Question, *, name: str, last4: str) -> bool:
    """Whether every fact the asker gave is the stored one; the number is what found the row.

    Both facts are compared whatever the first gives, so that time tells nothing about which failed.
    """
    named = asked.name is None or hmac.compare_digest(
        names.key(asked.name).encode(), names.key(name).encode()
    )
    matched = asked.last4 is None or hmac.compare_digest(asked.last4.encode(), last4.encode())
    return named & matched
