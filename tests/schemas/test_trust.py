"""Root and trust list: exact texts, look-ups, and what is refused."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import did, jcs, trust
from schemas.certificate import Kind
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError
from schemas.trust import Closed, Issuer, Location, Root, TrustList
from tests.schemas.trust_values import FIRST, FULL, HOST, ROOT, STOLEN, YEAR, key


def test_texts_typed_out() -> None:
    empty = replace(FIRST, phone="12345")
    assert trust.text(empty) == (
        "hallmark-trust-list/1\n"
        '{"checkpoints":[],"freshness":{"status":3600,"trust":86400},'
        '"issued":"2026-01-01T00:00:00Z","issuers":[],"keys":[],"locations":[],"logs":[],'
        '"phone":"12345","previous":null,"registry":"certs.example.gov.cn","root":1,'
        '"status":["https://certs.example.gov.cn/s/"],"version":1,"witnesses":[]}\n'
    )
    header, line, end = trust.text(ROOT).split("\n")
    assert (header, end) == ("hallmark-root/1", "")
    first = json.loads(line)["holders"][0]
    assert first == {
        "name": "certs.example.gov.cn/root/ministry",
        "keys": [{"alg": "Ed25519", "public": "DsmQeOU4wzBQ95AgZPPCA-rCOQd93dUR0idOvb2JYrQ"}],
    }


@pytest.mark.parametrize("value", [FIRST, FULL])
def test_list_comes_back(value: TrustList) -> None:
    assert trust.parse(trust.text(value)) == value


def test_root_comes_back() -> None:
    assert trust.parse_root(trust.text(ROOT)) == ROOT


def test_look_ups() -> None:
    first, second, third, status, *_ = FULL.keys
    assert FULL.issuer("jst") == FULL.issuers[0]
    assert FULL.issuer("none") is None
    assert FULL.key(f"{HOST}/status") is status
    assert FULL.key("status") is None
    assert FULL.keys_of("jst") == (first, second)
    assert FULL.keys_of("none") == ()
    assert status in FULL.keys_of(None)
    assert FULL.keys_in("issuer") == (first, second, third)
    assert FULL.keys_in("receipt") == ()
    method = did.method(f"did:web:{HOST}:issuers:jst", first.public)
    assert FULL.key_of_method(method) is first
    assert FULL.key_of_method(did.method(f"did:web:{HOST}", status.public)) is status
    assert FULL.key_of_method(did.method(f"did:web:{HOST}", first.public)) is None
    assert FULL.key_of_method(method + "x") is None


def test_names_by_day() -> None:
    issuer = FULL.issuers[0]
    assert issuer.name(date(2025, 12, 31)).zh == "某省实施机构"
    assert issuer.name(date(2026, 1, 1)).zh == "某省技能评价中心"
    assert issuer.name(date(2000, 1, 1)).zh == "某省技能评价中心"


def test_windows_and_scopes() -> None:
    limited, closed = FULL.keys[0], FULL.keys[1]
    assert [closed.is_open(at) for at in (YEAR - 1, YEAR, YEAR + 3600, YEAR + 3601)] == [
        False,
        True,
        True,
        False,
    ]
    assert limited.is_open(2**32)
    assert limited.covers(Kind.LEVEL, "72003018")
    assert not limited.covers(Kind.TRAINING, "72003018")
    assert not limited.covers(Kind.LEVEL, "73003018")
    assert closed.covers(Kind.TRAINING, "99000000")


def test_addresses() -> None:
    assert FULL.allows_status(f"https://{HOST}/s/1")
    for uri in (
        f"https://{HOST}/n/1",
        f"https://{HOST}.evil.example/s/1",
        f"http://{HOST}/s/1",
        f"https://{HOST}/s/../n/1",
    ):
        assert not FULL.allows_status(uri)
    assert FULL.locate(f"https://{HOST}/s/1") == "https://new.example/old/s/1"
    assert FULL.locate("https://other.example/s/1") == "https://other.example/s/1"


def other(text: str, version: str) -> str:
    return text.replace("/1\n", version, 1)


@pytest.mark.parametrize(("value", "parse"), [(FULL, trust.parse), (ROOT, trust.parse_root)])
def test_refuses_other_texts(value: Root | TrustList, parse: Callable[[str], Any]) -> None:
    text = trust.text(value)
    for newer in ("/2\n", "/10\n"):
        with pytest.raises(NewerFormatError):
            parse(other(text, newer))
    for foreign in ("/01\n", "\n", "/1 \n"):
        with pytest.raises(NotOurProfileError):
            parse(other(text, foreign))
    with pytest.raises(NotOurProfileError):
        parse("")
    line = text.split("\n")[1]
    for damaged in (
        text[:-1],
        text + "\n",
        text + "x\n",
        text.replace("{", "{ ", 1),
        text.replace(line, line + line),
        text.replace(line, "[]"),
        text.replace(line, line.replace('"version":', '"version" :')),
        text.replace('"version":', '"version":1,"version":', 1),
    ):
        with pytest.raises(FormatError):
            parse(damaged)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, step)
            yield from places(inner, (*path, step))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


CASES = [(FULL, trust.parse), (ROOT, trust.parse_root)]


def refused_or_other(changed: Any, value: Any, parse: Callable[[str], Any]) -> None:
    header = trust.text(value).split("\n")[0]
    text = f"{header}\n{jcs.canonical(changed).decode()}\n"
    try:
        read = parse(text)
    except FormatError:
        return
    assert read != value
    assert trust.text(read) == text


@pytest.mark.parametrize("new", ["", "x", "é", 0, 1, 2**40, -1, True, None, [], {}, [1], [""]])
@pytest.mark.parametrize(("value", "parse"), CASES)
def test_no_value_can_be_changed_unseen(value: Any, parse: Callable[[str], Any], new: Any) -> None:
    body = value.json()
    for path in places(body):
        changed = copy.deepcopy(body)
        parent = at(changed, path[:-1])
        if type(parent[path[-1]]) is not type(new) or parent[path[-1]] != new:
            parent[path[-1]] = new
            refused_or_other(changed, value, parse)


@pytest.mark.parametrize(("value", "parse"), CASES)
def test_nothing_can_be_added_or_removed_unseen(value: Any, parse: Callable[[str], Any]) -> None:
    body = value.json()
    for path in places(body):
        changed = copy.deepcopy(body)
        parent = at(changed, path[:-1])
        del parent[path[-1]]
        refused_or_other(changed, value, parse)
        if isinstance(at(body, path), dict):
            changed = copy.deepcopy(body)
            at(changed, path)["more"] = 1
            text = f"{trust.text(value).split(chr(10))[0]}\n{jcs.canonical(changed).decode()}\n"
            with pytest.raises(NewerFormatError):
                parse(text)


@given(st.text(max_size=80), st.integers(0, 300))
@settings(deadline=None)
def test_only_our_errors_escape(noise: str, cut: int) -> None:
    for value, parse in CASES:
        text = trust.text(value)  # type: ignore[type-var]
        for given_text in (noise, text[:cut] + noise + text[cut:], text[:-cut] + noise):
            try:
                read = parse(given_text)
            except FormatError:
                continue
            assert trust.text(read) == given_text


def test_unknown_words_are_newer() -> None:
    for make in (
        lambda: key("a", "notary"),
        lambda: key("a", "status", alg="ML-DSA-44"),
        lambda: Closed(why="lost", at=YEAR),
    ):
        with pytest.raises(NewerFormatError):
            make()
    changed = FULL.json()
    changed["keys"][0]["kinds"] = [4]
    with pytest.raises(NewerFormatError):
        trust.parse(f"hallmark-trust-list/1\n{jcs.canonical(changed).decode()}\n")


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(FULL, version=1),
        lambda: replace(FULL, version=0),
        lambda: replace(FULL, root=0),
        lambda: replace(FULL, previous=b"short"),
        lambda: replace(FULL, previous=None),
        lambda: replace(FULL, status=(f"https://{HOST}/s",)),
        lambda: replace(FULL, phone="110; drop"),
        lambda: replace(FULL, keys=(*FULL.keys, FULL.keys[0])),
        lambda: replace(FULL, keys=(*FULL.keys, replace(FULL.keys[0], name="again"))),
        lambda: replace(FULL, keys=FULL.keys[:4]),
        lambda: replace(FULL, issuers=FULL.issuers[:1]),
        lambda: replace(FULL, issuers=(FULL.issuers[0], *FULL.issuers)),
        lambda: replace(FULL, logs=()),
        lambda: replace(FULL, logs=FULL.logs * 2),
        lambda: replace(FULL, checkpoints=FULL.checkpoints * 2),
        lambda: replace(FULL, freshness=replace(FULL.freshness, status=0)),
        lambda: replace(FULL.issuers[0], names=()),
        lambda: replace(FULL.issuers[0], id="a b"),
        lambda: replace(FULL.issuers[0], did="did:key:z6Mk"),
        lambda: replace(FULL.issuers[0].names[0], until=date(2018, 1, 1)),
        lambda: replace(FULL.issuers[0].names[0], zh="\u202e"),
        lambda: key("a", "issuer"),
        lambda: key("a b", "status"),
        lambda: key("a\nb", "status"),
        lambda: key("a+b", "status"),
        lambda: key("a", "status", until=YEAR - 1),
        lambda: key("a", "status", provinces=("7",)),
        lambda: key("a", "status", checks=("",)),
        lambda: replace(FULL.keys[0], public=b"x" * 31),
        lambda: replace(STOLEN, size=None),
        lambda: replace(STOLEN, root=b""),
        lambda: Location(old="https://a.example/?x/", new="https://b.example/"),
        lambda: replace(FULL.witnesses[0], until=YEAR - 1),
        lambda: replace(ROOT, threshold=0),
        lambda: replace(ROOT, threshold=4),
        lambda: replace(ROOT, version=0),
        lambda: replace(ROOT, holders=(ROOT.holders[0],) * 2, threshold=1),
        lambda: replace(
            ROOT, holders=(ROOT.holders[0], replace(ROOT.holders[0], name="b")), threshold=1
        ),
        lambda: replace(ROOT.holders[0], keys=()),
        lambda: replace(ROOT.holders[0], keys=ROOT.holders[0].keys * 2),
        lambda: replace(ROOT.holders[0], name="两"),
        lambda: replace(ROOT.holders[0].keys[0], public=b""),
    ],
)
def test_values_that_cannot_be(make: Callable[[], object]) -> None:
    with pytest.raises(FormatError):
        make()


def test_a_wrong_kid_is_refused() -> None:
    text = trust.text(FULL)
    kid = FULL.keys[0].kid.hex()
    assert kid in text
    with pytest.raises(FormatError, match="kid"):
        trust.parse(text.replace(kid, "00000000"))


def test_an_issuer_prints_without_extras() -> None:
    bare = Issuer(id="a", did="did:web:a.example", names=FULL.issuers[0].names[:1])
    assert bare.json()["phone"] is None
    assert bare.json()["successor"] is None
