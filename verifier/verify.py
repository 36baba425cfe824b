"""One function: whatever was scanned, pasted or uploaded in, one report out."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from schemas import dates
from schemas.certificate import Facts, Instant
from schemas.status_note import StatusNote
from verifier import checks, documents, opening, verdict
from verifier.checks import Case
from verifier.evidence import Evidence
from verifier.opening import Opened
from verifier.report import Report, Verdict
from verifier.report_draft import ReportDraft
from verifier.trust import Trust, TrustError
from verifier.words import is_special

_STATE_WORDS = {0: "valid", 1: "revoked", 2: "suspended", 12: "superseded", 13: "cancelled",
                14: "withdrawn"}  # fmt: skip
_DOTS = dict.fromkeys(map(ord, "·•・‧⋅∙●．.﹒"), "·")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Facts that the asker holds; those given are compared with the certificate's."""

    name: str | None = None
    last4: str | None = None
    number: str | None = None


def verify(
    data: bytes | str,
    trust: Trust | TrustError | None,
    at: Instant,
    evidence: Evidence | None = None,
    asked: Asked | None = None,
) -> Report:
    """Open ``data``, run every check and decide; never raises on any ``data``.

    ``trust`` is the opened anchor, or why there is none; without it everything readable is
    ``undetermined``. ``at`` is the instant asked about, UTC seconds; FormatError when it lies
    outside 1970 to 2199. ``evidence`` must be under the same ``trust``.
    """
    dates.check_instant(at)
    return _judged(opening.open(data), trust, at, evidence, asked)


def verify_all(
    inputs: Sequence[tuple[bytes | str, Instant]], trust: Trust | TrustError | None
) -> list[Report]:
    """Verify many inputs, each as of its own instant and without evidence, as :func:`verify` does.

    All are opened before the first is judged: like operations in a row find their code and tables
    in the processor's caches, which saves whoever issues a sixth of the time.
    """
    opened = [opening.open(data) for data, _ in inputs]
    reports = []
    for each, (_, at) in zip(opened, inputs, strict=True):
        dates.check_instant(at)
        reports.append(_judged(each, trust, at, None, None))
    return reports


def _judged(
    opened: Opened,
    trust: Trust | TrustError | None,
    at: Instant,
    evidence: Evidence | None,
    asked: Asked | None,
) -> Report:
    is_altered = opened.code == "signature.contradiction"
    if opened.code != "readable.ok" and not is_altered:
        phone = trust.phone(None) if isinstance(trust, Trust) else None
        return _stopped(opened, (opened.code,), at, phone)
    code = checks.trust_code(trust, at)
    if code in verdict.STOPS or not isinstance(trust, Trust):
        return _stopped(opened, ("readable.ok", code), at, None)
    if is_altered:
        codes = ("readable.ok", code, "key.not_applicable", opened.code)
        return _stopped(opened, codes, at, trust.phone(None))
    if opened.primary is None:
        return _document(opened, trust, at, code)
    return _certificate(Case(opened, trust, at, evidence), code, asked)


def _stopped(opened: Opened, codes: tuple[str, ...], at: Instant, phone: str | None) -> Report:
    decided, reason, steps = verdict.decide(codes)
    return Report(
        verdict=decided, reason=reason, form=opened.form, at=at, steps=steps, phone=phone,
        notices=("face",) if opened.face else (), face=opened.face,
    )  # fmt: skip


def _document(opened: Opened, trust: Trust, at: Instant, code: str) -> Report:
    judged = documents.judge(opened, trust, at)
    decided, reason, steps = verdict.decide((opened.code, code, *judged.codes), certificate=False)
    return Report(
        verdict=decided, reason=reason, form=opened.form, at=at, steps=steps,
        phone=trust.phone(None), note=judged.note,
        notices=("stale_document",) if judged.is_stale and decided == "genuine" else (),
    )  # fmt: skip


def _certificate(case: Case, code: str, asked: Asked | None) -> Report:
    codes = ["readable.ok", code]
    for check in checks.TABLE:
        found = check(case)
        codes.append(found)
        if found in verdict.STOPS:
            return _stopped(case.opened, tuple(codes), case.at, case.trust.phone(None))
    if case.least_trust > case.trust.version:
        codes[1] = "trust.stale"
    decided, reason, steps = verdict.decide(tuple(codes))
    facts, trust = case.facts, case.trust
    name = trust.issuer_name(facts.issuer, facts.signed_at)
    note = _note(case, decided)
    return ReportDraft(
        decided,
        reason,
        case.opened.form,
        case.at,
        steps,
        facts,
        case.form.names,
        None if name is None else name.zh,
        None if name is None else name.en,
        (None if note is None else note.phone) or trust.phone(facts.issuer),
        case.status_as_of,
        _last_known(case, codes[-1]),
        None if note is None else documents.note_body(note),
        _notices(decided, codes, case),
        None if asked is None else _match(facts, asked),
        case.opened.face,
    ).report()


def _note(case: Case, decided: Verdict) -> StatusNote | None:
    if decided is Verdict.VALID or not case.state or case.evidence is None:
        return None
    if not any(rule.line == 8 for rule in verdict.RULES if rule.verdict is decided):
        return None
    return case.evidence.status_note(case.facts, case.form.digest, case.state)


def _last_known(case: Case, code: str) -> str | None:
    if code != "status.stale" or case.state is None:
        return None
    return _STATE_WORDS.get(case.state, "unknown")


def _notices(decided: Verdict, codes: list[str], case: Case) -> tuple[str, ...]:
    notices: tuple[str, ...] = ()
    if decided is Verdict.VALID and is_special(
        case.facts.occupation, case.facts.work_type, case.facts.occupation_name
    ):
        notices += ("special_operation",)
    if codes[5] == "issued.offline":
        notices += ("offline",)
    if case.opened.face:
        notices += ("face",)
    return notices


def _match(facts: Facts, asked: Asked) -> str | None:
    """Compare what the asker holds; None when nothing was given."""
    given = [
        (wanted, said)
        for wanted, said in (
            (asked.name, facts.name),
            (asked.last4, facts.last4),
            (asked.number, facts.number),
        )
        if wanted
    ]
    if not given:
        return None
    is_same = all(_normal(wanted) == _normal(said) for wanted, said in given)
    return "matched" if is_same else "not_matched"


def _normal(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(_DOTS).upper()
    return "".join(folded.split())
