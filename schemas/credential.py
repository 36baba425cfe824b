"""The JSON certificate: a W3C Verifiable Credential 2.0 that is an Open Badges 3.0.3 credential.

:func:`document` prints a :class:`~schemas.certificate.Certificate`, :func:`parse` reads one back
and accepts only what :func:`document` would have printed. Proofs are not read here: they belong to
``keys.data_integrity``. Specification: ``schemas/spec/credential.md``.
"""

import re
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from schemas import dates, facts, text
from schemas.certificate import Certificate, Facts, Instant, Kind, Names
from schemas.credential_layout import (
    CONTEXTS,
    KIND_WORDS,
    NO_WORK_TYPE,
    SCHEMA_PATH,
    TYPES,
    VERSION,
    Slots,
    layout,
)
from schemas.errors import (
    ContradictionError,
    FormatError,
    NewerFormatError,
    NotOurProfileError,
)
from schemas.rdf import iri

_T = TypeVar("_T")
_STATUS = re.compile(r"(.+)/b/(0|[1-9][0-9]{0,9})")
_INTEGER = re.compile(r"0|[1-9][0-9]{0,9}")
_SCHEMA_VERSION = re.compile(rf".+{re.escape(SCHEMA_PATH)}([1-9][0-9]{{0,5}})\.json")
_LONG = 600


def document(certificate: Certificate) -> dict[str, Any]:
    """Print the unsecured credential of ``certificate``.

    Raises FormatError for a fact or a name that may not be stated, or an occupation without name.
    """
    check(certificate)
    return layout(certificate.facts, certificate.names, Slots.of(certificate))


def check(certificate: Certificate) -> None:
    """Check everything that the JSON states; FormatError names what cannot be stated."""
    facts.check(certificate.facts)
    check_names(certificate.facts, certificate.names)
    check_batch(certificate.names.batch)


def check_names(said: Facts, names: Names) -> None:
    """Check the texts that certificates of one issuer, achievement and site have in common."""
    if said.occupation_name is None:
        raise FormatError("the JSON form needs the name of the occupation")
    if (said.work_type is None) != (names.work_type is None):
        raise FormatError("a work type needs both its code and its name")
    if names.work_type == NO_WORK_TYPE:
        raise FormatError(f"{NO_WORK_TYPE!r} stands for no work type and cannot be a name")
    for value in (said.occupation_name, names.occupation_en, names.level, names.level_en):
        if "|" in text.check(value, max_length=120, alphabet=text.WORDS):
            raise FormatError(f"{value!r} holds a | that would split the two languages")
    for title in (names.issuer, names.centre, names.site, names.framework, names.work_type):
        if title is not None:
            text.check(title, max_length=120, alphabet=text.WORDS)
    for value in (names.description, names.criteria):
        text.check(value, max_length=_LONG, alphabet=text.WORDS)
    if not iri(names.issuer_url).startswith(("https://", "http://")):
        raise FormatError("the issuer's url is not a web address")
    if len(names.issuer_url) > 200:
        raise FormatError("the issuer's url has more than 200 characters")
    if type(names.review) is not bool:
        raise FormatError("review is not true or false")


# All certificates of a batch name it.
@lru_cache(maxsize=256)
def check_batch(batch: str) -> None:
    """Check the number of the assessment batch."""
    text.check(batch, max_length=60, alphabet=text.WORDS)


def unsecured(secured: dict[str, Any]) -> dict[str, Any]:
    """Return the document without its proofs: the bytes that are hashed and signed are of this."""
    return {key: value for key, value in secured.items() if key != "proof"}


def proofs(secured: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the proofs in their order; a single proof object counts as a list of one.

    Raises FormatError when there is none or when one is not an object.
    """
    found = secured.get("proof")
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not listed:
        raise FormatError("the credential has no proof")
    if not all(isinstance(proof, dict) for proof in listed):
        raise FormatError("a proof of the credential is not an object")
    return listed


def parse(secured: dict[str, Any], signed_at: Instant) -> Certificate:
    """Read a credential, with or without proofs; ``signed_at`` is the ``created`` of its proofs.

    The value is printed again and must be the same document, so nothing is present that was not
    read. Raises NotOurProfileError for another registry's credential, NewerFormatError for a later
    version of this layout, ContradictionError where two places disagree (someone altered one of
    them), FormatError for anything else.
    """
    if not isinstance(secured, dict):
        raise FormatError("a credential is a JSON object")
    given = unsecured(secured)
    _check_profile(given)
    certificate = _read(given, signed_at)
    check(certificate)
    expected = layout(certificate.facts, certificate.names, Slots.of(certificate))
    if given != expected:
        place = _difference(given, expected)
        raise ContradictionError(f"the credential contradicts itself at {place}")
    # Python takes 0 and False for equal; every other value of the document is a text.
    if any(item["hashed"] is not False for item in given["credentialSubject"]["identifier"]):
        raise ContradictionError("the credential has a number where a boolean belongs")
    return certificate


def _check_profile(given: dict[str, Any]) -> None:
    if given.get("@context") != list(CONTEXTS):
        raise NotOurProfileError("the credential has other contexts")
    if given.get("type") != list(TYPES):
        raise NotOurProfileError("the credential has another type")
    schema = given.get("credentialSchema")
    first = schema[0] if isinstance(schema, list) and len(schema) == 1 else None
    uri = first.get("id") if isinstance(first, dict) else None
    found = _SCHEMA_VERSION.fullmatch(uri) if isinstance(uri, str) else None
    if found is None:
        raise NotOurProfileError("the credential does not name the schema of this registry")
    if int(found[1]) > VERSION:
        raise NewerFormatError(f"version {found[1]} of the certificate's layout")


def _read(given: dict[str, Any], signed_at: Instant) -> Certificate:
    alignments = _take(given, list, "credentialSubject", "achievement", "alignment")
    if len(alignments) not in (3, 4):
        raise FormatError("the achievement does not have three or four alignments")
    return Certificate(
        facts=_read_facts(given, alignments, signed_at), names=_read_names(given, alignments)
    )


def _read_facts(given: dict[str, Any], alignments: list[Any], signed_at: Instant) -> Facts:
    subject = _take(given, dict, "credentialSubject")
    results = _take(subject, list, "result")
    awarded = dates.parse_date(_take(results, str, -2, "value"))
    starts = dates.shanghai_day(dates.parse_utc(_take(given, str, "validFrom")))
    until = _take(given, str, "validUntil") if "validUntil" in given else None
    status = _STATUS.fullmatch(_take(given, str, "credentialStatus", "statusListCredential"))
    if status is None:
        raise FormatError("the status list's address is not of this registry's form")
    return Facts(
        base=status[1],
        uuid=_uuid(_take(given, str, "id")),
        issuer=_take(given, str, "issuer", "id").rpartition(":")[2],
        number=_take(subject, str, "licenseNumber"),
        version=_integer(_take(results, str, -1, "value")),
        kind=_kind(_take(alignments, str, 0, "targetCode")),
        name=_take(subject, str, "identifier", 0, "identityHash"),
        last4=_take(subject, str, "identifier", 1, "identityHash"),
        occupation=_take(subject, str, "achievement", "humanCode"),
        occupation_name=_take(subject, str, "achievement", "fieldOfStudy"),
        level=_take(alignments, str, 2, "targetCode"),
        work_type=_take(alignments, str, 3, "targetCode") if len(alignments) == 4 else None,
        site=_take(subject, str, "source", "id").rpartition("/")[2],
        assessed=dates.parse_date(_take(subject, str, "activityEndDate")[:10]),
        awarded=awarded,
        valid_from=starts if starts != awarded else None,
        valid_until=dates.shanghai_day(dates.parse_utc(until)) if until is not None else None,
        signed_at=signed_at,
        status_list=int(status[2]),
        status_index=_integer(_take(given, str, "credentialStatus", "statusListIndex")),
    )


def _read_names(given: dict[str, Any], alignments: list[Any]) -> Names:
    subject = _take(given, dict, "credentialSubject")
    achievement = _take(subject, dict, "achievement")
    level, level_en = _two(_take(alignments, str, 2, "targetName"))
    return Names(
        issuer=_take(given, str, "issuer", "name"),
        issuer_url=_take(given, str, "issuer", "url"),
        centre=_take(given, str, "issuer", "parentOrg", "name"),
        site=_take(subject, str, "source", "name"),
        occupation_en=_two(_take(alignments, str, 1, "targetName"))[1],
        level=level,
        level_en=level_en,
        work_type=_take(achievement, str, "specialization") if len(alignments) == 4 else None,
        framework=_take(alignments, str, 1, "targetFramework"),
        description=_take(achievement, str, "description"),
        criteria=_take(achievement, str, "criteria", "narrative"),
        batch=_take(given, str, "evidence", 0, "name"),
        review=len(_take(subject, list, "result")) == 5,
    )


def _take(value: Any, kind: type[_T], *path: str | int) -> _T:
    """Follow ``path`` into nested objects and lists to a value of type ``kind``."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            raise FormatError(f"the credential has nothing at {_spell(path)}") from None
    if not isinstance(value, kind):
        raise FormatError(f"the credential has no {kind.__name__} at {_spell(path)}")
    return value


def _spell(path: tuple[str | int, ...]) -> str:
    return "/".join(str(step) for step in path)


def _difference(given: Any, expected: Any, path: tuple[str | int, ...] = ()) -> str:
    """Name the first place where two documents differ."""
    if isinstance(given, dict) and isinstance(expected, dict):
        for key in sorted(given.keys() | expected.keys(), key=str):
            if key not in given or key not in expected or given[key] != expected[key]:
                return _difference(given.get(key), expected.get(key), (*path, key))
    elif isinstance(given, list) and isinstance(expected, list) and len(given) == len(expected):
        for place, (left, right) in enumerate(zip(given, expected, strict=True)):
            if left != right:
                return _difference(left, right, (*path, place))
    return _spell(path)


def _two(value: str) -> tuple[str, str]:
    chinese, separator, english = value.partition(" | ")
    if not separator:
        raise FormatError(f"{value[:80]!r} is not in two languages")
    return chinese, english


def _uuid(value: str) -> UUID:
    try:
        return UUID(value.removeprefix("urn:uuid:"))
    except ValueError:
        raise FormatError("the credential's id is not a urn:uuid") from None


def _integer(value: str) -> int:
    if _INTEGER.fullmatch(value) is None:
        raise FormatError(f"{value[:40]!r} is not a decimal number")
    return int(value)


def _kind(value: str) -> Kind:
    number = _integer(value)
    if number not in KIND_WORDS:
        raise NewerFormatError(f"kind of certificate {number}")
    return Kind(number)
