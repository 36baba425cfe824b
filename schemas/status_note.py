"""Status note: why, when and by whom the state of one certificate was changed, in words.

The text of a signed note: the line ``hallmark-status-note/1`` and one line of canonical JSON. It
is served under the hash of either form and read only when a certificate is not valid.
Specification: ``spec/status-note.md``.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas import claims, dates, facts, jcs
from schemas import text as characters
from schemas.certificate import State
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError

FIRST_LINE = "hallmark-status-note/1"
MAX_SIZE = 16 * 1024
MAX_WORDS = 300

_KIND = re.compile(r"hallmark-status-note/([1-9][0-9]{0,3})")
_HASH = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?")
_PHONE = re.compile(r"[0-9+](?:[0-9 -]{1,28}[0-9])")
_PAGE = re.compile(r"/c/[0-9A-Za-z_-]{8,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who decided; ``id`` is the issuer id if the body has one."""

    id: str | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Reason in words, under a stable code."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """Body to which the holder may appeal, and the last day for it."""

    body: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """The version that took this one's place; ``page`` is its public page."""

    number: str
    version: int
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusNote:
    """The note of one certificate in its present state."""

    uri: str
    """Token Status List of the certificate, ``{base}/s/{number}``."""
    index: int
    state: State
    sequence: int
    """Sequence of the status list that first showed this state."""
    cose: bytes
    """SHA-256 of the sealed QR claims."""
    jcs: bytes
    """SHA-256 of the canonical unsecured JSON document."""
    decided: date
    """Civil day of the decision; ``date`` in the JSON."""
    authority: Authority
    ground: Ground | None = None
    appeal: Appeal | None = None
    replacement: Replacement | None = None
    """Needed where the state is superseded."""
    phone: str | None = None


def text(note: StatusNote) -> str:
    """Return the text to sign, two lines."""
    _check(note)
    body = jcs.canonical(_json(note)).decode()
    return f"{FIRST_LINE}\n{body}\n"


def parse(text: str) -> StatusNote:
    """Return the note that ``text`` says, exactly as :func:`text` writes it.

    Raises NotOurProfileError for another first line, NewerFormatError for a later version,
    FormatError for all else.
    """
    first, _, rest = text.partition("\n")
    version = _KIND.fullmatch(first)
    if version is None:
        raise NotOurProfileError("not a status note")
    if first != FIRST_LINE:
        raise NewerFormatError(f"status note of version {version[1]}")
    if not rest.endswith("\n") or len(rest) > MAX_SIZE:
        raise FormatError("status note: cut short, or too long")
    value = jcs.load(rest[:-1])
    note = _check(_note(value))
    if jcs.canonical(_json(note)).decode() != rest[:-1]:
        raise FormatError("status note: not in its canonical form")
    return note


def _json(note: StatusNote) -> dict[str, Any]:
    authority, ground, appeal = note.authority, note.ground, note.appeal
    replacement = note.replacement
    return {
        "list": note.uri,
        "index": note.index,
        "state": int(note.state),
        "sequence": note.sequence,
        "forms": {"cose": note.cose.hex(), "jcs": note.jcs.hex()},
        "date": note.decided.isoformat(),
        "authority": {"id": authority.id, "zh": authority.zh, "en": authority.en},
        "ground": ground and {"code": ground.code, "zh": ground.zh, "en": ground.en},
        "appeal": appeal and {"body": appeal.body, "until": appeal.until.isoformat()},
        "replacement": replacement
        and {
            "number": replacement.number,
            "version": replacement.version,
            "page": replacement.page,
        },
        "phone": note.phone,
    }


_KEYS = frozenset(
    "list index state sequence forms date authority ground appeal replacement phone".split()
)


def _note(value: Any) -> StatusNote:
    _members(value, "status note", _KEYS)
    forms = _members(value["forms"], "forms", {"cose", "jcs"})
    authority = _members(value["authority"], "authority", {"id", "zh", "en"})
    return StatusNote(
        uri=value["list"],
        index=value["index"],
        state=_state(value["state"]),
        sequence=value["sequence"],
        cose=_hash(forms["cose"]),
        jcs=_hash(forms["jcs"]),
        decided=dates.parse_date(claims.text(value["date"], "date")),
        authority=Authority(**authority),
        ground=_ground(value["ground"]),
        appeal=_appeal(value["appeal"]),
        replacement=_replacement(value["replacement"]),
        phone=value["phone"],
    )


def _members(value: Any, what: str, names: frozenset[str] | set[str]) -> dict[str, Any]:
    if type(value) is not dict or value.keys() != names:
        raise FormatError(f"{what}: not an object of {', '.join(sorted(names))}")
    return value


def _state(value: Any) -> State:
    if type(value) is not int or value not in State.__members__.values():
        raise FormatError(f"state: {value!r} is none")
    return State(value)


def _hash(value: Any) -> bytes:
    if type(value) is not str or not _HASH.fullmatch(value):
        raise FormatError("forms: not a SHA-256 in hexadecimal")
    return bytes.fromhex(value)


def _ground(value: Any) -> Ground | None:
    return None if value is None else Ground(**_members(value, "ground", {"code", "zh", "en"}))


def _appeal(value: Any) -> Appeal | None:
    if value is None:
        return None
    members = _members(value, "appeal", {"body", "until"})
    until = dates.parse_date(claims.text(members["until"], "until"))
    return Appeal(body=members["body"], until=until)


def _replacement(value: Any) -> Replacement | None:
    names = {"number", "version", "page"}
    return None if value is None else Replacement(**_members(value, "replacement", names))


def _check(note: StatusNote) -> StatusNote:
    claims.numbered_uri(note.uri, "list", "s")
    claims.integer(note.index, "index", 0, facts.MAX_STATUS_INDEX)
    claims.integer(note.sequence, "sequence")
    claims.octets(note.cose, "forms", 32)
    claims.octets(note.jcs, "forms", 32)
    dates.to_day(note.decided)
    if note.authority.id is not None:
        _full(_CODE, note.authority.id, "authority")
    _words(note.authority)
    if note.ground is not None:
        _full(_CODE, note.ground.code, "ground")
        _words(note.ground)
    if note.appeal is not None:
        _word(note.appeal.body, "appeal")
        dates.to_day(note.appeal.until)
    if note.phone is not None:
        _full(_PHONE, note.phone, "phone")
    if note.replacement is not None:
        _check_replacement(note.replacement)
    elif note.state is State.SUPERSEDED:
        raise FormatError("status note: superseded, but by nothing")
    return note


def _check_replacement(replacement: Replacement) -> None:
    facts.check_number(claims.text(replacement.number, "replacement"))
    claims.integer(replacement.version, "replacement", 1, facts.MAX_VERSION)
    base, mark, rest = claims.text(replacement.page, "replacement").partition("/c/")
    facts.check_base(base)
    _full(_PAGE, mark + rest, "replacement")


def _words(spoken: Authority | Ground) -> None:
    _word(spoken.zh, type(spoken).__name__.lower())
    _word(spoken.en, type(spoken).__name__.lower())


def _word(value: Any, what: str) -> None:
    claims.text(value, what)
    characters.check(value, max_length=MAX_WORDS, alphabet=characters.WORDS)


def _full(pattern: re.Pattern[str], value: Any, what: str) -> None:
    if not pattern.fullmatch(claims.text(value, what)):
        raise FormatError(f"{what}: {value[:60]!r} is not written as the format says")
