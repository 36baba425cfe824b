"""The checks of one certificate: an ordered table of functions, each answering with one code.

Codes, their meaning and the precedence between them stand in ``verifier/README.md``; here is only
how each is found. A check sees what the ones before it have found in the :class:`Case`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from keys import cose, data_integrity
from keys.errors import EnvelopeError, SignatureError
from keys.signer import PublicKey
from schemas import dates
from schemas.certificate import Facts, Instant, State
from schemas.errors import FormatError, NotOurProfileError
from schemas.tile import EMPTY, ENTRIES, RECORD_SIZE
from schemas.trust import Key
from verifier.evidence import Evidence, Found, is_in_window, is_stolen
from verifier.forms import HEAD, CertificateForm, JsonForm, QrForm
from verifier.opening import Opened
from verifier.trust import KeyPairs, Trust, TrustError

_STATE_CODES = {
    State.VALID: "status.ok",
    State.REVOKED: "status.revoked",
    State.SUSPENDED: "status.suspended",
    State.SUPERSEDED: "status.superseded",
    State.CANCELLED: "status.cancelled",
    State.WITHDRAWN: "status.withdrawn",
}
_TERMINAL = frozenset(int(state) for state in State if state.is_terminal)
_STATUS_PROBLEMS = {
    problem: f"status.{problem}" for problem in ("missing", "spoilt", "rolled_back", "foreign")
}


class Case:
    """One certificate under verification: what was given, and what the checks have found."""

    __slots__ = (
        "at", "evidence", "facts", "form", "keys", "least_trust", "opened", "pairs", "required",
        "state", "status_as_of", "trust",
    )  # fmt: skip

    def __init__(
        self,
        opened: Opened,
        trust: Trust,
        at: Instant,
        evidence: Evidence | None,
    ) -> None:
        assert opened.primary is not None
        self.opened = opened
        self.form: CertificateForm = opened.primary
        self.facts: Facts = opened.primary.facts
        self.trust = trust
        self.at = at
        self.evidence = evidence
        self.pairs: KeyPairs = ()
        """Keys that the form may be signed with; of a QR every one of the key id."""
        self.keys: tuple[Key, ...] = ()
        """Keys whose signature verified."""
        self.required: tuple[str, ...] = ()
        """Checks that a key that signed wants to have passed."""
        self.least_trust = 0
        self.state: int | None = None
        self.status_as_of: Instant | None = None

    def is_fresh(self, issued: Instant, expires: Instant) -> bool:
        """Whether a list or tile is young enough to decide."""
        return self.at < expires and self.at - issued <= self.trust.list.freshness.status

    def signed_by(self, *keys: Key) -> None:
        """Note keys whose signature verified, and which checks they require."""
        self.keys = (*self.keys, *keys)
        for key in keys:
            self.required += key.checks


def trust_code(trust: Trust | TrustError | None, at: Instant) -> str:
    """Check that a trust list leads to the pinned root, and its age."""
    if trust is None:
        return "trust.none"
    if isinstance(trust, TrustError):
        return trust.code
    return "trust.ok" if trust.is_current(at) else "trust.stale"


def key(case: Case) -> str:
    """Find the keys that the form says it is signed with."""
    form = case.form
    if type(form) is QrForm:
        case.pairs = case.trust.candidates(form.facts.issuer, form.sign1.kid)
        is_known = bool(case.pairs)
    else:
        is_known = _json_keys(case, form)
    if is_known:
        return "key.ok"
    return "key.unknown" if case.trust.is_current(case.at) else "key.unknown_stale"


def _json_keys(case: Case, form: CertificateForm) -> bool:
    assert isinstance(form, JsonForm)
    pairs = []
    for proof in form.our_proofs:
        method = proof.get("verificationMethod")
        found = None
        if isinstance(method, str) and method.startswith(form.issuer_did + "#"):
            found = case.trust.key_of_method(form.facts.issuer, method)
        if found is None:
            return False
        pairs.append((found, case.trust.public(found)))
    case.pairs = tuple(pairs)
    return bool(pairs)


def signature(case: Case) -> str:
    """Verify every signature, and that the parts of a PDF say the same."""
    form = case.form
    if type(form) is QrForm:
        signer = _cose_signer(form, case.pairs)
        if signer is None:
            return "signature.bad"
        case.signed_by(signer)
        return "signature.ok"
    assert isinstance(form, JsonForm)
    for proof, (_, public) in zip(form.our_proofs, case.pairs, strict=True):
        if not _proof_holds(form, proof, public):
            return "signature.bad"
    case.signed_by(*(key for key, _ in case.pairs))
    code = _companion(case, form)
    if code is not None:
        return code
    if len(form.our_proofs) < len(form.proofs):
        return "signature.foreign_proof"
    suites = {proof["cryptosuite"] for proof in form.our_proofs}
    is_whole = len(suites) == len(data_integrity.CRYPTOSUITES)
    return "signature.ok" if is_whole else "signature.proof_missing"


def _cose_signer(form: QrForm, pairs: KeyPairs) -> Key | None:
    for candidate, public in pairs:
        try:
            cose.open(form.sign1, public)
        except SignatureError:
            continue
        return candidate
    return None


def _proof_holds(form: JsonForm, proof: dict[str, Any], public: PublicKey) -> bool:
    try:
        data_integrity.check_digest(HEAD, form.digest_in, proof, public)
    except (SignatureError, EnvelopeError, NotOurProfileError, FormatError):
        return False
    return True


def _companion(case: Case, form: JsonForm) -> str | None:
    companion = case.opened.companion
    if companion is None:
        return None
    pairs = case.trust.candidates(companion.facts.issuer, companion.sign1.kid)
    signer = _cose_signer(companion, pairs)
    if signer is None:
        return "signature.bad"
    case.signed_by(signer)
    # The QR may leave the occupation's name out.
    named = companion.facts.occupation_name or form.facts.occupation_name
    if replace(companion.facts, occupation_name=named) != form.facts:
        return "signature.parts_disagree"
    return None


def scope(case: Case) -> str:
    """Check role, kind, province and window of each key that signed, then theft."""
    facts = case.facts
    for signer in case.keys:
        if signer.role != "issuer":
            return "scope.role"
        if not signer.covers(facts.kind, facts.site):
            is_kind = signer.kinds is None or facts.kind in signer.kinds
            return "scope.province" if is_kind else "scope.kind"
        if not is_in_window(signer, facts.signed_at):
            return "scope.window"
    if any(is_stolen(signer) for signer in case.keys):
        return "scope.stolen"
    return "scope.ok"


def issued(case: Case) -> str:
    """Compare the form with its record in the issued tile."""
    code = _issued(case)
    if code in ("issued.ok", "issued.differs", "issued.absent"):
        return code
    is_offline = case.evidence is not None and not case.evidence.online
    return "issued.offline" if is_offline and "issued" not in case.required else code


def _issued(case: Case) -> str:
    if case.evidence is None:
        return "issued.missing"
    facts = case.facts
    found = case.evidence.issued_tile(facts.tile_uri)
    tile = found.value
    if tile is None:
        return "issued.missing" if found.problem == "foreign" else f"issued.{found.problem}"
    if not _speaks_for(found, facts):
        return "issued.spoilt"
    case.least_trust = max(case.least_trust, tile.least_trust)
    # The address above is that of the index's own tile, so its place follows from the index.
    start = facts.status_index % ENTRIES * RECORD_SIZE
    record = tile.records[start : start + RECORD_SIZE]
    half = case.form.tile_half
    is_fresh = case.is_fresh(tile.issued, tile.expires)
    if record != EMPTY:
        if record[half] != case.form.digest[:8]:
            return "issued.differs"
        return "issued.ok" if is_fresh else "issued.stale"
    if not is_fresh:
        return "issued.stale"
    return "issued.absent" if tile.issued > facts.signed_at else "issued.too_early"


def _speaks_for(found: Found[Any], facts: Facts) -> bool:
    return found.key is not None and found.key.issuer in (None, facts.issuer)


def logged(case: Case) -> str:
    """Not checked: no inclusion proofs are at hand yet."""
    return "logged.required" if "logged" in case.required else "logged.no_evidence"


def catalogue(case: Case) -> str:
    """Not checked: the catalogue's statements are not at hand yet."""
    return "catalogue.required" if "catalogue" in case.required else "catalogue.no_evidence"


def authority(case: Case) -> str:
    """Not checked: statements on sites and examiners are not at hand yet."""
    return "authority.required" if "authority" in case.required else "authority.no_evidence"


def period(case: Case) -> str:
    """Compare the civil day in Shanghai with the first and the last valid day, both inclusive."""
    facts = case.facts
    today = dates.shanghai_day(case.at)
    if today < (facts.valid_from or facts.awarded):
        return "period.not_yet"
    if facts.valid_until is not None and today > facts.valid_until:
        return "period.expired"
    return "period.ok"


def status(case: Case) -> str:
    """Read the state from the status list, and judge the list's age."""
    if case.evidence is None:
        return "status.missing"
    facts = case.facts
    found = case.evidence.status_list(facts.status_uri)
    opened = found.value
    if opened is None:
        return _STATUS_PROBLEMS[found.problem]
    if not _speaks_for(found, facts):
        return "status.spoilt"
    case.least_trust = max(case.least_trust, opened.least_trust)
    index = facts.status_index
    if index >> 1 >= len(opened.states):
        return "status.out_of_range"
    case.status_as_of = opened.issued
    case.state = state = opened.states[index >> 1] >> ((index & 1) << 2) & 15
    if state in _TERMINAL or case.is_fresh(opened.issued, opened.expires):
        return _STATE_CODES.get(state, "status.unknown_state")  # type: ignore[call-overload,no-any-return]
    return "status.stale"


TABLE: tuple[Callable[[Case], str], ...] = (
    key, signature, scope, issued, logged, catalogue, authority, period, status,
)  # fmt: skip
"""Checks after ``readable`` and ``trust``, in the order of ``verifier.report.CHECKS``."""
