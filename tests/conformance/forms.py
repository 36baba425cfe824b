"""Cases of lines 1 and 4: inputs that cannot be read, are others', are newer, or miss a proof."""

import json
from collections.abc import Iterator
from typing import Any

from keys import cose
from schemas import cbor, digits, jcs, qr
from tests.conformance.case import Case
from tests.conformance.issuers import files
from tests.world import BASE, World, pair

UNREADABLE = {"verdict": "unrecognised", "reason": "unreadable", "code": "readable.unreadable"}
OTHER = {"verdict": "unrecognised", "reason": "other_registry", "code": "readable.other_registry"}
NEWER = {"verdict": "unrecognised", "reason": "newer", "code": "readable.newer"}
UNSIGNED = {"verdict": "unrecognised", "reason": "unreadable", "code": "readable.unsigned"}


def cases() -> Iterator[Case]:
    world = World()
    made = world.issue()
    tree, root = files(world), world.root_note
    for name, given, wanted in (
        *_texts(made.text),
        *_sealed(made.cose),
        *_documents(made.document),
    ):
        yield Case(name=name, given=given, root=root, files=tree, **wanted)
    yield Case(name="old-algorithm-number", root=root, given=_old_algorithm(world),
               files=files(world), verdict="valid")  # fmt: skip


def _old_algorithm(world: World) -> bytes:
    made = world.sign(world.issue(status_index=94569).certificate, pair("issuer"), alg=-8)
    world.issued[-1] = made
    return made.cose


def _texts(text: str) -> list[tuple[str, bytes | str, dict[str, Any]]]:
    return [
        ("text-empty", "", UNREADABLE),
        ("text-spaces", " \n", UNREADABLE),
        ("text-prose", "证书有效，请放心使用。", OTHER),
        ("text-other-address", "https://www.example.com/cert?id=1", OTHER),
        ("text-other-fragment", "https://www.example.com/page#about", OTHER),
        ("text-no-digits", f"{BASE}/v#", UNREADABLE),
        ("text-cut", text[:-1], UNREADABLE),
        ("text-cut-group", text[:-17], UNREADABLE),
        ("text-digit-more", text + "0", UNREADABLE),
        ("text-letter", text[:-1] + "a", UNREADABLE),
        ("text-full-width", text[:-1] + "１", UNREADABLE),
        ("text-group-too-large", f"{BASE}/v#{'9' * 17}", UNREADABLE),
    ]


def _sealed(sealed: bytes) -> list[tuple[str, bytes | str, dict[str, Any]]]:
    claims = cbor.decode(cose.parse(sealed).payload)
    signer = pair("issuer")

    def seal(value: Any, typ: int | str = qr.TYP) -> bytes:
        return cose.seal(cbor.encode(value), signer, typ)

    def ours(**changes: Any) -> dict[Any, Any]:
        return claims | {qr.OURS: claims[qr.OURS] | {int(k[1:]): v for k, v in changes.items()}}

    without = {key: value for key, value in claims.items() if key != qr.OURS}
    lacking = {key: value for key, value in claims.items() if key != qr.CTI}
    loose = sealed.replace(b"\x01\x02\x02\x6c", b"\x01\x18\x02\x02\x6c", 1)
    return [
        ("cose-empty", b"", UNREADABLE),
        ("cose-cut", sealed[:-1], UNREADABLE),
        ("cose-trailing", sealed + b"\x00", UNREADABLE),
        ("cose-untagged", sealed[1:], UNREADABLE),
        ("cose-long-integer", loose, UNREADABLE),
        ("cose-unknown-field", seal(ours(_14=1)), NEWER),
        ("cose-unknown-claim", seal(claims | {8: 1}), NEWER),
        ("cose-unknown-negative-field", seal(ours() | {-70000: 1}), NEWER),
        ("cose-unknown-kind", seal(ours(_1=9)), NEWER),
        ("cose-other-claims", seal(without), OTHER),
        ("cose-other-type", seal(claims, "application/other+cwt"), OTHER),
        ("cose-missing-claim", seal(lacking), UNREADABLE),
        ("cose-float", cose.seal(b"\xa1\x01\xfb" + bytes(8), signer, qr.TYP), UNREADABLE),
        ("cose-wrong-type", seal(ours(_2=7)), UNREADABLE),
        ("cose-bidi-name", seal(ours(_2="欧阳\u202e娜娜")), UNREADABLE),
        ("cose-day-beyond", seal(ours(_6=2**40)), UNREADABLE),
        ("text-of-unknown-field", f"{BASE}/v#{digits.encode(seal(ours(_14=1)))}", NEWER),
    ]


def _documents(document: dict[str, Any]) -> list[tuple[str, bytes | str, dict[str, Any]]]:
    rdfc, jcs_proof = document["proof"]

    def dump(**changes: Any) -> str:
        return jcs.canonical(document | changes).decode()

    unsigned = {key: value for key, value in document.items() if key != "proof"}
    missing = {"verdict": "undetermined", "reason": "proof_missing",
               "code": "signature.proof_missing"}  # fmt: skip
    foreign = {"verdict": "unrecognised", "reason": "newer", "code": "signature.foreign_proof"}
    alien = rdfc | {"cryptosuite": "ecdsa-rdfc-2019"}
    bad = {"verdict": "forged", "code": "signature.bad"}
    altered = {"verdict": "forged", "code": "signature.contradiction"}
    crossed = [rdfc | {"proofValue": jcs_proof["proofValue"]}, jcs_proof]
    pretty = json.dumps(document, ensure_ascii=False, indent=2)
    return [
        ("json-cut", dump()[:-1], UNREADABLE),
        ("json-trailing", dump() + "x", UNREADABLE),
        ("json-duplicate-key", dump()[:-1] + ',"name":"x"}', UNREADABLE),
        ("json-float", dump()[:-1] + ',"extra":1.5}', UNREADABLE),
        ("json-array", "[1]", OTHER),
        ("json-other-object", '{"type":["VerifiableCredential"]}', OTHER),
        ("json-unsigned", jcs.canonical(unsigned).decode(), UNSIGNED),
        ("json-extra-field", dump(extra="x"), altered),
        ("json-half-edited", dump(name=document["name"] + "1"), altered),
        ("json-half-edited-unsigned",
         jcs.canonical(unsigned | {"name": document["name"] + "1"}).decode(), altered),
        ("json-pretty", pretty, {"verdict": "valid"}),
        ("json-bytes-with-mark", b"\xef\xbb\xbf" + pretty.encode(), {"verdict": "valid"}),
        ("json-proofs-reversed", dump(proof=[jcs_proof, rdfc]), {"verdict": "valid"}),
        ("json-rdfc-only", dump(proof=[rdfc]), missing),
        ("json-jcs-only", dump(proof=jcs_proof), missing),
        ("json-foreign-proof", dump(proof=[rdfc, jcs_proof, alien]), foreign),
        ("json-only-foreign-proof", dump(proof=[alien]), NEWER),
        ("json-crossed-proofs", dump(proof=crossed), bad),
        ("json-bad-beside-foreign", dump(proof=[*crossed, alien]), bad),
        ("json-empty-proof", dump(proof=[]), UNREADABLE),
        ("json-created-differs",
         dump(proof=[rdfc | {"created": "2026-11-22T04:00:01Z"}, jcs_proof]), UNREADABLE),
    ]  # fmt: skip
