"""What verification answers: a verdict, its reason, and the step of every check.

The JSON shape is ``verifier/report.schema.json``; command line, API and browser print the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schemas.certificate import Facts, Instant, Names


class Verdict(StrEnum):
    """The one word; precedence is the table of ``verifier/README.md``."""

    VALID = "valid"
    GENUINE = "genuine"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    FORGED = "forged"
    UNTRUSTED_ISSUER = "untrusted_issuer"
    UNRECOGNISED = "unrecognised"
    UNDETERMINED = "undetermined"


class Outcome(StrEnum):
    """How one check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


CHECKS = (
    "readable", "trust", "key", "signature", "scope", "issued",
    "logged", "catalogue", "authority", "period", "status",
)  # fmt: skip
"""Every check, in the order in which they run and are reported."""


@dataclass(frozen=True, slots=True)
class Step:
    """One check's outcome with a stable code (``key.unknown``, ``status.stale``, …)."""

    check: str
    outcome: Outcome
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole answer. ``facts`` is None whenever content must not be shown."""

    verdict: Verdict
    reason: str | None
    """Which sentence of ``texts.json``: ``withdrawn``, ``other_registry``, ``never_issued``, …"""
    form: str
    """``qr``, ``json``, ``pdf``, ``status_list``, ``trust_list``, … or ``unknown``."""
    at: Instant
    steps: tuple[Step, ...]
    facts: Facts | None = None
    names: Names | None = None
    issuer_name: str | None = None
    """Name of the issuer in force at signing, from the trust list (never from the document)."""
    issuer_name_en: str | None = None
    """The same name in English, if the trust list has one."""
    phone: str | None = None
    """Whom to call: from the note, else the issuer's, else the trust list's."""
    status_as_of: Instant | None = None
    """Issue time of the status list that was read (状态截至)."""
    last_known: str | None = None
    """State last read, where the verdict is ``undetermined`` because it is stale."""
    note: Mapping[str, Any] | None = None
    """The opened status note (authority, date, reason, appeal, replacement), if not valid."""
    notices: tuple[str, ...] = ()
    """Codes of notices to show beside the verdict, e.g. ``special_operation``."""
    match: str | None = None
    """``matched`` or ``not_matched`` against facts the asker gave; None when none were given."""
    face: str | None = None
    """``not_checked`` for a PDF or picture of a face whose print no signature covers."""
