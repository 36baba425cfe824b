"""Judges what is no certificate: lists, tiles, notes, trust lists, roots; ``genuine`` at best."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keys import cose, data_integrity, note
from keys.errors import PublicKeyError, SignatureError
from keys.signer import PublicKey
from schemas import bitstring_status, credential, jcs, rdf, status_note, tile, token_status
from schemas import trust as trust_format
from schemas.certificate import Instant
from schemas.errors import FormatError, NotOurProfileError
from schemas.status_note import StatusNote
from schemas.trust import Key
from verifier.evidence import is_in_window, is_stolen
from verifier.opening import Opened
from verifier.report import CHECKS
from verifier.trust import KeyPairs, Trust, TrustError, open_list, open_root

_REST = tuple(f"{check}.not_applicable" for check in CHECKS[5:])
_KEY, _SIGNATURE, _SCOPE = "key.ok", "signature.ok", "scope.ok"


@dataclass(frozen=True, slots=True)
class Judged:
    """Codes from ``key`` on, the body of a genuine note, and whether its age is over."""

    codes: tuple[str, ...]
    note: Mapping[str, Any] | None = None
    is_stale: bool = False


def judge(opened: Opened, trust: Trust, at: Instant) -> Judged:
    """Verify the document of ``opened``, which is readable and no certificate."""
    return _JUDGES[opened.form](opened.document, trust, at)


def note_body(value: StatusNote) -> dict[str, Any]:
    """Return a note as the JSON object that it is signed as."""
    body: dict[str, Any] = json.loads(status_note.text(value).split("\n")[1])
    return body


def _status_list(sign1: cose.Sign1, trust: Trust, at: Instant) -> Judged:
    value = token_status.parse(sign1.payload)
    return _sealed(sign1, trust, at, value.issued, value.expires)


def _issued_tile(sign1: cose.Sign1, trust: Trust, at: Instant) -> Judged:
    value = tile.parse(sign1.payload)
    return _sealed(sign1, trust, at, value.issued, value.expires)


def _sealed(
    sign1: cose.Sign1, trust: Trust, at: Instant, issued: Instant, expires: Instant
) -> Judged:
    pairs = tuple((key, trust.public(key)) for key in trust.list.keys if key.kid == sign1.kid)
    if not pairs:
        return _unknown(trust, at)

    def verify(public: PublicKey) -> None:
        cose.open(sign1, public)

    return _signed(pairs, verify, issued, _is_stale(trust, at, issued, expires))


def _bitstring_list(secured: dict[str, Any], trust: Trust, at: Instant) -> Judged:
    unsecured = credential.unsecured(secured)
    value = bitstring_status.parse(unsecured)
    proofs = credential.proofs(secured)
    nquads, canonical = rdf.canonical(unsecured), jcs.canonical(unsecured)
    is_stale = _is_stale(trust, at, value.issued, value.expires)
    judged = _unknown(trust, at)
    for proof in proofs:
        found = _method_key(proof.get("verificationMethod"), value.issuer, trust)
        if found is None:
            return _unknown(trust, at)

        def verify(public: PublicKey, proof: dict[str, Any] = proof) -> None:
            data_integrity.check(unsecured, nquads, canonical, proof, public)

        judged = _signed(((found, trust.public(found)),), verify, value.issued, is_stale)
        if judged.codes[:3] != (_KEY, _SIGNATURE, _SCOPE):
            return judged
    return judged


def _method_key(method: Any, issuer: str, trust: Trust) -> Key | None:
    if not isinstance(method, str) or not method.startswith(issuer + "#"):
        return None
    try:
        public = PublicKey.from_multibase(method.rpartition("#")[2])
    except PublicKeyError:
        return None
    return next((key for key in trust.list.keys if key.public == public.raw), None)


def _status_note(data: bytes, trust: Trust, at: Instant) -> Judged:
    parsed = note.parse(data)
    value = status_note.parse(parsed.text)
    named = [(line.name, trust.list.key(line.name)) for line in parsed.signatures]
    known = [(name, key) for name, key in named if key is not None]
    if not known:
        return _unknown(trust, at)
    judged = _unknown(trust, at)
    for name, key in known:

        def verify(public: PublicKey, name: str = name) -> None:
            note.open(parsed, {name: public}, 1)

        judged = _signed(((key, trust.public(key)),), verify, None, False)
        if judged.codes[:3] == (_KEY, _SIGNATURE, _SCOPE):
            return Judged(judged.codes, note_body(value), judged.is_stale)
    return judged


def _trust_list(data: bytes, trust: Trust, at: Instant) -> Judged:
    try:
        text = open_list(data, trust.root)
    except TrustError:
        return Judged((_KEY, "signature.bad"))
    value = trust_format.parse(text)
    known = trust.texts.get(value.version)
    is_ours = value.registry == trust.root.registry and known in (None, text)
    is_stale = value.version < trust.version or not trust.is_current(at)
    return Judged((_KEY, _SIGNATURE, _SCOPE if is_ours else "scope.role", *_REST),
                  is_stale=is_stale)  # fmt: skip


def _root(data: bytes, trust: Trust, _at: Instant) -> Judged:
    try:
        _, text = open_root(data)
    except (FormatError, SignatureError):
        return Judged((_KEY, "signature.bad"))
    if text != trust.root_text:
        return Judged(("key.unknown",))
    return Judged((_KEY, _SIGNATURE, _SCOPE, *_REST))


def _unknown(trust: Trust, at: Instant) -> Judged:
    return Judged(("key.unknown" if trust.is_current(at) else "key.unknown_stale",))


def _is_stale(trust: Trust, at: Instant, issued: Instant, expires: Instant) -> bool:
    return at >= expires or at - issued > trust.list.freshness.status


def _signed(
    pairs: KeyPairs, verify: Callable[[PublicKey], None], issued: Instant | None, is_stale: bool
) -> Judged:
    """Try each key; the first whose signature verifies is judged for role, window and theft."""
    for key, public in pairs:
        try:
            verify(public)
        except NotOurProfileError:
            return Judged((_KEY, "signature.foreign_proof"))
        except (FormatError, SignatureError):
            continue
        return Judged((_KEY, _SIGNATURE, _scope(key, issued), *_REST), is_stale=is_stale)
    return Judged((_KEY, "signature.bad"))


def _scope(key: Key, issued: Instant | None) -> str:
    if key.role != "status":
        return "scope.role"
    if issued is not None and not is_in_window(key, issued):
        return "scope.window"
    return "scope.stolen" if is_stolen(key) else _SCOPE


_JUDGES: dict[str, Callable[[Any, Trust, Instant], Judged]] = {
    "status_list": _status_list,
    "issued_tile": _issued_tile,
    "bitstring_list": _bitstring_list,
    "status_note": _status_note,
    "trust_list": _trust_list,
    "root": _root,
}
