"""What the printed face shows, as values: derived from the certificate, never typed twice."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.certificate import Certificate, Kind
from schemas.credential_layout import KIND_WORDS, NO_WORK_TYPE

SECTOR = {"zh": "住房和城乡建设行业", "en": "Housing and Urban-Rural Construction"}
ID_TYPES: dict[str, dict[str, str]] = {
    "111": {"zh": "居民身份证", "en": "Resident identity card"},
}
"""Names of ID documents by code; others come with their own names."""
SAFETY = {
    "zh": "本证说明技能等级，不能代替建筑施工特种作业操作资格证。",
    "en": "Shows a skill level; not a permit for special operations on building sites.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Everything on one printed certificate."""

    certificate: Certificate
    qr_text: str
    document: str
    """The signed JSON, as attached."""
    id_type: dict[str, str]
    """Kind of ID document, ``zh`` and ``en``."""
    photo: bytes | None
    """JPEG or PNG, 25 x 35 mm portrait."""
    special_operation: bool
    """Whether the trade also needs a special-operation permit (prints the safety line)."""
    sample: bool
    lookup_url: str
    timestamp: int
    """Creation time written into the file, UTC seconds; the instant of signing."""


def masked_id(last4: str, id_type: dict[str, str]) -> str:
    """``**************002X``: the face never carries the whole number.

    Only an identity card's length is known; other documents show six stars whatever their length.
    """
    return "*" * (14 if id_type == ID_TYPES["111"] else 6) + last4


def chinese_date(day: date) -> str:
    """``2026年11月22日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def english_date(day: date) -> str:
    """``22 November 2026``, with no help from the machine's locale."""
    months = ("January", "February", "March", "April", "May", "June", "July", "August",
              "September", "October", "November", "December")  # fmt: skip
    return f"{day.day} {months[day.month - 1]} {day.year}"


def fields(face: Face) -> dict[str, Any]:
    """The template's text values (no picture among them)."""
    facts, names = face.certificate.facts, face.certificate.names
    return {
        "title": dict(zip(("zh", "en"), KIND_WORDS[facts.kind], strict=True)),
        "sector": SECTOR,
        "number": facts.number,
        "issuer": names.issuer,
        "name": facts.name,
        "id_type": face.id_type,
        "id_number": masked_id(facts.last4, face.id_type),
        "statement": _statement(face),
        "rows": _rows(face),
        "lookup_url": face.lookup_url,
        "issuer_url": names.issuer_url,
        "safety": SAFETY if face.special_operation else None,
        "remark": _remark(facts.version),
        "sample": face.sample,
    }


def _statement(face: Face) -> dict[str, str]:
    facts, names = face.certificate.facts, face.certificate.names
    day, zh_day = english_date(facts.assessed), chinese_date(facts.assessed)
    if facts.kind is Kind.TRAINING:
        done, ending = "培训并经考核", "合格"
        passed = f"completed the training and passed its assessment on {day}"
    else:
        done, ending = "理论知识考试、操作技能考核", f"合格，达到{names.level}职业技能水平"
        passed = f"passed the theory and practice examinations of {day}"
        if names.review:
            done += "和综合评审"
            passed = f"passed the theory and practice examinations and the review of {day}"
    return {
        "zh": f"持证人于{zh_day}经{names.site}{done}{ending}，特发此证。",
        "en": f"The holder {passed} and is awarded {names.occupation_en}, {names.level_en}.",
    }


def _rows(face: Face) -> list[dict[str, str]]:
    facts, names = face.certificate.facts, face.certificate.names
    rows = [
        _row("职业名称", "Occupation", facts.occupation_name or facts.occupation,
             names.occupation_en),
        _row("工种/职业方向", "Work type", names.work_type or NO_WORK_TYPE, ""),
        _row("职业技能等级", "Skill level", names.level, names.level_en),
        _row("证书编号", "Certificate number", facts.number, ""),
        _row("发证日期", "Date of award", chinese_date(facts.awarded),
             english_date(facts.awarded)),
        _row("评价机构", "Awarding body", names.issuer, ""),
    ]  # fmt: skip
    if facts.valid_from or facts.valid_until:
        rows.insert(5, _validity(facts.valid_from or facts.awarded, facts.valid_until))
    return rows


def _validity(first: date, last: date | None) -> dict[str, str]:
    if last is None:
        return _row("生效日期", "In force from", chinese_date(first), english_date(first))
    return _row(
        "有效期", "Validity", f"{chinese_date(first)}至{chinese_date(last)}（含当日）",
        f"{english_date(first)} to {english_date(last)}, inclusive",
    )  # fmt: skip


def _row(zh: str, en: str, value: str, second: str) -> dict[str, str]:
    return {"zh": zh, "en": en, "value": value, "second": second}


def _remark(version: int) -> dict[str, str] | None:
    if version == 1:
        return None
    return {
        "zh": f"更正换发：本证为第{version}版，以此版为准。",
        "en": f"Corrected: version {version} holds.",
    }
