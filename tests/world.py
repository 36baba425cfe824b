"""A small real registry on paper: root, trust lists, issuers, keys, certificates, lists, notes.

Everything is signed with real keys from fixed seeds, so that the same calls give the same bytes.
Tests change what they need (``world.keys``, ``world.facts``, states) and then publish.
"""

from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from keys import cose, data_integrity, note
from keys.signer import KeyPair
from schemas import (
    bitstring_status,
    credential,
    dates,
    did,
    jcs,
    qr,
    rdf,
    status_note,
    tile,
    token_status,
)
from schemas import trust as trust_format
from schemas.bitstring_status import BitstringStatusList
from schemas.certificate import Certificate, Facts, Instant, Kind, Names, State
from schemas.status_note import Appeal, Authority, Ground, Replacement, StatusNote
from schemas.tile import IssuedTile
from schemas.token_status import TokenStatusList
from schemas.trust import (
    Freshness,
    Holder,
    HolderKey,
    Issuer,
    Key,
    Location,
    Name,
    Root,
    TrustList,
)
from verifier.evidence import Evidence
from verifier.report import Report
from verifier.sources import MappingSource
from verifier.trust import Trust
from verifier.verify import Asked, verify

HOST = "certs.example.gov.cn"
BASE = f"https://{HOST}"
ISSUER = "jst36"
OTHER_ISSUER = "jst50"
SIGNED = dates.parse_utc("2026-11-22T04:00:00Z")
PUBLISHED = SIGNED + 600
NOW = SIGNED + 3600
DAY = 86400
HOLDERS = ("root/alpha", "root/bravo", "root/charlie")


def pair(name: str) -> KeyPair:
    """Return the key pair that always belongs to ``name``."""
    return KeyPair.from_seed(sha256(f"hallmark test key {name}".encode()).digest())


@dataclass(frozen=True)
class Issued:
    """One certificate with its forms."""

    certificate: Certificate
    cose: bytes
    document: dict[str, Any]
    """The secured JSON document."""

    @property
    def facts(self) -> Facts:
        return self.certificate.facts

    @property
    def text(self) -> str:
        """Text of the QR symbol."""
        return qr.text(self.facts.base, self.cose)

    @property
    def json(self) -> bytes:
        return jcs.canonical(self.document)

    @property
    def cose_hash(self) -> bytes:
        return sha256(self.cose).digest()

    @property
    def jcs_hash(self) -> bytes:
        return sha256(jcs.canonical(credential.unsecured(self.document))).digest()


NAMES = Names(
    issuer="某省住房和城乡建设职业技能鉴定实施机构",
    issuer_url="https://jst.example.gov.cn/",
    centre="国家职业资格中心（示例）",
    site="某市建筑职业技能鉴定站",
    occupation_en="Reinforcing Bar Worker",
    level="三级/高级工",
    level_en="Level 3, Senior Skilled Worker",
    work_type=None,
    framework="中华人民共和国职业分类大典（2022年版）",
    description="Cuts, bends, ties and places reinforcing bars for concrete structures.",
    criteria="Theory and practice each at least 60 of 100 points.",
    batch="22369999660044",
    review=False,
)


def facts(**changes: Any) -> Facts:
    """Return the facts of an ordinary certificate, with changes."""
    value = Facts(
        base=BASE,
        uuid=UUID("6f0a1f0e-8a0c-4f3b-9c55-0d6a4c9f7e21"),
        issuer=ISSUER,
        number="Y000036999966263000001",
        version=1,
        kind=Kind.LEVEL,
        name="欧阳娜娜",
        last4="002X",
        occupation="6-29-01-04",
        occupation_name="钢筋工",
        level="3",
        work_type=None,
        site="36003018",
        assessed=date(2026, 11, 15),
        awarded=date(2026, 11, 22),
        valid_from=None,
        valid_until=None,
        signed_at=SIGNED,
        status_list=1,
        status_index=94567,
    )
    return replace(value, **changes)


class World:
    """The registry: change what a test needs, then :meth:`publish` and :meth:`check`."""

    def __init__(self) -> None:
        self.root = Root(
            registry=HOST,
            version=1,
            threshold=2,
            holders=tuple(
                Holder(name=name, keys=(HolderKey(public=pair(name).public.raw),))
                for name in HOLDERS
            ),
        )
        self.issuers = (
            _issuer(ISSUER, "某省住房和城乡建设职业技能鉴定实施机构", "Provincial Assessment Body"),
            _issuer(OTHER_ISSUER, "另一省鉴定实施机构", "Body of Another Province"),
        )
        start = SIGNED - 30 * DAY
        self.keys: dict[str, Key] = {
            "issuer": _key("issuer", "issuer", ISSUER, start, until=SIGNED + 365 * DAY),
            "other-issuer": _key("other-issuer", "issuer", OTHER_ISSUER, start),
            "narrow-issuer": _key(
                "narrow-issuer", "issuer", ISSUER, start, kinds=(Kind.LEVEL,), provinces=("36",)
            ),
            "strict-issuer": _key("strict-issuer", "issuer", ISSUER, start, checks=("logged",)),
            "authority": _key("authority", "authority", ISSUER, start),
            "status": _key("status", "status", None, start),
            "other-status": _key("other-status", "status", OTHER_ISSUER, start),
        }
        self.freshness = Freshness(trust=400 * DAY, status=7 * DAY)
        self.locations: tuple[Location, ...] = ()
        self.status_prefixes: tuple[str, ...] = (f"{BASE}/",)
        self.trust_issued = SIGNED - 20 * DAY
        self.issued: list[Issued] = []
        self.states: dict[tuple[int, int], int] = {}
        self.sequence = 7
        self.least_trust = 1
        self.lifetime = 3 * DAY
        """Seconds from issue to expiry of lists and tiles."""

    # What is signed by the root

    @property
    def root_note(self) -> bytes:
        return note.sign(trust_format.text(self.root), _holders(*HOLDERS[:2]))

    def trust_list(self, version: int = 1, previous: str | None = None, **changes: Any) -> bytes:
        """Return one version of the trust list, signed by two holders."""
        fields: dict[str, Any] = {
            "registry": HOST,
            "version": version,
            "issued": self.trust_issued,
            "previous": None if previous is None else sha256(previous.encode()).digest(),
            "root": 1,
            "issuers": self.issuers,
            "keys": tuple(self.keys.values()),
            "status": self.status_prefixes,
            "freshness": self.freshness,
            "locations": self.locations,
            "phone": "12329",
        }
        value = TrustList(**fields | changes)
        return note.sign(trust_format.text(value), _holders(*HOLDERS[1:]))

    # Certificates

    def issue(self, key: str = "issuer", *, names: Names = NAMES, registered: bool = True,
              **changes: Any) -> Issued:  # fmt: skip
        """Sign a certificate by the key of that name; without ``registered`` no tile knows it."""
        value = Certificate(facts=facts(**changes), names=names)
        made = self.sign(value, pair(key))
        if registered:
            self.issued.append(made)
        return made

    def sign(self, value: Certificate, signer: KeyPair, *, alg: int | None = None) -> Issued:
        """Sign both forms of a certificate."""
        said = value.facts
        document = credential.document(value)
        method = did.method(did.issuer(said.base, said.issuer), signer.public.raw)
        secured = data_integrity.secure(
            document, rdf.canonical(document), jcs.canonical(document), signer, method,
            dates.utc(said.signed_at),
        )  # fmt: skip
        return Issued(value, cose.seal(qr.claims(said), signer, qr.TYP, alg=alg), secured)

    def set_state(self, made: Issued, state: int) -> None:
        """Record the state that the next published list shows."""
        self.states[made.facts.status_list, made.facts.status_index] = state

    # Public files

    def publish(self, at: Instant = PUBLISHED, *, key: str = "status") -> dict[str, bytes]:
        """Return the public tree by path, lists and tiles signed at ``at``."""
        trust = self.trust_list()
        files = {"/trust/1": trust, "/trust/latest": trust}
        places = {(made.facts.base, made.facts.status_list) for made in self.issued}
        for base, number in sorted(places):
            files[f"/s/{number}"] = self.status_list(base, number, at, key=key)
            files[f"/b/{number}"] = self.bitstring_list(base, number, at)
        for base, number, place in sorted(
            {(made.facts.base, made.facts.status_list, made.facts.status_index // tile.ENTRIES)
             for made in self.issued}
        ):  # fmt: skip
            files[f"/i/{number}/{place}"] = self.tile(base, number, place, at, key=key)
        return files

    def _states(self, number: int) -> bytes:
        states = bytearray(token_status.LIST_SIZE // 2)
        for (in_list, index), state in self.states.items():
            if in_list == number:
                states[index >> 1] |= state << (4 * (index & 1))
        return bytes(states)

    def status_list(
        self, base: str, number: int, at: Instant, *, key: str = "status", **changes: Any
    ) -> bytes:
        """Return a sealed Token Status List."""
        fields: dict[str, Any] = {
            "uri": f"{base}/s/{number}",
            "sequence": self.sequence,
            "issued": at,
            "expires": at + self.lifetime,
            "ttl": 300,
            "least_trust": self.least_trust,
            "states": self._states(number),
        }
        value = TokenStatusList(**fields | changes)
        return cose.seal(token_status.payload(value), pair(key), token_status.TYP)

    def bitstring_list(self, base: str, number: int, at: Instant, *, key: str = "status") -> bytes:
        """Return a Bitstring Status List with its proof set."""
        owner = did.centre(base)
        document = bitstring_status.document(
            BitstringStatusList(
                uri=f"{base}/b/{number}", issuer=owner, issued=at, expires=at + self.lifetime,
                bits=bitstring_status.bits(self._states(number)),
            )
        )  # fmt: skip
        signer = pair(key)
        return jcs.canonical(
            data_integrity.secure(
                document, rdf.canonical(document), jcs.canonical(document), signer,
                did.method(owner, signer.public.raw), dates.utc(at),
            )
        )  # fmt: skip

    def tile(
        self, base: str, number: int, place: int, at: Instant, *, key: str = "status",
        **changes: Any,
    ) -> bytes:  # fmt: skip
        """Return a sealed issued tile of the registered certificates."""
        records = bytearray(tile.ENTRIES * tile.RECORD_SIZE)
        for made in self.issued:
            said = made.facts
            if said.status_list == number and said.status_index // tile.ENTRIES == place:
                start = said.status_index % tile.ENTRIES * tile.RECORD_SIZE
                record = tile.record(made.cose_hash, made.jcs_hash)
                records[start : start + tile.RECORD_SIZE] = record
        fields: dict[str, Any] = {
            "uri": f"{base}/i/{number}/{place}",
            "sequence": self.sequence,
            "issued": at,
            "expires": at + self.lifetime,
            "least_trust": self.least_trust,
            "records": bytes(records),
        }
        value = IssuedTile(**fields | changes)
        return cose.seal(tile.payload(value), pair(key), tile.TYP)

    def note(self, made: Issued, state: State, *, key: str = "status", **changes: Any) -> bytes:
        """Return the signed status note of a certificate in a state."""
        fields: dict[str, Any] = {
            "uri": made.facts.status_uri,
            "index": made.facts.status_index,
            "state": state,
            "sequence": self.sequence,
            "cose": made.cose_hash,
            "jcs": made.jcs_hash,
            "decided": date(2026, 11, 23),
            "authority": Authority(
                id=ISSUER, zh="某省住房和城乡建设厅", en="Provincial Department"
            ),
            "ground": Ground(code="fraud", zh="冒名顶替考试", en="Impersonation at the test"),
            "appeal": Appeal(body="某省人民政府", until=date(2027, 1, 22)),
            "phone": "0791-12329",
        }
        if state is State.SUPERSEDED:
            fields["replacement"] = Replacement(
                number=made.facts.number, version=made.facts.version + 1,
                page=f"{made.facts.base}/c/ab12cd34ef56",
            )  # fmt: skip
        value = StatusNote(**fields | changes)
        return note.sign(status_note.text(value), [(key, pair(key))])

    def note_files(self, made: Issued, state: State, **changes: Any) -> dict[str, bytes]:
        """Return the note under the names of both forms."""
        data = self.note(made, state, **changes)
        return {f"/n/{made.cose_hash.hex()}": data, f"/n/{made.jcs_hash.hex()}": data}

    # Verification

    def check(
        self, data: bytes | str, files: dict[str, bytes], at: Instant = NOW, *,
        online: bool = True, asked: Asked | None = None,
    ) -> Report:  # fmt: skip
        """Verify ``data`` with ``files`` as all the evidence."""
        source = MappingSource(files)
        trust = Trust.load(self.root_note, source)
        return verify(data, trust, at, Evidence(source, trust, online=online), asked)


def _holders(*names: str) -> list[tuple[str, KeyPair]]:
    return [(name, pair(name)) for name in names]


def _issuer(identity: str, zh: str, en: str) -> Issuer:
    name = Name(zh=zh, en=en, start=date(2020, 1, 1))
    return Issuer(id=identity, did=did.issuer(BASE, identity), names=(name,), phone="0791-12345")


def _key(name: str, role: str, issuer: str | None, start: Instant, **fields: Any) -> Key:
    return Key(
        name=name, role=role, issuer=issuer, public=pair(name).public.raw, start=start, **fields
    )
