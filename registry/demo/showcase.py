"""One QR per verdict: genuine ones from the story, the others made by hand with real keys."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from keys import cose
from keys.signer import KeyPair, Signer
from registry.config import Config
from registry.demo.outputs import Entry
from schemas import cbor, qr
from schemas.certificate import Facts, State
from schemas.qr_fields import OURS
from verifier.report import Verdict

UNUSED = 131_071
"""A place that the short sample story has never given out is searched from here downwards."""


@dataclass(frozen=True, slots=True)
class Card:
    """A QR and what scanning it must answer."""

    name: str
    text: str
    verdict: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Forgers:
    """Real keys in wrong hands."""

    issuer: Signer
    """Key of the first province's body."""
    other: Signer
    """Key of the second province's body."""
    stolen: Signer
    """A former key of the first body, closed as stolen."""


def cards(listed: list[Entry], forgers: Forgers, config: Config) -> list[Card]:
    """The cards in the order in which they are printed."""
    chosen = [
        _genuine(listed, "valid", lambda e: e.verdict is Verdict.VALID and not _special(e)),
        _genuine(listed, "revoked", _in_state(State.REVOKED)),
        _genuine(listed, "withdrawn", _in_state(State.WITHDRAWN)),
        _genuine(listed, "cancelled", _in_state(State.CANCELLED)),
        _genuine(listed, "suspended", _in_state(State.SUSPENDED)),
        _genuine(listed, "superseded", _in_state(State.SUPERSEDED)),
        _genuine(listed, "expired", lambda e: e.verdict is Verdict.EXPIRED),
        _genuine(listed, "not_yet_valid", lambda e: e.verdict is Verdict.NOT_YET_VALID),
    ]
    valid = next(e for e in listed if e.verdict is Verdict.VALID and not _special(e))
    return chosen + _made(valid, listed, forgers, config)


def _made(valid: Entry, listed: list[Entry], forgers: Forgers, config: Config) -> list[Card]:
    facts = valid.issued.certificate.facts
    free = _free_place(facts, listed)
    base = config.base
    bent = bytearray(valid.issued.cose)
    bent[-20] ^= 1
    unknown = KeyPair.from_seed(bytes(range(32)))
    borrowed = replace(facts, uuid=UUID(int=7, version=4), status_index=free)
    elsewhere = replace(borrowed, issuer="sc")
    nowhere = replace(borrowed, status_list=9_999)
    return [
        Card("forged", qr.text(base, bytes(bent)), "forged", None),
        _card("unknown_issuer", base, replace(borrowed, issuer="nobody"), unknown, "unknown"),
        _card("out_of_scope", base, elsewhere, forgers.other, "out_of_scope"),
        _card("stolen", base, borrowed, forgers.stolen, "stolen"),
        _card("never_issued", base, borrowed, forgers.issuer, "never_issued"),
        Card("other_registry", qr.text(base, _foreign(forgers.issuer)), "unrecognised",
             "other_registry"),
        Card("newer", qr.text(base, _newer(facts, forgers.issuer)), "unrecognised", "newer"),
        Card("unreadable", qr.text(base, valid.issued.cose)[:-9], "unrecognised", "unreadable"),
        Card("undetermined", qr.text(base, _seal(nowhere, forgers.issuer)), "undetermined",
             "status_missing"),
    ]  # fmt: skip


def _genuine(listed: list[Entry], name: str, wanted: Callable[[Entry], bool]) -> Card:
    found = next(each for each in listed if wanted(each))
    facts = found.issued.certificate.facts
    reason = name if found.verdict is Verdict.REVOKED else None
    return Card(name, qr.text(facts.base, found.issued.cose), found.verdict.value, reason)


def _in_state(state: State) -> Callable[[Entry], bool]:
    return lambda each: each.issued.state is state


def _special(each: Entry) -> bool:
    return each.issued.certificate.facts.occupation == "6-29-01-05"


def _free_place(facts: Facts, listed: list[Entry]) -> int:
    taken = {each.issued.certificate.facts.status_index for each in listed}
    return next(place for place in range(UNUSED, 0, -1) if place not in taken)


def _card(name: str, base: str, facts: Facts, signer: Signer, reason: str) -> Card:
    return Card(name, qr.text(base, _seal(facts, signer)), "untrusted_issuer", reason)


def _seal(facts: Facts, signer: Signer) -> bytes:
    return cose.seal(qr.claims(facts), signer, qr.TYP)


def _newer(facts: Facts, signer: Signer) -> bytes:
    """A field that must be understood and that no reader knows yet."""
    claims = cbor.decode(qr.claims(facts))
    claims[OURS][40] = 1
    return cose.seal(cbor.encode(claims), signer, qr.TYP)


def _foreign(signer: Signer) -> bytes:
    """A sound CWT of somebody else: issuer and subject, none of our claims."""
    return cose.seal(cbor.encode({1: "other.example", 2: "A-1", 6: 1_790_000_000}), signer, qr.TYP)
