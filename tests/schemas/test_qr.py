import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import cbor, digits, qr, qr_items
from schemas.certificate import Facts, Kind
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError
from tests.schemas import strategies

FACTS = Facts(
    base="https://certs.example.gov.cn", uuid=UUID("6f0a1f0e-8a0c-4f3b-9c55-0d6a4c9f7e21"),
    issuer="jst.example.gov.cn", number="Y001011999966263000001", version=1, kind=Kind.LEVEL,
    name="欧阳娜娜", last4="002X", occupation="6-29-01-04", occupation_name="钢筋工", level="3",
    work_type="020", site="72003018", assessed=date(2026, 11, 15), awarded=date(2026, 11, 22),
    valid_from=None, valid_until=None, signed_at=1795320000, status_list=42, status_index=94567,
)  # fmt: skip
PAYLOAD = bytes.fromhex(
    "a6"
    "01726a73742e6578616d706c652e676f762e636e"
    "027659303031303131393939393636323633303030303031"
    "061a6b0268c0"
    "07506f0a1f0e8a0c4f3b9c550d6a4c9f7e21"
    "19ffffa16b7374617475735f6c697374a2"
    "636964781a00017167"
    "63757269782168747470733a2f2f63657274732e6578616d706c652e676f762e636e2f732f3432"
    "3a00010000aa"
    "0102"
    "026ce6aca7e998b3e5a89ce5a89c"
    "036430303258"
    "041a005ffab8"
    "0503"
    "06195124"
    "071a044aadca"
    "0869e992a2e7ad8be5b7a5"
    "0919512b"
    "0a14"
)
FULL = replace(
    FACTS, version=2, valid_from=date(2026, 12, 1), valid_until=date(2029, 11, 30), level="T",
    occupation="SPOP-01", site="A-7",
)  # fmt: skip
EXAMPLES = Path(__file__).resolve().parents[2] / "../shared/reference/examples"


def parsed_or_refused(payload: bytes) -> Facts | None:
    """Parse; None where it is refused with one of our errors. Any other error fails the test."""
    try:
        return qr.parse(payload)
    except FormatError:
        return None


def test_known_answer() -> None:
    assert qr.claims(FACTS) == PAYLOAD
    assert qr.parse(PAYLOAD) == FACTS
    assert len(PAYLOAD) == 197


def test_what_is_read_is_frozen_facts() -> None:
    facts = qr.parse(PAYLOAD)
    assert type(facts) is Facts
    assert hash(facts) == hash(FACTS)
    with pytest.raises(AttributeError):
        facts.number = "Y"  # type: ignore[misc]


@settings(deadline=None, max_examples=300)
@given(strategies.facts())
def test_any_facts_come_back(facts: Facts) -> None:
    payload = qr.claims(facts)
    assert qr.parse(payload) == facts
    assert qr._by_steps(payload) == facts
    assert cbor.encode(cbor.decode(payload)) == payload


def test_the_usual_shape_is_read_the_quick_way() -> None:
    assert qr_items.read(PAYLOAD) == FACTS
    assert qr_items.read(qr.claims(FULL)) == FULL


@pytest.mark.parametrize("facts", [FACTS, FULL], ids=["usual", "full"])
def test_every_flipped_bit_prints_back_or_is_refused(facts: Facts) -> None:
    payload = qr.claims(facts)
    for bit in range(len(payload) * 8):
        changed = bytearray(payload)
        changed[bit // 8] ^= 1 << bit % 8
        read = parsed_or_refused(bytes(changed))
        if read is not None:
            assert qr.claims(read) == changed
            assert read != facts


@pytest.mark.parametrize("facts", [FACTS, FULL], ids=["usual", "full"])
def test_every_cut_and_every_tail_is_refused(facts: Facts) -> None:
    payload = qr.claims(facts)
    for length in range(len(payload)):
        assert parsed_or_refused(payload[:length]) is None
    for tail in range(256):
        assert parsed_or_refused(payload + bytes([tail])) is None


def test_random_edits_read_the_same_both_ways_or_are_refused_both_ways() -> None:
    rng = random.Random(11)
    sources = [PAYLOAD, qr.claims(FULL)]
    for _ in range(20_000):
        changed = bytearray(rng.choice(sources))
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(changed))
            edit = rng.randrange(3)
            if edit == 0:
                changed[place] = rng.randrange(256)
            elif edit == 1:
                del changed[place : place + rng.randint(1, 4)]
            else:
                changed[place:place] = rng.randbytes(rng.randint(1, 4))
        data = bytes(changed)
        read = parsed_or_refused(data)
        try:
            slow = qr._by_steps(data)
            qr.rules.check_period(slow)
        except FormatError:
            slow = None
        assert read == slow
        if read is not None:
            assert qr.claims(read) == data


@given(st.binary(max_size=120))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        qr.parse(data)


def edited(**changes: Any) -> bytes:
    """The known payload with claims (``c7``) or fields of our claim (``f3``) set or removed."""
    value = cbor.decode(PAYLOAD)
    for key, item in changes.items():
        target = value if key[0] == "c" else value[qr.OURS]
        if item is None:
            del target[int(key[1:].replace("_", "-"))]
        else:
            target[int(key[1:].replace("_", "-"))] = item
    return cbor.encode(value)


def status(idx: Any, uri: Any, **more: Any) -> dict[str, Any]:
    return {"status_list": {"idx": idx, "uri": uri, **more}}


URI = FACTS.status_uri
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("iss not text", {"c1": 1}), ("iss upper with blank", {"c1": "A B"}), ("no iss", {"c1": None}),
    ("number lower case", {"c2": "y001"}), ("number wide digits", {"c2": "Ｙ００１"}),
    ("number with stroke", {"c2": "Y/001"}), ("no number", {"c2": None}),
    ("iat negative", {"c6": -1}), ("iat true", {"c6": True}), ("iat beyond", {"c6": 1 << 40}),
    ("iat text", {"c6": "1"}), ("cti short", {"c7": b"1" * 15}), ("cti text", {"c7": "1" * 16}),
    ("no status", {"c65535": None}), ("status not a map", {"c65535": 1}),
    ("status of other kind", {"c65535": {"identifier_list": {}}}),
    ("status twice", {"c65535": {**status(1, URI), "x": 1}}),
    ("status entry with more", {"c65535": status(1, URI, aggregation="x")}),
    ("idx negative", {"c65535": status(-1, URI)}), ("idx large", {"c65535": status(1 << 24, URI)}),
    ("idx true", {"c65535": status(True, URI)}), ("idx text", {"c65535": status("1", URI)}),
    ("uri with path", {"c65535": status(1, "https://a.example/x/s/1")}),
    ("uri other folder", {"c65535": status(1, "https://a.example/b/1")}),
    ("uri leading zero", {"c65535": status(1, "https://a.example/s/01")}),
    ("uri wide digit", {"c65535": status(1, "https://a.example/s/１")}),
    ("uri tail", {"c65535": status(1, "https://a.example/s/1?")}),
    ("uri scheme", {"c65535": status(1, "ftp://a.example/s/1")}),
    ("uri upper host", {"c65535": status(1, "https://A.example/s/1")}),
    ("uri user", {"c65535": status(1, "https://u@a.example/s/1")}),
    ("uri newline", {"c65535": status(1, "https://a.example/s/1\n")}),
    ("uri bytes", {"c65535": status(1, b"https://a.example/s/1")}),
    ("ours not a map", {"c_65537": [1]}), ("ours text key", {"c_65537": {"1": 1}}),
    ("kind true", {"f1": True}), ("kind text", {"f1": "2"}), ("no kind", {"f1": None}),
    ("name empty", {"f2": ""}), ("name bytes", {"f2": b"x"}), ("name bidi", {"f2": "甲\u202e乙"}),
    ("name not NFC", {"f2": "Jose\u0301"}), ("name digit", {"f2": "甲1"}),
    ("no name", {"f2": None}),
    ("last four short", {"f3": "02X"}), ("last four lower", {"f3": "002x"}),
    ("last four wide", {"f3": "００２X"}), ("last four int", {"f3": 1234}),
    ("occupation as text", {"f4": "6-29-01-04"}), ("occupation digits", {"f4": "6290104"}),
    ("occupation negative", {"f4": -1}), ("occupation large", {"f4": 10_000_000}),
    ("occupation bytes", {"f4": b"6"}), ("level as text", {"f5": "3"}), ("level 0", {"f5": 0}),
    ("level 6", {"f5": 6}), ("level true", {"f5": True}), ("assessed negative", {"f6": -1}),
    ("assessed beyond", {"f6": 84006}), ("assessed text", {"f6": "2026-11-15"}),
    ("assessed true", {"f6": True}), ("site as text", {"f7": "72003018"}),
    ("site large", {"f7": 100_000_000}), ("site blank", {"f7": "A B"}),
    ("occupation name int", {"f8": 1}), ("occupation name empty", {"f8": ""}),
    ("no award", {"f9": None}), ("work type text", {"f10": "020"}),
    ("work type large", {"f10": 1000}),
    ("work type true", {"f10": True}), ("version 1", {"f11": 1}), ("version 0", {"f11": 0}),
    ("version large", {"f11": 1 << 16}), ("version text", {"f11": "2"}),
    ("version true", {"f11": True}), ("ends before award", {"f12": 20778}),
    ("starts at award", {"f13": 20779}), ("starts before award", {"f13": 20000}),
    ("ends before start", {"f12": 20790, "f13": 20791}),
]  # fmt: skip


@pytest.mark.parametrize("changes", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_claims_that_say_it_otherwise_are_refused(changes: dict[str, Any]) -> None:
    payload = edited(**changes)
    with pytest.raises(FormatError) as refused:
        qr.parse(payload)
    assert not isinstance(refused.value, NotOurProfileError | NewerFormatError)


@pytest.mark.parametrize(
    "changes", [{"c4": 1}, {"c63": 1}, {"c_1": 1}, {"f14": 1}, {"f63": "x"}, {"f_1": 1}, {"f1": 4}]
)
def test_what_must_be_understood_and_is_not_known_is_newer(changes: dict[str, Any]) -> None:
    with pytest.raises(NewerFormatError):
        qr.parse(edited(**changes))


def test_fields_from_64_up_are_left_unread() -> None:
    assert qr.parse(edited(c64=1, c70000={"x": [b""]}, f64="x", f99=[1])) == FACTS
    with pytest.raises(FormatError):
        qr.parse(edited(c64=1, f6="x"))


def test_another_registry_is_told_apart() -> None:
    for value in ({1: "x"}, {2: "x", -65538: {1: 1}}, [], 1, "x", {}):
        with pytest.raises(NotOurProfileError):
            qr.parse(cbor.encode(value))


def test_a_well_known_example_of_another_profile() -> None:
    # Token Status List draft-20, the referenced token in CWT: its claims are not in order either.
    payload = bytes.fromhex(
        "a502653132333435017368747470733a2f2f6578616d706c652e636f6d061a648c5bea041a8898dfea19ffff"
        "a16b7374617475735f6c697374a2636964780063757269782168747470733a2f2f6578616d706c652e636f6d"
        "2f7374617475736c697374732f31"
    )
    with pytest.raises(FormatError):
        qr.parse(payload)


def reordered(keys: list[Any], ours: list[Any]) -> bytes:
    """The known payload with its keys in another order or of another type."""
    value = cbor2.loads(PAYLOAD)
    fields = {key: value[qr.OURS][key] for key in ours}
    return cbor2.dumps({key: fields if key == qr.OURS else value[key] for key in keys})


def test_order_and_type_of_keys_count() -> None:
    outer, inner = [1, 2, 6, 7, 65535, -65537], list(range(1, 11))
    assert reordered(outer, inner) == PAYLOAD
    for keys, ours in [
        (outer[::-1], inner), (outer, inner[::-1]), ([True, *outer[1:]], inner),
        (outer, [True, *inner[1:]]), ([1, 2.0, *outer[2:]], inner), (outer, [1, 2.0, *inner[2:]]),
    ]:  # fmt: skip
        with pytest.raises(FormatError):
            qr.parse(reordered(keys, ours))


@pytest.mark.parametrize(
    ("place", "long"),
    [
        (PAYLOAD.index(b"\x01\x02\x02\x6c"), b"\x18\x01"),
        (PAYLOAD.index(b"\x05\x03\x06") + 1, b"\x18\x03"),
        (PAYLOAD.index(b"\x0a\x14") + 1, b"\x18\x14"),
    ],
)
def test_long_forms_of_integers_are_refused(place: int, long: bytes) -> None:
    with pytest.raises(FormatError):
        qr.parse(PAYLOAD[:place] + long + PAYLOAD[place + 1 :])


def test_a_key_twice_is_refused() -> None:
    twice = PAYLOAD.replace(
        b"\x3a\x00\x01\x00\x00\xaa\x01\x02", b"\x3a\x00\x01\x00\x00\xab\x01\x02\x01\x02"
    )
    assert len(twice) == len(PAYLOAD) + 2
    with pytest.raises(FormatError):
        qr.parse(twice)


UNSAYABLE: list[dict[str, Any]] = [
    {"version": 0}, {"version": True}, {"name": "甲\u200b"}, {"last4": "02x"}, {"level": ""},
    {"number": "y1"}, {"base": "https://a.example/"}, {"base": "https://A.example"}, {"site": ""},
    {"base": "https://a.example/x"}, {"issuer": "a/b"}, {"occupation": "6290104"},
    {"work_type": "20"}, {"assessed": date(1969, 12, 31)}, {"awarded": date(2200, 1, 1)},
    {"valid_from": date(2026, 11, 22)}, {"valid_until": date(2026, 11, 21)}, {"signed_at": -1},
    {"status_index": -1}, {"status_index": 1 << 24}, {"status_list": -1}, {"occupation_name": ""},
]  # fmt: skip


@pytest.mark.parametrize("change", UNSAYABLE, ids=str)
def test_what_could_not_be_read_is_not_written(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        qr.claims(replace(FACTS, **change))


def test_text_and_back() -> None:
    cose = b"\xd2\x84" + PAYLOAD
    text = qr.text("https://certs.example.gov.cn", cose)
    assert text == "https://certs.example.gov.cn/v#" + digits.encode(cose)
    assert qr.from_text(text) == cose
    assert qr.from_text(digits.encode(cose)) == cose
    assert qr.from_text("http://127.0.0.1:8000/v#" + digits.encode(cose)) == cose


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "https://certs.example.gov.cn/", "https://a.example/v?x#000", "WIFI:S:x;;",
        "https://a.example/w#000", "https://a.example/v/#000", "ftp://a.example/v#000", "/v#000",
        "https://a.example/x/v#000", "https://u@a.example/v#000", "０００", "000\n", " 000",
        "https:///v#000",
    ],
)  # fmt: skip
def test_another_text_is_not_ours(text: str) -> None:
    with pytest.raises(NotOurProfileError):
        qr.from_text(text)


@pytest.mark.parametrize("fragment", ["", "1", "256", "00a", "０００", "000#000", "0" * 8000])
def test_damaged_digits_are_refused(fragment: str) -> None:
    with pytest.raises(FormatError) as refused:
        qr.from_text("https://a.example/v#" + fragment)
    assert not isinstance(refused.value, NotOurProfileError)


def test_every_flipped_bit_of_the_text_changes_the_bytes_or_is_refused() -> None:
    text = qr.text("https://a.example", PAYLOAD)
    for place in range(len("https://a.example/v#"), len(text)):
        for bit in range(7):
            changed = text[:place] + chr(ord(text[place]) ^ 1 << bit) + text[place + 1 :]
            try:
                data = qr.from_text(changed)
            except FormatError:
                continue
            assert data != PAYLOAD
            assert digits.encode(data) == changed.partition("#")[2]


def test_the_earlier_field_set_is_not_taken_for_ours() -> None:
    for path in EXAMPLES.glob("*token.hex"):
        token = bytes.fromhex(path.read_text().strip())
        payload = token[token.index(b"\xa5\x01\x72") : -66]
        value = cbor.decode(payload)
        assert value[2] == "Y001011999966215000001"
        assert value[qr.OURS][2] == "欧阳娜娜"
        with pytest.raises(FormatError, match=r"lacks \[7\]"):
            qr.parse(payload)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (b"\x06\x1a\x6b\x02\x68\xc0", b"\x06\x1a\x00\x00\x68\xc0"),
        (b"\x06\x1a\x6b\x02\x68\xc0", b"\x06\x1b\x00\x00\x00\x00\x6b\x02\x68\xc0"),
        (b"\x04\x1a\x00\x5f\xfa\xb8", b"\x04\x1a\x00\x00\xfa\xb8"),
        (b"\x07\x1a\x04\x4a\xad\xca", b"\x07\x1a\x00\x00\xad\xca"),
        (b"\x1a\x00\x01\x71\x67", b"\x1a\x00\x00\x71\x67"),
        (b"\x06\x19\x51\x24", b"\x06\x19\x00\x24"),
        (b"\x06\x19\x51\x24", b"\x06\x1a\x00\x00\x51\x24"),
    ],
)
def test_long_forms_in_every_place_are_refused(short: bytes, long: bytes) -> None:
    assert PAYLOAD.count(short) == 1
    with pytest.raises(FormatError):
        qr.parse(PAYLOAD.replace(short, long))


@pytest.mark.parametrize("length", [1, 22, 23, 24, 25, 60, 61, 255, 256, 300, 2000])
def test_a_text_has_one_head(length: int) -> None:
    """Of a name of any length, at most the shortest head is read, and nothing else is raised."""
    head = b"\x02\x6c" + "欧阳娜娜".encode()
    assert PAYLOAD.count(head) == 1
    right = bytes([0x60 + length]) if length < 24 else b"\x78" + bytes([length % 256])
    heads = {bytes([first]) for first in range(0x60, 0x78)}
    heads |= {b"\x78" + bytes([second]) for second in range(256)}
    for each in sorted(heads):
        altered = PAYLOAD.replace(head, b"\x02" + each + b"A" * length)
        if each == right and length <= 60:
            assert qr.parse(altered).name == "A" * length
        else:
            with pytest.raises(FormatError):
                qr.parse(altered)
