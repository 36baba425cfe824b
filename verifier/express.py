"""The quick way to the commonest answer: the QR text of a certificate that is valid.

It makes every check of ``verifier.checks`` and writes the report's JSON straight from the signed
bytes. It knows one verdict only: where anything is unusual, damaged, old or not in force, it says
nothing, and the caller asks ``verifier.verify``, which alone words a refusal. What it does say is
byte for byte what ``verifier.render`` makes of that report: ``tests/verifier/test_express.py``.
"""

import re
from binascii import hexlify
from collections.abc import Mapping
from hashlib import sha256

from keys import cose
from keys.errors import SignatureError
from schemas import dates, digits, qr_items
from schemas import facts as rules
from schemas.certificate import Instant
from schemas.errors import FormatError
from schemas.tile import ENTRIES, HALF, RECORD_SIZE
from verifier.evidence import Evidence
from verifier.standing import Place, Standing, UnusualError
from verifier.trust import Trust
from verifier.words import NO_CONTACT

_SEALED = re.compile(
    rb"\xd2\x84(\x4c\xa3\x01([\x27\x32])\x04\x44(.{4})\x10\x18\x3d)\xa0(\x58.|\x59..)"
    + qr_items.PATTERN
    + rb"\x58\x40(.{64})",
    re.DOTALL,
)
"""A COSE_Sign1 of the type of certificates over claims of the usual shape."""
_BODY = 16
"""Where the head of the payload begins."""
_SIGNATURE = 66
"""The signature and its head, in bytes; the payload ends before them."""
_UNKNOWN = bytes(HALF)


class Express:
    """Answers under one trust list and one set of evidence, for one thread.

    ``contact`` is as for :func:`verifier.render.document`. Without ``may_wait`` nothing is said
    about a certificate whose list or tile would have to be fetched first.
    """

    def __init__(
        self,
        trust: Trust,
        evidence: Evidence,
        contact: Mapping[str, str] = NO_CONTACT,
        *,
        may_wait: bool = True,
    ) -> None:
        self._standing = Standing(trust, evidence, contact, may_wait)
        self._at: Instant = -1
        self._today = -1
        self._moment = b""

    def answer(self, data: bytes, at: Instant) -> bytes | None:
        """The report's JSON with its words, or None where this is not the text of a valid QR.

        ``data`` is what was given to be verified, ``at`` the instant asked about, UTC seconds.
        """
        address, _, fragment = data.partition(b"#")
        try:
            self._standing.addresses[address]
            sealed = digits.decode_ascii(fragment)
            match = _SEALED.fullmatch(sealed)
            if match is None:
                return None
            if at != self._at:
                self._turn(at)
            return self._judge(sealed, match.groups())
        except (UnusualError, FormatError, SignatureError, UnicodeError):
            return None

    def _turn(self, at: Instant) -> None:
        """Come to another second."""
        if not self._standing.trust.is_current(at):
            raise UnusualError
        moment, today = dates.utc(at), dates.to_day(dates.shanghai_day(at))
        # All or nothing: the end of 2199 has instants whose day in Shanghai is beyond all days.
        self._at, self._today, self._moment = at, today, b'"%b"' % moment.encode()

    def _judge(self, sealed: bytes, items: tuple[bytes, ...]) -> bytes:
        (
            protected, alg, kid, head, issuer, number_head, number, signed, cti, index, uri, count,
            kind, name_head, name, last4, occupation, level, assessed, site, occupation_name,
            awarded, work_type, version, until, start, signature,
        ) = items  # fmt: skip
        standing = self._standing
        _check_heads(sealed, head, count, (occupation_name, work_type, version, until, start))
        licence = standing.licences[alg, kid, issuer, kind, site]
        signed_at = int.from_bytes(signed)
        if not licence.start <= signed_at <= licence.until:
            raise UnusualError
        message = cose.CONTEXT + protected + b"\x40" + sealed[_BODY:-_SIGNATURE]
        licence.public.suite.verify(licence.public.raw, message, signature)
        place = standing.places[issuer, uri]
        place_index = qr_items.read_index(index)
        self._check_place(place, place_index, sha256(sealed).digest()[:HALF])
        days = standing.days[assessed, awarded, start, until]
        if not days.first <= self._today <= days.last:
            raise UnusualError
        rules.check_name(qr_items.read_text(name_head, name))
        qr_items.read_text(number_head, number)
        work, is_special = standing.works[occupation, occupation_name, level, work_type]
        before, between, after = place.frames[(signed_at + 28800) // 86400, is_special]
        uuid = hexlify(cti)
        # What is put between quotation marks here has no character that JSON would escape.
        return b"".join((
            before, self._moment, between,
            b'{"uuid":"', uuid[:8], b"-", uuid[8:12], b"-", uuid[12:16], b"-", uuid[16:20], b"-",
            uuid[20:], place.origin, number, b'","version":',
            b"1" if version is None else b"%d" % qr_items.read_version(version),
            licence.kind, name, b'","last4":"', last4, work, licence.site, days.text,
            b',"signed_at":', standing.instants[signed_at],
            b',"status_list":%d,"status_index":%d}' % (place.number, place_index), after,
        ))  # fmt: skip

    def _check_place(self, place: Place, index: int, record: bytes) -> None:
        """Check state and record, and that list and tile are fresh."""
        if self._at > place.until or index >> 1 >= len(place.states):
            raise UnusualError
        if place.states[index >> 1] >> ((index & 1) << 2) & 15:
            raise UnusualError
        records, until = place.tiles[index // ENTRIES]
        start = index % ENTRIES * RECORD_SIZE
        if self._at > until or records[start : start + HALF] != record or record == _UNKNOWN:
            raise UnusualError


def _check_heads(
    sealed: bytes, head: bytes, count: bytes, optional: tuple[bytes | None, ...]
) -> None:
    """Check the length that the payload's head says, and the number of fields."""
    size = len(sealed) - _BODY - len(head) - _SIGNATURE
    if head != (b"\x58%c" % size if size < 256 else b"\x59" + size.to_bytes(2)):
        raise UnusualError
    if count[0] != 0xAD - optional.count(None):
        raise UnusualError
