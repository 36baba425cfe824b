"""Faces for the tests: an invented holder, and the longest that the formats allow."""

import io
import random
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import zxingcpp
from PIL import Image

from registry.documents.face import ID_TYPES, Face
from schemas import credential
from schemas.certificate import Certificate, Facts, Kind, Names

BASE = "https://certs.example.gov.cn"
FACTS = Facts(
    base=BASE, uuid=UUID("6f0a1f0e-8a0c-4f3b-9c55-0d6a4c9f7e21"), issuer="js",
    number="Y001032999966263000001", version=1, kind=Kind.LEVEL, name="欧阳娜娜", last4="002X",
    occupation="6-29-01-04", occupation_name="钢筋工", level="3", work_type="020", site="10012003",
    assessed=date(2026, 11, 15), awarded=date(2026, 11, 22), valid_from=None, valid_until=None,
    signed_at=1795320000, status_list=1, status_index=94567,
)  # fmt: skip
NAMES = Names(
    issuer="江苏省住房和城乡建设职业技能鉴定中心（示例）", issuer_url=f"{BASE}/bodies/js",
    centre="注册中心（示例）", site="南京某建筑职业技能鉴定站（示例）",
    occupation_en="Reinforcing Bar Worker", level="三级/高级工",
    level_en="Level 3, Senior Skilled Worker", work_type="钢筋工",
    framework="中华人民共和国职业分类大典（2022年版）", description="d", criteria="c",
    batch="22119999660044", review=False,
)  # fmt: skip


def digits(count: int, seed: int = 7) -> str:
    chance = random.Random(seed)
    return "".join(chance.choice("0123456789") for _ in range(count))


def face(*, facts: dict[str, Any] | None = None, names: dict[str, Any] | None = None,
         **others: Any) -> Face:  # fmt: skip
    values: dict[str, Any] = {
        "certificate": Certificate(
            facts=replace(FACTS, **facts or {}), names=replace(NAMES, **names or {})
        ),
        "qr_text": f"{BASE}/v#{digits(700)}",
        "document": '{"name":"欧阳娜娜","proof":[]}',
        "id_type": ID_TYPES["111"],
        "photo": None,
        "special_operation": False,
        "sample": True,
        "lookup_url": f"{BASE}/lookup",
        "timestamp": FACTS.signed_at,
    }
    return Face(**values | others)


def longest(letter: str, **others: Any) -> Face:
    """The longest texts that a certificate may state, all of one letter."""
    host = f"https://{'a' * 62}.{'b' * 46}.cn"
    longest = face(
        facts={
            "base": host, "name": letter * 60, "occupation_name": letter * 60, "number": "W" * 40,
            "version": 65535, "valid_from": date(2026, 12, 22), "valid_until": date(2029, 12, 21),
        },
        names={
            "issuer": letter * 120, "issuer_url": f"{host}/{'c' * (199 - len(host))}",
            "site": letter * 120, "occupation_en": letter * 120, "level": letter * 120,
            "level_en": letter * 120, "work_type": letter * 120, "review": True,
        },
        special_operation=True, lookup_url=f"{host}/lookup", **others,
    )  # fmt: skip
    credential.check(longest.certificate)
    return longest


def poppler(tool: str, *arguments: str | Path) -> bytes:
    """Run one of poppler's tools; the test is skipped where it is not installed."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} of poppler-utils is not installed")
    return subprocess.run([tool, *map(str, arguments)], check=True, capture_output=True).stdout


def text(data: bytes, folder: Path) -> str:
    (folder / "face.pdf").write_bytes(data)
    return poppler("pdftotext", "-layout", folder / "face.pdf", "-").decode()


def pages(data: bytes, folder: Path, dpi: int) -> list[Image.Image]:
    """The pages as pictures, in order."""
    (folder / "face.pdf").write_bytes(data)
    poppler("pdftoppm", "-r", str(dpi), "-png", folder / "face.pdf", folder / "page")
    return [Image.open(path) for path in sorted(folder.glob("page*.png"))]


def codes(picture: Image.Image | bytes) -> list[str]:
    image = Image.open(io.BytesIO(picture)) if isinstance(picture, bytes) else picture
    return [code.text for code in zxingcpp.read_barcodes(image)]
