"""What many certificates have in common, judged once under one trust list and one set of evidence.

Whatever is remembered here was found by the readers, the trust list and the evidence that
``verifier.checks`` asks too; what may not be found valid without a closer look is not remembered.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from keys.signer import PublicKey
from schemas import dates, qr, qr_items
from schemas.certificate import Instant
from schemas.tile import IssuedTile
from schemas.token_status import TokenStatusList
from verifier import render, verdict
from verifier.evidence import Evidence, Found, is_stolen
from verifier.report import Report, Verdict
from verifier.trust import Trust
from verifier.words import is_special

MAX_REMEMBERED = 4096
"""Values of one sort that are kept; beyond that all of them are dropped and made anew."""
PASSED = (
    "readable.ok", "trust.ok", "key.ok", "signature.ok", "scope.ok", "issued.ok",
    "logged.no_evidence", "catalogue.no_evidence", "authority.no_evidence", "period.ok",
    "status.ok",
)  # fmt: skip
"""The codes of the one report that is put together from these values."""

_HOLE = "\0"
"""Stands in a report for what differs between certificates; no text of ours holds it."""
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Dated = TypeVar("_Dated", TokenStatusList, IssuedTile)
_Item: TypeAlias = bytes
"""A CBOR item as it stands in the claims."""


class UnusualError(Exception):
    """Nothing is said about this input here; ``verifier.verify`` must look at it."""


class Remembered(dict[_Key, _Value]):
    """Values by what they are made of; a missing one is made, or raises what its maker raises."""

    def __init__(self, make: Callable[[_Key], _Value]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: _Key) -> _Value:
        """Make and keep the value."""
        value = self._make(key)
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        self[key] = value
        return value


@dataclass(frozen=True, slots=True)
class Licence:
    """That one key may sign one kind of certificate for one site, and when."""

    public: PublicKey
    start: Instant
    until: Instant
    """Last second."""
    kind: bytes
    site: bytes
    """JSON from the version to the name, and the site."""


@dataclass(frozen=True, slots=True)
class Days:
    """Day numbers between which a certificate is in force, and all its days in JSON."""

    first: int
    last: int
    text: bytes


class Place:
    """One status list as one issuer's certificates see it, with its tiles and its reports."""

    def __init__(self, standing: "Standing", issuer: str, base: str, number: int) -> None:
        uri = f"{base}/s/{number}"
        standing.check_at_hand(uri)
        value = standing.sound(standing.evidence.status_list(uri), issuer)
        self.number = number
        self.states = value.states
        self.until = standing.end(value)
        """Last second at which the list is fresh."""
        self.origin = b'","base":%b,"issuer":%b,"number":"' % (as_json(base), as_json(issuer))
        self.tiles = Remembered[int, tuple[bytes, Instant]](
            lambda at: standing.tile(issuer, f"{base}/i/{number}/{at}")
        )
        """Records of a tile, and the last second at which it is fresh."""
        self.frames = Remembered[tuple[int, bool], tuple[bytes, bytes, bytes]](
            lambda key: standing.frame(issuer, value.issued, *key)
        )
        """By the day of signing and whether it is a special operation: the report up to its
        instant, on to the certificate, and from there to its end."""


class Standing:
    """All of it, under one trust list and one set of evidence, with one contact in the words."""

    def __init__(
        self, trust: Trust, evidence: Evidence, contact: Mapping[str, str], may_wait: bool
    ) -> None:
        self._may_wait = may_wait
        self.trust = trust
        self.evidence = evidence
        self.contact = contact
        self.addresses = Remembered[bytes, bool](_address)
        self.licences = Remembered[tuple[_Item, ...], Licence](self._licence)
        self.places = Remembered[tuple[_Item, _Item], Place](self._place)
        self.works = Remembered[tuple[_Item | None, ...], tuple[bytes, bool]](_work)
        self.days = Remembered[tuple[_Item | None, ...], Days](_days)
        self.instants = Remembered[Instant, bytes](lambda at: as_json(dates.utc(at)))

    def _licence(self, key: tuple[_Item, ...]) -> Licence:
        """From the algorithm, the key id, and the items of issuer, kind and site."""
        alg, kid, issuer, kind, site = key
        pairs = self.trust.candidates(qr_items.read_issuer(issuer), kid)
        said_kind, said_site = qr_items.read_kind(kind), qr_items.read_site(site)
        if len(pairs) != 1:
            raise UnusualError
        [(signer, public)] = pairs
        if 0x1F - alg[0] not in public.suite.cose_accepted or signer.role != "issuer":
            raise UnusualError
        if not signer.covers(said_kind, said_site) or is_stolen(signer) or signer.checks:
            raise UnusualError
        ends = [dates.LAST_INSTANT]
        if signer.until is not None:
            ends.append(signer.until)
        if signer.closed is not None:
            ends.append(signer.closed.at)
        return Licence(
            public, signer.start, min(ends),
            b',"kind":%d,"name":"' % said_kind, b',"site":%b,' % as_json(said_site),
        )  # fmt: skip

    def _place(self, key: tuple[_Item, _Item]) -> Place:
        issuer, uri = key
        base, number = qr_items.read_status_list(uri)
        return Place(self, qr_items.read_issuer(issuer), base, number)

    def tile(self, issuer: str, uri: str) -> tuple[bytes, Instant]:
        """Records of a tile and its last fresh second."""
        self.check_at_hand(uri)
        value = self.sound(self.evidence.issued_tile(uri), issuer)
        return value.records, self.end(value)

    def check_at_hand(self, uri: str) -> None:
        """Refuse to wait for the source, where that must not be."""
        if not (self._may_wait or self.evidence.is_at_hand(uri)):
            raise UnusualError

    def sound(self, found: Found[_Dated], issuer: str) -> _Dated:
        """What was found, if it may speak for the issuer and needs no newer trust list."""
        if found.value is None or found.key is None or found.key.issuer not in (None, issuer):
            raise UnusualError
        if found.value.least_trust > self.trust.version:
            raise UnusualError
        return found.value

    def end(self, value: TokenStatusList | IssuedTile) -> Instant:
        """Last second at which a list or tile is fresh."""
        return min(value.expires - 1, value.issued + self.trust.list.freshness.status)

    def frame(
        self, issuer: str, status_as_of: Instant, signed_day: int, special: bool
    ) -> tuple[bytes, bytes, bytes]:
        """The report around its instant and its certificate."""
        decided, reason, steps = verdict.decide(PASSED)
        if decided is not Verdict.VALID:
            raise UnusualError
        name = self.trust.issuer_name(issuer, signed_day * 86400 - 28800)
        report = Report(
            verdict=decided, reason=reason, form="qr", at=0, steps=steps,
            issuer_name=None if name is None else name.zh,
            issuer_name_en=None if name is None else name.en,
            phone=self.trust.phone(issuer), status_as_of=status_as_of,
            notices=("special_operation",) if special else (),
        )  # fmt: skip
        body = render.document(report, contact=self.contact)
        body["at"] = body["certificate"] = _HOLE
        before, between, after = as_json(body).split(as_json(_HOLE))
        return before, between, after


def as_json(value: Any) -> bytes:
    """JSON without spaces, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _address(address: bytes) -> bool:
    # With a percent sign the text might read as the head of another form.
    if b"%" in address or not qr.is_address(address.decode()):
        raise UnusualError
    return True


def _work(key: tuple[_Item | None, ...]) -> tuple[bytes, bool]:
    """JSON of occupation, its name, level and work type; whether it is a special operation."""
    occupation, name, level, work_type = key
    assert occupation is not None and level is not None
    said = qr_items.read_occupation(occupation)
    said_name = None if name is None else qr_items.read_occupation_name(name)
    said_type = None if work_type is None else qr_items.read_work_type(work_type)
    text = b'","occupation":%b,"occupation_name":%b,"level":%b,"work_type":%b' % (
        as_json(said), as_json(said_name), as_json(qr_items.read_level(level)), as_json(said_type),
    )  # fmt: skip
    return text, is_special(said, said_type, said_name)


def _days(key: tuple[_Item | None, ...]) -> Days:
    """From the items of the days: assessed, awarded, first and last valid."""
    read = (None if item is None else qr_items.read_day(item) for item in key)
    assessed, awarded, start, until = read
    assert assessed is not None and awarded is not None
    first, last = start or awarded, until or dates.LAST_DAY
    if last < first or (start is not None and start <= awarded):
        raise UnusualError
    said = {"assessed": assessed, "awarded": awarded, "valid_from": start, "valid_until": until}
    text = as_json({name: day and day.isoformat() for name, day in said.items()})
    return Days(dates.to_day(first), dates.to_day(last), text[1:-1])
