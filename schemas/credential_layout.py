"""The JSON certificate's layout: which fact stands where, and nothing about checking it.

:func:`layout` is the only place that knows the document. It is given the per-certificate texts as
:class:`Slots`, so that the compiled template of :mod:`schemas.rdf_template` is made from the same
lines. Specification: ``schemas/spec/credential.md``.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from schemas import dates, did
from schemas.certificate import Certificate, Facts, Kind, Names
from schemas.rdf_terms import OPEN_BADGES, V2

CONTEXTS = (V2, OPEN_BADGES)
TYPES = ("VerifiableCredential", "OpenBadgeCredential")
VERSION = 1
"""Version of this layout; it is part of the ``credentialSchema`` address."""

SCHEMA_PATH = "/schemas/hallmark-certificate-"
KIND_WORDS = {
    Kind.QUALIFICATION: ("职业资格证书", "Vocational Qualification Certificate"),
    Kind.LEVEL: ("职业技能等级证书", "Vocational Skill Level Certificate"),
    Kind.TRAINING: ("培训合格证", "Training Completion Certificate"),
}
LAST4_TYPE = "ext:nationalIdentityNumberLast4"
NO_WORK_TYPE = "--"
"""Printed where there is no work type (人社鉴发〔2021〕1号: never left blank)."""

_LEVEL_FRAMEWORK = "职业技能等级"
_KIND_FRAMEWORK = "证书类别"
_RESULTS = {
    "theory": ("理论知识考试 | Theory examination", "Status"),
    "practice": ("操作技能考核 | Practical examination", "Status"),
    "review": ("综合评审 | Comprehensive review", "Status"),
    "awarded": ("发证日期 | Date of award", "ext:AwardDate"),
    "version": ("证书版本 | Version of the certificate", "ext:CertificateVersion"),
}


class Slots(NamedTuple):
    """The texts that differ between two certificates of one achievement, site and issuer."""

    uuid: str
    number: str
    name: str
    last4: str
    assessed: str
    awarded: str
    starts: str
    ends: str
    """Empty where the certificate has no last day."""
    status_list: str
    status_index: str
    version: str
    batch: str

    @classmethod
    def of(cls, certificate: Certificate) -> "Slots":
        """Write the texts of ``certificate``, whose facts have been checked."""
        facts = certificate.facts
        return cls(
            str(facts.uuid),
            facts.number,
            facts.name,
            facts.last4,
            f"{facts.assessed.isoformat()}T00:00:00Z",
            facts.awarded.isoformat(),
            _starts(facts.valid_from or facts.awarded),
            _ends(facts.valid_until) if facts.valid_until is not None else "",
            str(facts.status_list),
            str(facts.status_index),
            str(facts.version),
            certificate.names.batch,
        )


def layout(facts: Facts, names: Names, slots: Slots) -> dict[str, Any]:
    """Lay out one unsecured credential.

    Everything per certificate comes from ``slots``; of ``facts`` and ``names`` only what the
    achievement, the site and the issuer determine is read.
    """
    uri = f"urn:uuid:{slots.uuid}"
    achievement = achievement_uri(facts)
    kind = KIND_WORDS[facts.kind]
    status_list = f"{facts.base}/b/{slots.status_list}"
    document: dict[str, Any] = {
        "@context": list(CONTEXTS),
        "id": uri,
        "type": list(TYPES),
        "name": f"{kind[0]} · {facts.occupation_name} {names.level}"
        f" | {kind[1]}, {names.occupation_en}, {names.level_en}",
        "issuer": _issuer(facts, names),
        "validFrom": slots.starts,
    }
    if slots.ends:
        document["validUntil"] = slots.ends
    document["credentialSubject"] = {
        "id": f"{uri}#subject",
        "type": ["AchievementSubject"],
        "licenseNumber": slots.number,
        "activityEndDate": slots.assessed,
        "identifier": [_identity("name", slots.name), _identity(LAST4_TYPE, slots.last4)],
        "source": {
            "id": f"{facts.base}/sites/{facts.site}",
            "type": ["Profile"],
            "name": names.site,
        },
        "achievement": _achievement(achievement, facts, names),
        "result": _results(uri, achievement, names, slots),
    }
    document["evidence"] = [
        {
            "id": f"{uri}#assessment",
            "type": ["Evidence"],
            "name": slots.batch,
            "genre": "Assessment",
        }
    ]
    document["credentialStatus"] = {
        "id": f"{status_list}#{slots.status_index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": slots.status_index,
        "statusListCredential": status_list,
    }
    document["credentialSchema"] = [{"id": schema_uri(facts.base), "type": "JsonSchema"}]
    return document


def schema_uri(base: str) -> str:
    """Return the address of the JSON Schema of this layout."""
    return f"{base}{SCHEMA_PATH}{VERSION}.json"


def achievement_uri(facts: Facts) -> str:
    """Return the identity of what was achieved: kind, occupation, level, and work type if any."""
    uri = f"{facts.base}/achievements/{int(facts.kind)}/{facts.occupation}/{facts.level}"
    return uri if facts.work_type is None else f"{uri}/{facts.work_type}"


@lru_cache(maxsize=1024)
def _starts(day: Any) -> str:
    return dates.utc(dates.day_start(day))


@lru_cache(maxsize=1024)
def _ends(day: Any) -> str:
    return dates.utc(dates.day_end(day))


def _issuer(facts: Facts, names: Names) -> dict[str, Any]:
    return {
        "id": did.issuer(facts.base, facts.issuer),
        "type": ["Profile"],
        "name": names.issuer,
        "url": names.issuer_url,
        "parentOrg": {"id": did.centre(facts.base), "type": ["Profile"], "name": names.centre},
    }


def _identity(name: str, value: str) -> dict[str, Any]:
    return {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": name}


def _achievement(uri: str, facts: Facts, names: Names) -> dict[str, Any]:
    return {
        "id": uri,
        "type": ["Achievement"],
        "achievementType": "Certification",
        "name": f"{facts.occupation_name} {names.level} | {names.occupation_en}, {names.level_en}",
        "description": names.description,
        "humanCode": facts.occupation,
        "fieldOfStudy": facts.occupation_name,
        "specialization": names.work_type or NO_WORK_TYPE,
        "criteria": {"id": f"{uri}/criteria", "narrative": names.criteria},
        "alignment": _alignments(uri, facts, names),
        "resultDescription": [
            {
                "id": f"{uri}#{name}",
                "type": ["ResultDescription"],
                "name": _RESULTS[name][0],
                "resultType": _RESULTS[name][1],
            }
            for name in _result_names(names)
        ],
    }


def _alignments(uri: str, facts: Facts, names: Names) -> list[dict[str, Any]]:
    def alignment(part: str, code: str, name: str, folder: str, sort: str) -> dict[str, Any]:
        return {
            "id": f"{uri}#{part}",
            "type": ["Alignment"],
            "targetName": name,
            "targetUrl": f"{facts.base}/{folder}/{code}",
            "targetCode": code,
            "targetType": f"ext:{sort}",
        }

    kind = alignment(
        "kind", str(int(facts.kind)), " | ".join(KIND_WORDS[facts.kind]), "kinds", "CertificateKind"
    )
    occupation = alignment(
        "occupation",
        facts.occupation,
        f"{facts.occupation_name} | {names.occupation_en}",
        "occupations",
        "Occupation",
    )
    level = alignment(
        "level", facts.level, f"{names.level} | {names.level_en}", "levels", "SkillLevel"
    )
    kind["targetFramework"] = _KIND_FRAMEWORK
    occupation["targetFramework"] = names.framework
    level["targetFramework"] = _LEVEL_FRAMEWORK
    if facts.work_type is None or names.work_type is None:
        return [kind, occupation, level]
    work_type = alignment("work-type", facts.work_type, names.work_type, "work-types", "WorkType")
    return [kind, occupation, level, work_type]


def _result_names(names: Names) -> tuple[str, ...]:
    review = ("review",) if names.review else ()
    return ("theory", "practice", *review, "awarded", "version")


def _results(uri: str, achievement: str, names: Names, slots: Slots) -> list[dict[str, Any]]:
    said = {"awarded": {"value": slots.awarded}, "version": {"value": slots.version}}
    return [
        {
            "id": f"{uri}#{name}",
            "type": ["Result"],
            "resultDescription": f"{achievement}#{name}",
            **said.get(name, {"status": "Completed"}),
        }
        for name in _result_names(names)
    ]
