"""The quick way through our own proof set: its canonical JSON, written and cut by one pattern.

:func:`secure` answers the canonical JSON of the proofs that ``data_integrity.secure`` makes.
:func:`read` answers None, or what ``jcs.load`` answers for the same bytes; nothing is verified
here. The tests in ``tests/verifier/test_quick.py`` hold both to that.
"""

import re
from typing import Any

from keys.data_integrity import JCS, PROOF_TYPE, PURPOSE, RDFC, Cryptosuite, proof_value
from keys.signer import Signer
from schemas import jcs
from schemas.credential_layout import CONTEXTS

_CONTEXT = jcs.canonical(list(CONTEXTS))
_CREATED = r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)"
_METHOD = r"([A-Za-z0-9:%.#-]{1,400})"
_VALUE = r"(z[1-9A-Za-z]{80,90})"


def _members(suite: Cryptosuite, context: str, created: str, value: str, method: str) -> str:
    """One proof's members in canonical order, without braces."""
    repeated = f'"@context":{context},' if suite.repeats_context else ""
    return (
        f'{repeated}"created":"{created}","cryptosuite":"{suite.name}",'
        f'"proofPurpose":"{PURPOSE}","proofValue":"{value}","type":"{PROOF_TYPE}",'
        f'"verificationMethod":"{method}"'
    )


_MEMBERS = re.escape(_CONTEXT.decode()), _CREATED, _VALUE, _METHOD
_PATTERN = re.compile(
    rf"\[\{{{_members(RDFC, *_MEMBERS)}\}},\{{{_members(JCS, *_MEMBERS)}\}}\]", re.ASCII
)
_TEXT = f"[{{{_members(RDFC, *['%s'] * 4)}}},{{{_members(JCS, _CONTEXT.decode(), *['%s'] * 3)}}}]"
_IS_PLAIN = re.compile(_METHOD, re.ASCII)


def secure(nquads_hash: bytes, jcs_hash: bytes, signer: Signer, method: str, created: str) -> bytes:
    """Sign both canonical forms of a certificate and write the proof set as canonical JSON.

    Raises EnvelopeError for a method or time of another shape.
    """
    first = proof_value(RDFC, _CONTEXT, nquads_hash, signer, method, created)
    second = proof_value(JCS, _CONTEXT, jcs_hash, signer, method, created)
    # A DID holds nothing that JSON escapes; a method that does is written by its own encoder.
    spelt = method if _IS_PLAIN.fullmatch(method) else jcs.string(method)[1:-1]
    return (_TEXT % (created, first, spelt, created, second, spelt)).encode()


def read(text: str) -> list[dict[str, Any]] | None:
    """Return the two proofs of a set as this registry prints it, None for any other text."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    found = match.groups()
    first, second = _proof(RDFC, *found[:3]), _proof(JCS, *found[3:])
    second["@context"] = list(CONTEXTS)
    return [first, second]


def _proof(suite: Cryptosuite, created: str, value: str, method: str) -> dict[str, Any]:
    return {
        "created": created,
        "cryptosuite": suite.name,
        "proofPurpose": PURPOSE,
        "proofValue": value,
        "type": PROOF_TYPE,
        "verificationMethod": method,
    }
