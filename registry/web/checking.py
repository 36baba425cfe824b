"""One verification as the pages and the interface need it: evidence in, report document out."""

from typing import Any, TypeAlias

from registry.web.evidence import Snapshot
from schemas.certificate import Instant
from verifier import render
from verifier.verify import Asked, verify

Report: TypeAlias = dict[str, Any]
"""A document of ``verifier/report.schema.json``, with its words."""


def report_document(
    snapshot: Snapshot, data: bytes | str, at: Instant, asked: Asked | None
) -> Report:
    """Verify and describe; any input has a report, none raises."""
    return render.document(verify(data, snapshot.trust, at, snapshot.evidence, asked))


def unread(data: bytes, at: Instant) -> Report:
    """The report about a picture or PDF that was given up on: it could not be read."""
    document = render.document(verify(b"", None, at, None))
    document["form"] = "pdf" if b"%PDF-" in data[:1024] else "image"
    return document
