"""The quick way answers byte for byte what the long way answers, and nothing but ``valid``."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import cose
from schemas import cbor, dates, qr, tile
from schemas.certificate import Kind, State
from schemas.trust_keys import Closed
from tests.conformance import make
from tests.conformance.case import Case
from tests.schemas.certificates import change, some
from tests.world import BASE, DAY, ISSUER, NAMES, NOW, OTHER_ISSUER, PUBLISHED, SIGNED, World, pair
from verifier import render
from verifier.evidence import Evidence
from verifier.express import Express
from verifier.report import Verdict
from verifier.sources import MappingSource
from verifier.standing import MAX_REMEMBERED, Remembered
from verifier.trust import Trust
from verifier.verify import verify

CONTACT = {"phone": "12333", "site": "https://osta.example.gov.cn"}


class Both:
    """The quick and the long way over one world."""

    def __init__(self, world: World, files: dict[str, bytes] | None = None, **contact: str) -> None:
        source = MappingSource(world.publish() if files is None else files)
        self.trust = Trust.load(world.root_note, source)
        self.evidence = Evidence(source, self.trust)
        self.contact = contact
        self.express = Express(self.trust, self.evidence, contact)

    def long(self, data: str | bytes, at: int) -> tuple[Verdict, bytes]:
        report = verify(data, self.trust, at, self.evidence)
        body = render.document(report, contact=self.contact)
        return report.verdict, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def agree(self, text: str, at: int = NOW) -> bool:
        """Whether the quick way answered; what it said must be the long way's answer."""
        quick = self.express.answer(text.encode(), at)
        if quick is not None:
            assert (Verdict.VALID, quick) == self.long(text, at)
        return quick is not None


CASES = [case for case in make.cases() if not case.asked]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case(case: Case) -> None:
    source = MappingSource(case.files)
    trust, evidence = case.opened(source)
    if not isinstance(trust, Trust) or evidence is None:
        return  # then there is no quick way
    data = case.given.encode() if isinstance(case.given, str) else case.given
    quick = Express(trust, evidence).answer(data, case.at)
    report = case.run(source)
    if quick is not None:
        assert report.verdict is Verdict.VALID
        assert json.loads(quick) == render.document(report)
    elif isinstance(case.given, str) and report.verdict is Verdict.VALID and report.form == "qr":
        # Only what is rare may go the long way round.
        assert case.name in UNUSUAL


UNUSUAL = {"valid-digits", "issued-missing-offline"}


def test_certificates_with_every_option_go_the_quick_way() -> None:
    rng = random.Random("every option")
    world = World()
    made = []
    for place in range(120):
        drawn = some(rng)
        assessed = dates.shanghai_day(SIGNED) - timedelta(days=rng.randrange(3000))
        shift = assessed - drawn.facts.assessed
        days = {
            name: None if day is None else day + shift
            for name in ("assessed", "awarded", "valid_from", "valid_until")
            for day in [getattr(drawn.facts, name)]
        }
        value = change(
            drawn, base=BASE, issuer=ISSUER, status_list=1, status_index=place * 1000,
            signed_at=SIGNED + place, **days,
        )  # fmt: skip
        made.append(world.sign(value, pair("issuer")))
    world.issued += made
    both = Both(world, **CONTACT)
    verdicts = [both.long(each.text, NOW)[0] for each in made]
    assert verdicts.count(Verdict.VALID) > 40 and len(set(verdicts)) > 1
    for each, verdict in zip(made, verdicts, strict=True):
        # No province has the number 00, so a site's number takes four bytes.
        is_usual = each.facts.site != "00000001"
        assert both.agree(each.text) == (is_usual and verdict is Verdict.VALID), each.facts


WORLD = World()
TYPED = replace(NAMES, work_type="钢筋工")
MADE = WORLD.issue(names=TYPED, valid_until=date(2027, 11, 21), work_type="020")
BOTH = Both(WORLD)
PAYLOAD = cose.parse(MADE.cose).payload


def test_the_sample_is_answered_at_once() -> None:
    assert BOTH.agree(MADE.text)
    assert BOTH.agree(MADE.text.replace(BASE, "http://127.0.0.1:8000"))


def test_no_flipped_bit_is_answered() -> None:
    for bit in range(8 * len(MADE.cose)):
        bent = bytearray(MADE.cose)
        bent[bit // 8] ^= 1 << bit % 8
        assert BOTH.express.answer(qr.text(BASE, bytes(bent)).encode(), NOW) is None, bit


def test_another_signature() -> None:
    """Over the very same claims, and known to the tile."""
    sealed = MADE.cose[:-1] + bytes([MADE.cose[-1] ^ 1])
    text, both = _known(sealed)
    assert not both.agree(text)


def test_a_wrong_count_of_fields() -> None:
    at = PAYLOAD.index(b"\x3a\x00\x01\x00\x00") + 5
    payload = PAYLOAD[:at] + bytes([PAYLOAD[at] - 1]) + PAYLOAD[at + 1 :]
    text, both = _known(cose.seal(payload, pair("issuer"), qr.TYP))
    assert not both.agree(text)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_edited_text(data: st.DataObject) -> None:
    text = MADE.text
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 20)))
    piece = data.draw(st.text("0123456789#/v:% \n\ufeff\u0663htps.", max_size=20))
    edited = text[:start] + piece + text[stop:]
    if not BOTH.agree(edited):
        assert edited != text


def _known(sealed: bytes) -> tuple[str, Both]:
    """The text of sealed bytes, and a world whose tile knows them at the sample's place."""
    place = MADE.facts.status_index % tile.ENTRIES * tile.RECORD_SIZE
    records = bytearray(tile.ENTRIES * tile.RECORD_SIZE)
    records[place : place + 8] = sha256(sealed).digest()[:8]
    files = dict(FILES)
    path = MADE.facts.tile_uri.removeprefix(BASE)
    files[path] = WORLD.tile(
        BASE, 1, int(path.rpartition("/")[2]), PUBLISHED, records=bytes(records)
    )
    return qr.text(BASE, sealed), Both(WORLD, files)


FILES = WORLD.publish()


@settings(deadline=None, max_examples=250)
@given(st.data())
def test_signed_claims_in_another_spelling(data: st.DataObject) -> None:
    """An issuer's key may sign anything; what is not the one spelling of a fact is not valid."""
    payload = bytearray(PAYLOAD)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(payload)))
        stop = data.draw(st.integers(start, min(len(payload), start + 3)))
        payload[start:stop] = data.draw(st.binary(max_size=4))
    text, both = _known(cose.seal(bytes(payload), pair("issuer"), qr.TYP))
    both.agree(text)


@settings(deadline=None, max_examples=250)
@given(st.data())
def test_signed_claims_with_another_value(data: st.DataObject) -> None:
    claims = cbor.decode(PAYLOAD)
    values = st.one_of(
        st.integers(-1, 2**32), st.binary(max_size=17), st.booleans(), st.none(),
        st.text("钢A1a-.· \u00e9\u0301\"\\", max_size=70),
        st.sampled_from([20000, 1, 16, "3", "X"]),
    )  # fmt: skip
    for _ in range(data.draw(st.integers(1, 2))):
        inner = data.draw(st.booleans())
        holder = claims[-65537] if inner else claims
        keys = [key for key in holder if type(holder[key]) is not dict] + [99, 12, 13, 11]
        key = data.draw(st.sampled_from(keys))
        if data.draw(st.booleans()):
            holder[key] = data.draw(values)
        else:
            holder.pop(key, None)
    text, both = _known(cose.seal(cbor.encode(claims), pair("issuer"), qr.TYP))
    both.agree(text)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
@pytest.mark.parametrize("edge", ["tile", "list", "age", "trust", "start", "until", "day"])
def test_edges_of_time(edge: str, seconds: int) -> None:
    """One second before, at and after each moment at which something begins or ends."""
    world = World()
    key = world.keys["issuer"]
    signed = {"start": key.start, "until": key.until}.get(edge)
    signed_at = SIGNED if signed is None else signed + seconds
    today = dates.shanghai_day(NOW)
    made = world.issue(signed_at=signed_at, valid_until=today if edge == "day" else None)
    published = max(PUBLISHED, signed_at + 600)
    if edge == "age":
        world.lifetime = 30 * DAY
    if edge == "trust":
        world.freshness = replace(world.freshness, trust=20 * DAY + 900)
    files = world.publish(published)
    path, later = made.facts.tile_uri.removeprefix(BASE), published + 2 * world.lifetime
    if edge == "list":  # the other of the two lives on, so that one decides alone
        at = made.facts.status_index // tile.ENTRIES
        files[path] = world.tile(BASE, 1, at, published, expires=later)
    if edge == "tile":
        files["/s/1"] = world.status_list(BASE, 1, published, expires=later)
    ends = {
        "tile": published + world.lifetime, "list": published + world.lifetime,
        "age": published + world.freshness.status, "day": dates.day_end(today),
        "trust": world.trust_issued + world.freshness.trust,
    }  # fmt: skip
    at = ends[edge] + seconds if edge in ends else published
    both = Both(world, files)
    assert both.agree(made.text, at) == (both.long(made.text, at)[0] is Verdict.VALID)


def test_an_instant_that_cannot_be_answered_leaves_no_trace() -> None:
    world = World()
    world.freshness = replace(world.freshness, trust=dates.LAST_INSTANT)
    made = world.issue()
    both = Both(world)
    assert both.agree(made.text)
    for at in (dates.LAST_INSTANT, dates.LAST_INSTANT + 1, -1):
        assert both.express.answer(made.text.encode(), at) is None
        assert both.agree(made.text)


def _world(change: Callable[[World], object]) -> World:
    world = World()
    change(world)
    return world


def _key(**changes: object) -> Callable[[World], object]:
    return lambda world: world.keys.update(issuer=replace(world.keys["issuer"], **changes))


def _closed(why: str, at: int) -> Callable[[World], object]:
    return _key(closed=Closed(why=why, at=at))


REFUSED: dict[str, Callable[[World], object]] = {
    "another role": _key(role="authority"),
    "another issuer's": _key(issuer=OTHER_ISSUER),
    "another kind": _key(kinds=(Kind.TRAINING,)),
    "another province": _key(provinces=("50",)),
    "stolen later": _closed("stolen", NOW + 1),
    "retired before": _closed("retired", SIGNED - 1),
    "more checks": _key(checks=("logged",)),
    "newer trust list": lambda world: setattr(world, "least_trust", 2),
}
GRANTED: dict[str, Callable[[World], object]] = {
    "as it is": lambda world: None,
    "kind and province": _key(kinds=(Kind.LEVEL,), provinces=("36",)),
    "retired at that second": _closed("retired", SIGNED),
}


@pytest.mark.parametrize("name", [*REFUSED, *GRANTED])
def test_keys(name: str) -> None:
    world = _world((REFUSED | GRANTED)[name])
    made = world.issue()
    both = Both(world)
    assert both.agree(made.text) == (name in GRANTED)
    assert (both.long(made.text, NOW)[0] is Verdict.VALID) == (name in GRANTED)


@pytest.mark.parametrize("state", range(16))
def test_every_state(state: int) -> None:
    world = World()
    made, neighbour = world.issue(status_index=70_001), world.issue(status_index=70_000)
    world.set_state(made, state)
    both = Both(world)
    assert both.agree(neighbour.text)
    assert both.agree(made.text) == (state == State.VALID)


@pytest.mark.parametrize("path", ["/s/1", f"/i/1/{MADE.facts.status_index // tile.ENTRIES}"])
@pytest.mark.parametrize("fault", ["absent", "spoilt", "of another issuer", "short", "newer"])
def test_evidence_that_does_not_count(path: str, fault: str) -> None:
    files = dict(WORLD.publish())
    maker = WORLD.status_list if path == "/s/1" else WORLD.tile
    place = [] if path == "/s/1" else [MADE.facts.status_index // tile.ENTRIES]
    if fault == "absent":
        del files[path]
    elif fault == "spoilt":
        files[path] = files[path][:-1] + bytes([files[path][-1] ^ 1])
    elif fault == "of another issuer":
        files[path] = maker(BASE, 1, *place, PUBLISHED, key="other-status")
    elif fault == "newer":
        files[path] = maker(BASE, 1, *place, PUBLISHED, least_trust=2)
    elif path == "/s/1":
        files[path] = maker(BASE, 1, PUBLISHED, states=bytes(1000))
    else:
        files[path] = maker(BASE, 1, *place, PUBLISHED, records=bytes(16 * tile.ENTRIES))
    both = Both(WORLD, files)
    assert not both.agree(MADE.text)
    assert both.long(MADE.text, NOW)[0] is not Verdict.VALID


def test_a_signature_over_a_borrowed_place() -> None:
    world = World()
    theirs = world.issue()
    made = world.issue(registered=False, number="Y000036999966263000009")
    both = Both(world)
    assert both.agree(theirs.text) and not both.agree(made.text)


def test_a_special_operation_and_the_contact_are_told() -> None:
    world = World()
    made = world.issue(occupation_name="建筑电工")
    for contact in ({}, CONTACT):
        assert Both(world, **contact).agree(made.text)


def test_what_is_remembered_is_bounded() -> None:
    remembered = Remembered[int, int](lambda key: -key)
    assert [remembered[key] for key in range(2 * MAX_REMEMBERED)] == [
        -key for key in range(2 * MAX_REMEMBERED)
    ]
    assert len(remembered) <= MAX_REMEMBERED
