"""Whose photograph a file is, by its name; and the policy's figures for photographs.

Sites name pictures by examination ticket or by ID number. A ticket that several people of a batch
share says nothing; one person's several results get the same picture.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.rules.decision import RefusedError, reason
from registry.rules.policy import Policy

_ENDING = re.compile(r"\.(?:jpe?g|png)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who is in a batch: results by ticket and by ID number."""

    tickets: Mapping[str, tuple[int, ...]]
    """Ticket -> results that carry it, of one person or of several."""
    numbers: Mapping[bytes, tuple[int, ...]]
    """Look-up value of an ID number -> the person's results."""
    people: Mapping[int, bytes]
    """Result -> look-up value of its person."""


def figures(policy: Policy, on: date) -> Mapping[str, Any]:
    """The row ``photos`` in force on a day.

    Raises:
        PolicyError: there is none, or more than one.
    """
    return policy.row("photos", on)


def stem(name: str) -> str:
    """The ticket or number that a file is named by, in normal form.

    Raises:
        RefusedError: another ending than .jpg, .jpeg or .png, or nothing before it.
    """
    bare = _ENDING.sub("", name)
    text = "".join(unicodedata.normalize("NFKC", bare).split()).upper()
    if bare == name or not text or len(text) > 40:
        raise RefusedError(reason("photo_name"))
    return text


def whose(text: str, lookups: tuple[bytes, ...], known: Candidates) -> tuple[int, ...]:
    """The results whose photograph a file of that name is.

    Args:
        text: from :func:`stem`.
        lookups: look-up values of the text read as an ID number; empty where it is none.
        known: who is in the batch.

    Raises:
        RefusedError: nobody's, or several people's.
    """
    for lookup in lookups:
        if found := known.numbers.get(lookup):
            return found
    found = known.tickets.get(text, ())
    people = {known.people[result] for result in found}
    if not people:
        raise RefusedError(reason("photo_stranger"))
    if len(people) > 1:
        raise RefusedError(reason("photo_ambiguous"))
    [person] = people
    return known.numbers[person]
