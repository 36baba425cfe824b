"""The catalogue's data files as rows: what was read or remembered, each with its source."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from registry.records.catalogue import Confidence

EDITION = "中华人民共和国职业分类大典（2022年版）"
"""Edition whose codes certificates print."""

_FILES = ("occupations.csv", "worktypes.csv", "levels.csv")
_MEMBERSHIP_SOURCE = (
    "人社部发〔2017〕68号 (read in part); left the catalogue in two batches by 2020-12-31: "
    "人社厅发〔2020〕80号 (remembered)"
)
_MEMBERSHIP_CONFIDENCE = "medium; the end of a membership stands for the later of two batches"


@dataclass(frozen=True, slots=True)
class NewOccupation:
    """One row of ``occupations.csv``."""

    key: str
    code_2015: str | None
    code_2022: str | None
    code_confidence: Confidence
    name_zh: str
    name_en: str
    field: str
    is_special: bool
    source: str
    confidence: str
    note: str
    levels: tuple[str, ...]
    work_types: tuple[str, ...]
    membership: tuple[date, date | None] | None
    membership_source: str = _MEMBERSHIP_SOURCE
    membership_confidence: str = _MEMBERSHIP_CONFIDENCE


@dataclass(frozen=True, slots=True)
class Data:
    """All rows, and the bytes that they were read from."""

    occupations: tuple[NewOccupation, ...]
    work_types: tuple[Mapping[str, str], ...]
    levels: tuple[Mapping[str, Any], ...]
    content: bytes


def published() -> Data:
    """The data that come with the package."""
    folder = files("registry").joinpath("data")
    texts = [folder.joinpath(name).read_text("utf-8") for name in _FILES]
    occupations, work_types, levels = (list(csv.DictReader(io.StringIO(text))) for text in texts)
    return Data(
        occupations=tuple(_occupation(row) for row in occupations),
        work_types=tuple(
            {"code": row["code"], "name_zh": row["name_zh"], "note": row["note"]}
            for row in work_types
        ),
        levels=tuple(
            {
                "code": row["code"], "name_zh": row["name_zh"], "name_en": row["name_en"],
                "rank": int(row["rank"]),
            }
            for row in levels
        ),
        content="\x00".join(texts).encode(),
    )  # fmt: skip


def _occupation(row: Mapping[str, str]) -> NewOccupation:
    types = tuple(code for code in row["mohurd_worktype_codes"].split("|") if code)
    special = next((code for code in types if code.startswith("SPOP-")), None)
    return NewOccupation(
        key=_key(row, types),
        code_2015=row["code_2015"] or None,
        code_2022=row["code_2022"] or None,
        code_confidence=_confidence(row),
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        field=row["group"],
        is_special=special is not None,
        source=row["source"],
        confidence=row["confidence"],
        note=row["note"],
        levels=tuple(level for level in row["levels"].split("|") if level),
        work_types=() if special else types,
        membership=_membership(row),
    )


def _key(row: Mapping[str, str], types: tuple[str, ...]) -> str:
    if row["code_2022"]:
        return row["code_2022"]
    if not types:
        return f"2015-{row['code_2015']}"
    return types[0] if types[0].startswith("SPOP-") else f"W-{types[0]}"


def _confidence(row: Mapping[str, str]) -> Confidence:
    """How sure the 2022 code is; remarks about levels or work types do not count."""
    words = row["confidence"].split(";")[0].strip()
    if not row["code_2022"]:
        return Confidence.LOW
    if words in ("high", "code high"):
        return Confidence.HIGH
    return Confidence.MEDIUM if words == "medium" else Confidence.LOW


def _membership(row: Mapping[str, str]) -> tuple[date, date | None] | None:
    if not row["catalogue_from"]:
        return None
    last = row["catalogue_to"]
    return date.fromisoformat(row["catalogue_from"]), date.fromisoformat(last) if last else None
