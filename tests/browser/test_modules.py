"""Single modules of the browser verifier against published and known answers, in Node.js."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from schemas import qr
from tests.world import BASE, NOW, World

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "../shared/reference/vectors"

pytestmark = pytest.mark.node


def _node(mode: str, given: Any) -> Any:
    done = subprocess.run(
        ["node", str(ROOT / "tests/browser/modules.mjs"), mode],
        input=json.dumps(given).encode(), capture_output=True, timeout=300, check=False,
        env={**os.environ, "HALLMARK_VERIFIER": str(ROOT / "verifier/browser")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_digits() -> None:
    good = {
        "": "", "000": "00", "255": "ff", "00513": "0102", "281474976710655": "ff" * 6,
        "72057594037927935": "ff" * 7, "0" * 17: "00" * 7,
        "09056056326776168036715199885175": "68656c6c6f2c20776f726c6421",
        "016943646487349760367241624977613503854": bytes(range(16)).hex(),
    }  # fmt: skip
    bad = ["1", "12", "256", "99999", "72057594037927936", "9" * 17, "1234567", "000a", "０００"]
    assert _node("digits", [*good, *bad]) == [*good.values(), *[None] * len(bad)]


# RFC 8032 §7.1, tests 2 and 3.
RFC8032 = [
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493


def _plus_order(signature: str) -> str:
    raw = bytes.fromhex(signature)
    s = int.from_bytes(raw[32:], "little") + ORDER
    return (raw[:32] + s.to_bytes(32, "little")).hex()


def test_ed25519_is_strict() -> None:
    key, message, signature = RFC8032[0]
    small = "01" + "00" * 31
    # With a key of small order this signature holds over any message, if one lets it.
    forged = (small, "00", small + "00" * 32)
    bent = (key, message, signature[:-2] + "01")
    rows = [*RFC8032, (key, "73", signature), (key, message, _plus_order(signature)), forged, bent]
    assert _node("ed25519", rows) == [True, True, False, False, False, False]


def test_ed25519_agrees_with_published_vectors() -> None:
    rows: list[Any] = [list(row) for row in RFC8032]
    expected = [True] * len(rows)
    for path in sorted(VECTORS.glob("wycheproof/**/ed25519*.json")):
        for group in json.loads(path.read_text("utf-8"))["testGroups"]:
            for test in group["tests"]:
                rows.append([group["publicKey"]["pk"], test["msg"], test["sig"]])
                expected.append(test["result"] == "valid")
    assert _node("ed25519", rows) == expected


def test_no_single_bit_of_a_code_can_be_changed() -> None:
    world = World()
    made = world.issue()
    files = {path: data.hex() for path, data in world.publish().items()}
    symbols = []
    for bit in range(len(made.cose) * 8):
        changed = bytearray(made.cose)
        changed[bit >> 3] ^= 1 << (bit & 7)
        symbols.append(qr.text(BASE, bytes(changed)))
    given = {"root": world.root_note.hex(), "files": files, "at": NOW, "symbols": symbols}
    found = _node("flips", given)
    assert sum(found.values()) == len(symbols) > 2000
    assert set(found) <= {"forged", "unrecognised", "untrusted_issuer"}
    assert _node("flips", {**given, "symbols": [made.text]}) == {"valid": 1}
