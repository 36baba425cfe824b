"""Reads our forms with other people's libraries; run by the interpreter beside, never imported.

Standard input: ``{"sealed": {name: hex}, "keys": {name: multibase}, "status": [index, …],
"bits": encodedList, "credentials": [object, …], "method": multibase}``. Standard output: what cwt
and openvc-core make of it.
"""

import base64
import json
import sys
import warnings
from typing import Any

import cbor2
from cwt import COSE, CWT, COSEKey
from openvc.errors import OpenvcError
from openvc.multibase import decode_multibase, read_varint
from openvc.proof.di_jcs import EddsaJcsProofSuite
from openvc.status.bitstring import decode_bitstring, get_status_bit
from openvc.status.token_status_list import check_token_status

STATUS_LIST = 65533
"""CWT claim of the list."""


def raw(multibase: str) -> bytes:
    """The 32 bytes of a Multikey."""
    data = decode_multibase(multibase)
    kind, length = read_varint(data)
    assert kind == 0xED
    return data[length:]


def opened(sealed: bytes, multibase: str) -> dict[str, Any]:
    """Claims and protected header of a CWT whose signature and times hold."""
    header, _, _ = COSE.new().decode_with_headers(sealed, key(multibase, sealed))
    claims = CWT.new().decode(sealed, key(multibase, sealed))
    assert isinstance(claims, dict)
    return {"header": header, "claims": claims}


def key(multibase: str, sealed: bytes) -> Any:
    """A COSE key that names what the header names."""
    protected = cbor2.loads(cbor2.loads(sealed).value[0])
    # RFC 9052 and 9053: OKP, kid, Ed25519 fully specified, verify only, curve, x.
    return COSEKey.new({1: 1, 2: protected[4], 3: -19, 4: [2], -1: 6, -2: raw(multibase)})


def states(claims: dict[Any, Any], wanted: list[int]) -> list[int]:
    """States by openvc, given the list under the name that JSON has for it."""
    found = claims[STATUS_LIST]
    lst = base64.urlsafe_b64encode(found["lst"]).rstrip(b"=").decode()
    token = {"sub": claims[2], "status_list": {"bits": found["bits"], "lst": lst}}
    results = [
        check_token_status(
            {"status": {"status_list": {"uri": claims[2], "idx": index}}},
            resolve_status_list_token=lambda _uri: token,
        )
        for index in wanted
    ]
    return [result.status for result in results if result is not None]


def jcs_subject(secured: dict[str, Any], multibase: str) -> str | None:
    """Subject of a credential whose eddsa-jcs-2022 proof holds; it stands alone, as sent."""
    x = base64.urlsafe_b64encode(raw(multibase)).rstrip(b"=").decode()
    verified = EddsaJcsProofSuite().verify(
        secured, public_key_jwk={"kty": "OKP", "crv": "Ed25519", "x": x}
    )
    return verified.subject


def refused(secured: dict[str, Any], multibase: str) -> str | None:
    """Name of the error that a credential gives, None where it has none."""
    try:
        jcs_subject(secured, multibase)
    except OpenvcError as error:
        return type(error).__name__
    return None


def plain(value: Any) -> Any:
    """The same with bytes as hex and text for keys, so that it can be JSON."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def main() -> None:
    """Read everything that was sent."""
    given = json.load(sys.stdin)
    read = {
        name: opened(bytes.fromhex(data), given["keys"][name])
        for name, data in given["sealed"].items()
    }
    bits = decode_bitstring(given["bits"])
    print(json.dumps({
        "sealed": plain({n: r for n, r in read.items() if n != "list"}),
        "list": plain({k: v for k, v in read["list"]["claims"].items() if k != STATUS_LIST}),
        "states": states(read["list"]["claims"], given["status"]),
        "bits": [get_status_bit(bits, index) for index in given["status"]],
        "size": len(bits) * 8,
        "subject": jcs_subject(given["credentials"][0], given["method"]),
        "refused": [refused(each, given["method"]) for each in given["credentials"][1:]],
    }))  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("error")
    main()
