"""The quick way through our own proof set: one pattern cuts its canonical JSON into the members.

:func:`read` answers None, or what ``jcs.load`` answers for the same bytes; the tests in
``tests/verifier/test_quick.py`` hold it to that. Nothing is verified here.
"""

import re
from typing import Any

from keys.data_integrity import JCS, PROOF_TYPE, PURPOSE, RDFC, Cryptosuite
from schemas import jcs
from schemas.credential_layout import CONTEXTS

_CONTEXT = re.escape(jcs.canonical(list(CONTEXTS)).decode())
_CREATED = r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)"
_METHOD = r"([A-Za-z0-9:%.#-]{1,400})"
_VALUE = r"(z[1-9A-Za-z]{80,90})"


def _members(suite: Cryptosuite) -> str:
    """One proof's members in canonical order, without braces."""
    context = f'"@context":{_CONTEXT},' if suite.repeats_context else ""
    return (
        f'{context}"created":"{_CREATED}","cryptosuite":"{suite.name}",'
        f'"proofPurpose":"{PURPOSE}","proofValue":"{_VALUE}","type":"{PROOF_TYPE}",'
        f'"verificationMethod":"{_METHOD}"'
    )


_PATTERN = re.compile(rf"\[\{{{_members(RDFC)}\}},\{{{_members(JCS)}\}}\]", re.ASCII)


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
