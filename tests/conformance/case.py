"""One conformance case, how it is run and how it is written."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.world import NOW
from verifier import render
from verifier.evidence import Evidence
from verifier.report import Report
from verifier.sources import MappingSource, SequenceMemory, Source
from verifier.trust import Trust, TrustError
from verifier.verify import Asked, verify


class _Recording:
    """A source that knows what it was asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._source = MappingSource(files)
        self.asked: set[str] = set()

    def get(self, uri: str) -> bytes | None:
        self.asked.add(urlsplit(uri).path)
        return self._source.get(uri)


@dataclass(frozen=True, kw_only=True)
class Case:
    """An input with all that it is verified with, and what must come out."""

    name: str
    given: bytes | str
    """Input: text as text, anything else as bytes."""
    root: bytes | None
    files: Mapping[str, bytes]
    verdict: str
    reason: str | None = None
    code: str | None = None
    """The code that decides."""
    at: int = NOW
    online: bool = True
    asked: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=dict)
    """Sequences that the verifier remembers, by address."""
    match: str | None = None
    notices: tuple[str, ...] = ()

    def opened(self, source: Source) -> tuple[Trust | TrustError | None, Evidence | None]:
        """Trust list and evidence as the command line would open them."""
        memory = SequenceMemory()
        for uri, sequence in self.seen.items():
            memory.remember(uri, sequence)
        if self.root is None:
            return None, None
        try:
            trust = Trust.load(self.root, source, memory)
        except TrustError as error:
            return error, None
        return trust, Evidence(source, trust, memory=memory, online=self.online)

    def run(self, source: Source | None = None) -> Report:
        """Verify the input as the command line would."""
        trust, evidence = self.opened(source or MappingSource(self.files))
        asked = Asked(**self.asked) if self.asked else None
        return verify(self.given, trust, self.at, evidence, asked)

    def body(self) -> dict[str, Any]:
        """Return the JSON of the case with the whole report, checked against what is expected."""
        source = _Recording(self.files)
        report = self.run(source)
        found = (report.verdict.value, report.reason, report.match, report.notices)
        wanted = (self.verdict, self.reason, self.match, self.notices)
        codes = {step.code for step in report.steps}
        if found != wanted or (self.code is not None and self.code not in codes):
            raise AssertionError(f"{self.name}: {found} {sorted(codes)}, expected {wanted}")
        given = (
            {"input": self.given}
            if isinstance(self.given, str)
            else {"input_base64": _base64(self.given)}
        )
        return {
            "name": self.name,
            **given,
            "form": report.form,
            "root": None if self.root is None else self.root.decode(),
            # A verifier that walks from the newest trust list may ask for others of them.
            "files": {
                path: _base64(data)
                for path, data in sorted(self.files.items())
                if path in source.asked or path.startswith("/trust/")
            },
            "at": self.at,
            "offline": not self.online,
            "asked": dict(self.asked) or None,
            "seen": dict(self.seen),
            "expected": {
                "verdict": report.verdict.value,
                "reason": report.reason,
                "code": self.code,
                "steps": {step.check: step.outcome.value for step in report.steps},
                "codes": {step.check: step.code for step in report.steps},
                "report": render.document(report),
            },
        }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
