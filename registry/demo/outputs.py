"""What the demonstration leaves on disk: a folder per certificate version, and an index."""

import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from registry.config import Config
from registry.queries import certificates
from registry.queries.certificates import IssuedCertificate
from registry.queries.policy import policy
from registry.rules.permissions import Actor
from registry.web import papers
from schemas import dates
from schemas.certificate import Instant, State
from verifier.report import Verdict

FILES = (
    ("json", "certificate.json"), ("pdf", "certificate.pdf"), ("txt", "qr.txt"),
    ("png", "qr.png"), ("svg", "qr.svg"),
)  # fmt: skip
"""Paper -> file name in a certificate's folder."""

_VERDICTS = {
    State.REVOKED: Verdict.REVOKED, State.CANCELLED: Verdict.REVOKED,
    State.WITHDRAWN: Verdict.REVOKED, State.SUSPENDED: Verdict.SUSPENDED,
    State.SUPERSEDED: Verdict.SUPERSEDED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A certificate that is out, with the verdict that a verifier must give."""

    folder: str
    issued: IssuedCertificate
    verdict: Verdict


def entries(session: Session, actors: list[Actor], batches: list[int], now: Instant) -> list[Entry]:
    """Every released certificate of these batches, by number and version."""
    found = []
    for actor in actors:
        for batch in batches:
            for row in certificates.of_batch(session, actor, batch):
                each = certificates.issued(session, row.id) if row.status is not None else None
                if each is not None and each.released_at is not None:
                    facts = each.certificate.facts
                    found.append(
                        Entry(f"{facts.number}-v{facts.version}", each, verdict(each, now))
                    )
    unique = {each.folder: each for each in found}
    return [unique[name] for name in sorted(unique)]


def verdict(issued: IssuedCertificate, now: Instant) -> Verdict:
    """What a verifier must say of it on line, by state first and civil day second."""
    if issued.state in _VERDICTS:
        return _VERDICTS[issued.state]
    facts, today = issued.certificate.facts, dates.shanghai_day(now)
    if facts.valid_until is not None and today > facts.valid_until:
        return Verdict.EXPIRED
    if today < (facts.valid_from or facts.awarded):
        return Verdict.NOT_YET_VALID
    return Verdict.VALID


def write(session: Session, config: Config, listed: list[Entry]) -> None:
    """Write every certificate's papers and the index."""
    root = config.folder / "certificates"
    rules = policy(session)
    by_page = {each.issued.public_id: each for each in listed}
    index = []
    for each in listed:
        folder = root / each.folder
        folder.mkdir(parents=True, exist_ok=True)
        photo = certificates.photo(session, each.issued.id)
        for kind, name in FILES:
            (folder / name).write_bytes(papers.make(kind, each.issued, photo, config, rules).data)
        facts = each.issued.certificate.facts
        newer = by_page[each.issued.newer].issued.certificate.facts if each.issued.newer else None
        index.append(
            {
                "folder": each.folder, "number": facts.number, "version": facts.version,
                "state": each.verdict.value, "holder": facts.name,
                "replaced_by": newer and {"number": newer.number, "version": newer.version},
            }
        )  # fmt: skip
    _write_json(root / "index.json", index)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
