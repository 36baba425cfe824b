"""What each term of our JSON-LD documents means: the two pinned contexts as one table.

Sources: ``https://www.w3.org/ns/credentials/v2`` and the Open Badges context 3.0.3. Only terms
that our documents use are listed. Several datatypes of the Open Badges context spell the XML
Schema namespace with ``https``; that is how they are signed everywhere, so the table keeps it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

_CRED = "https://www.w3.org/2018/credentials#"
_STATUS = "https://www.w3.org/ns/credentials/status#"
_SECURITY = "https://w3id.org/security#"
_OB = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
_SCHEMA = "https://schema.org/"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_XSD_OB = "https://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Term:
    """One property: its IRI, and how a plain value under it is read."""

    iri: str
    datatype: str | None = None
    link: bool = False
    """A string is the IRI of a node (``@type: @id``), not a text."""
    boolean: bool = False
    """The value is a JSON boolean; only with a ``datatype``."""


@dataclass(frozen=True, slots=True)
class Type:
    """One node type: its IRI and the terms of its scoped context."""

    iri: str
    terms: Mapping[str, Term] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tables:
    """All terms of one list of contexts."""

    common: Mapping[str, Term]
    types: Mapping[str, Type]


def _link(iri: str) -> Term:
    return Term(iri, link=True)


_V2_COMMON = {"name": Term(_SCHEMA + "name"), "description": Term(_SCHEMA + "description")}

_V2_TYPES = {
    "VerifiableCredential": Type(
        _CRED + "VerifiableCredential",
        {
            "credentialSchema": _link(_CRED + "credentialSchema"),
            "credentialStatus": _link(_CRED + "credentialStatus"),
            "credentialSubject": _link(_CRED + "credentialSubject"),
            "evidence": _link(_CRED + "evidence"),
            "issuer": _link(_CRED + "issuer"),
            "validFrom": Term(_CRED + "validFrom", _XSD + "dateTime"),
            "validUntil": Term(_CRED + "validUntil", _XSD + "dateTime"),
        },
    ),
    "JsonSchema": Type(_CRED + "JsonSchema"),
    "BitstringStatusListCredential": Type(_STATUS + "BitstringStatusListCredential"),
    "BitstringStatusList": Type(
        _STATUS + "BitstringStatusList",
        {
            "encodedList": Term(_STATUS + "encodedList", _SECURITY + "multibase"),
            "statusPurpose": Term(_STATUS + "statusPurpose"),
        },
    ),
    "BitstringStatusListEntry": Type(
        _STATUS + "BitstringStatusListEntry",
        {
            "statusListCredential": _link(_STATUS + "statusListCredential"),
            "statusListIndex": Term(_STATUS + "statusListIndex"),
            "statusPurpose": Term(_STATUS + "statusPurpose"),
        },
    ),
}

_OB_COMMON = {
    "narrative": Term(_OB + "narrative"),
    "url": Term(_SCHEMA + "url", _XSD_OB + "anyURI"),
}

_OB_TYPES = {
    "OpenBadgeCredential": Type(_OB + "OpenBadgeCredential"),
    "Profile": Type(_OB + "Profile", {"parentOrg": _link(_OB + "parentOrg")}),
    "AchievementSubject": Type(
        _OB + "AchievementSubject",
        {
            "achievement": Term(_OB + "achievement"),
            "activityEndDate": Term(_OB + "activityEndDate", _XSD_OB + "date"),
            "identifier": Term(_OB + "identifier"),
            "licenseNumber": Term(_OB + "licenseNumber"),
            "result": Term(_OB + "result"),
            "source": _link(_OB + "source"),
        },
    ),
    "IdentityObject": Type(
        _OB + "IdentityObject",
        {
            "hashed": Term(_OB + "hashed", _XSD_OB + "boolean", boolean=True),
            "identityHash": Term(_OB + "identityHash"),
            "identityType": Term(_OB + "identityType"),
            "salt": Term(_OB + "salt"),
        },
    ),
    "Achievement": Type(
        _OB + "Achievement",
        {
            "achievementType": Term(_OB + "achievementType"),
            "alignment": Term(_OB + "alignment"),
            "criteria": _link(_OB + "Criteria"),
            "fieldOfStudy": Term(_OB + "fieldOfStudy"),
            "humanCode": Term(_OB + "humanCode"),
            "resultDescription": Term(_OB + "resultDescription"),
            "specialization": Term(_OB + "specialization"),
        },
    ),
    "Alignment": Type(
        _SCHEMA + "AlignmentObject",
        {
            "targetCode": Term(_OB + "targetCode"),
            "targetFramework": Term(_SCHEMA + "targetFramework"),
            "targetName": Term(_SCHEMA + "targetName"),
            "targetType": Term(_OB + "targetType"),
            "targetUrl": Term(_SCHEMA + "targetUrl", _XSD_OB + "anyURI"),
        },
    ),
    "ResultDescription": Type(_OB + "ResultDescription", {"resultType": Term(_OB + "resultType")}),
    "Result": Type(
        _OB + "Result",
        {
            "resultDescription": Term(_OB + "resultDescription", _XSD_OB + "anyURI"),
            "status": Term(_OB + "status"),
            "value": Term(_SCHEMA + "value"),
        },
    ),
    "Evidence": Type(_OB + "Evidence", {"genre": Term(_SCHEMA + "genre")}),
}

PROFILES: Mapping[tuple[str, ...], Tables] = MappingProxyType(
    {
        (V2,): Tables(_V2_COMMON, _V2_TYPES),
        (V2, OPEN_BADGES): Tables(_V2_COMMON | _OB_COMMON, _V2_TYPES | _OB_TYPES),
    }
)
"""Terms by the exact list of contexts of a document."""
