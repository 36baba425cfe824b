"""The trust anchor and the trust list: who may sign what, in which window.

Both are the text of a signed note (C2SP signed-note): a first line that names the format and its
version, then one line of canonical JSON. :func:`text` prints, :func:`parse` and :func:`parse_root`
read, and what is read prints back to the same text. Signatures and thresholds are the business of
``keys.note`` and ``verifier.trust``. Specification: ``schemas/spec/trust-list.md``.
"""

import re
from typing import TypeVar

from schemas import jcs
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError
from schemas.json_object import JsonObject
from schemas.root import Holder, HolderKey, Root
from schemas.trust_keys import Closed, Key
from schemas.trust_list import TrustList
from schemas.trust_parts import Issuer, Name
from schemas.trust_places import Checkpoint, Freshness, Location, Log, Witness

__all__ = [
    "Checkpoint",
    "Closed",
    "Freshness",
    "Holder",
    "HolderKey",
    "Issuer",
    "Key",
    "Location",
    "Log",
    "Name",
    "Root",
    "TrustList",
    "Witness",
    "parse",
    "parse_root",
    "text",
]

ROOT_HEADER = "hallmark-root/1"
LIST_HEADER = "hallmark-trust-list/1"
_T = TypeVar("_T", Root, TrustList)
_VERSIONED = re.compile(r"(hallmark-[a-z-]+)/([1-9][0-9]{0,5})")


def text(value: Root | TrustList) -> str:
    """Print the text of the signed note: header line, canonical JSON, last newline."""
    header = ROOT_HEADER if isinstance(value, Root) else LIST_HEADER
    return f"{header}\n{jcs.canonical(value.json()).decode()}\n"


def parse(given: str) -> TrustList:
    """Read the text of a trust list.

    Raises NotOurProfileError for another header, NewerFormatError for a later version or an
    unknown field, role or algorithm, FormatError for anything else that :func:`text` would not
    print.
    """
    body = _body(given, LIST_HEADER)
    value = TrustList(
        registry=body.text("registry"),
        version=body.integer("version"),
        issued=body.instant("issued"),
        previous=body.optional("previous", lambda key: body.hexadecimal(key, 32)),
        root=body.integer("root"),
        issuers=body.objects("issuers", Issuer.read),
        keys=body.objects("keys", Key.read),
        logs=body.objects("logs", Log.read),
        witnesses=body.objects("witnesses", Witness.read),
        status=body.texts("status"),
        locations=body.objects("locations", Location.read),
        freshness=body.object("freshness", Freshness.read),
        checkpoints=body.objects("checkpoints", Checkpoint.read),
        phone=body.optional("phone", body.text),
    )
    return _same(given, value, body)


def parse_root(given: str) -> Root:
    """Read the text of a root; errors as for :func:`parse`."""
    body = _body(given, ROOT_HEADER)
    value = Root(
        registry=body.text("registry"),
        version=body.integer("version"),
        threshold=body.integer("threshold"),
        holders=body.objects("holders", Holder.read),
    )
    return _same(given, value, body)


def _body(given: str, header: str) -> JsonObject:
    lines = given.split("\n")
    if lines[0] != header:
        found = _VERSIONED.fullmatch(lines[0])
        if found is not None and found[1] == header.partition("/")[0]:
            raise NewerFormatError(f"format {lines[0]}")
        raise NotOurProfileError(f"the first line is not {header}")
    if len(lines) != 3 or lines[2]:
        raise FormatError("the text does not have exactly two lines")
    return JsonObject(jcs.load(lines[1]), header.partition("/")[0])


def _same(given: str, value: _T, body: JsonObject) -> _T:
    body.close()
    if text(value) != given:
        raise FormatError("the JSON is not in its canonical spelling")
    return value
