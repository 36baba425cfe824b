"""A report while it is put together.

Turning it into ``Report`` by its class costs a fifth of calling the frozen constructor, which sets
nineteen fields one by one around its own guard. The result equals what the constructor makes:
``tests/verifier/test_verdict.py`` compares.
"""

from collections.abc import Mapping
from typing import Any

from schemas.certificate import Facts, Instant, Names
from verifier.report import Report, Step, Verdict


class ReportDraft:
    """The fields of a report about a certificate, with the same slots."""

    __slots__ = Report.__slots__

    def __init__(
        self,
        verdict: Verdict,
        reason: str | None,
        form: str,
        at: Instant,
        steps: tuple[Step, ...],
        facts: Facts,
        names: Names | None,
        issuer_name: str | None,
        issuer_name_en: str | None,
        phone: str | None,
        status_as_of: Instant | None,
        last_known: str | None,
        note: Mapping[str, Any] | None,
        notices: tuple[str, ...],
        match: str | None,
        face: str | None,
    ) -> None:
        self.verdict = verdict
        self.reason = reason
        self.form = form
        self.at = at
        self.steps = steps
        self.facts = facts
        self.names = names
        self.issuer_name = issuer_name
        self.issuer_name_en = issuer_name_en
        self.phone = phone
        self.status_as_of = status_as_of
        self.last_known = last_known
        self.note = note
        self.notices = notices
        self.match = match
        self.face = face

    def report(self) -> Report:
        """Become the frozen value."""
        self.__class__ = Report  # type: ignore[assignment]
        return self  # type: ignore[return-value]
