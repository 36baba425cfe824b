"""One verification as the pages and the interface need it: evidence in, report document out."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from registry.web.evidence import Snapshot
from schemas.certificate import Instant
from verifier import render
from verifier.verify import Asked, verify
from verifier.words import NO_CONTACT

Report: TypeAlias = dict[str, Any]
"""A document of ``verifier/report.schema.json``, with its words."""


def report_document(
    snapshot: Snapshot, data: bytes | str, at: Instant, asked: Asked | None,
    contact: Mapping[str, str] = NO_CONTACT,
) -> Report:  # fmt: skip
    """Verify and describe; any input has a report, none raises.

    ``contact`` is this registry's own ``phone`` and ``site``, as far as it gives them.
    """
    report = verify(data, snapshot.trust, at, snapshot.evidence, asked)
    return render.document(report, contact=contact)


def unread(data: bytes, at: Instant, contact: Mapping[str, str] = NO_CONTACT) -> Report:
    """The report about a picture or PDF that was given up on: it could not be read."""
    document = render.document(verify(b"", None, at, None), contact=contact)
    document["form"] = "pdf" if b"%PDF-" in data[:1024] else "image"
    return document
