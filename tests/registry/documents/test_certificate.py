"""The printed certificate: conformance markers, attachment, fields, symbol, one page."""

import io
import json
import random
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image

from registry.demo.photos import portrait
from registry.documents.face import ID_TYPES, Face, masked_id
from registry.documents.fonts import PINNED, FontError, Fonts
from registry.documents.pdf import (
    DocumentError,
    MissingGlyphError,
    certificate_pdf,
    certificate_picture,
)
from registry.documents.press import Press
from registry.documents.qr import SymbolError
from schemas.certificate import Kind
from schemas.credential_layout import KIND_WORDS
from tests.registry.documents import build
from verifier import media

RARE = "㛃䶮𡋤·买买提·吐尔逊"
NO_GLYPH = "\U000323af"
"""Last character of extension H: may stand in a name, and no pinned font has it."""


def test_pdfa_markers() -> None:
    reader = pypdf.PdfReader(io.BytesIO(certificate_pdf(build.face())))
    metadata = reader.xmp_metadata
    assert metadata is not None
    packet = metadata.stream.get_data().decode()
    assert re.search(r'pdfaid:part(?:>|=")3\b', packet)
    assert re.search(r'pdfaid:conformance(?:>|=")A\b', packet)
    root: Any = reader.trailer["/Root"]
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert root["/MarkInfo"]["/Marked"]
    assert not reader.is_encrypted
    assert root["/Lang"] == "zh-CN"


def test_every_font_is_embedded() -> None:
    reader = pypdf.PdfReader(io.BytesIO(certificate_pdf(build.face(facts={"name": RARE}))))
    resources: Any = reader.pages[0]["/Resources"]
    fonts = resources["/Font"]
    assert len(fonts) >= 2
    for font in fonts.values():
        described = font["/DescendantFonts"][0]["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(described)


def test_attachment_is_the_json(tmp_path: Path) -> None:
    document = json.dumps({"name": RARE, "n": list(range(900))}, ensure_ascii=False)
    data = certificate_pdf(build.face(document=document))
    reader = pypdf.PdfReader(io.BytesIO(data))
    assert {name: files for name, files in reader.attachments.items()} == {
        "certificate.json": [document.encode()]
    }
    root: Any = reader.trailer["/Root"]
    (linked,) = root["/AF"]
    assert linked["/AFRelationship"] == "/Source"
    assert linked["/UF"] == "certificate.json"
    assert linked["/EF"]["/F"]["/Subtype"] == "/application/vc"
    (tmp_path / "c.pdf").write_bytes(data)
    build.poppler("pdfdetach", "-saveall", "-o", tmp_path, tmp_path / "c.pdf")
    assert (tmp_path / "certificate.json").read_bytes() == document.encode()


def test_the_verifier_reads_both_papers() -> None:
    face = build.face(photo=portrait(9))
    assert media.pdf_attachments(certificate_pdf(face)) == [face.document.encode()]
    assert media.picture_texts(certificate_picture(face)) == [face.qr_text]


def test_fields(tmp_path: Path) -> None:
    face = build.face(special_operation=True, facts={"version": 2})
    text = build.text(certificate_pdf(face), tmp_path)
    for shown in (
        "职业技能等级证书",
        "Vocational Skill Level Certificate", "欧阳娜娜", "居民身份证",
        "钢筋工",
        "三级/高级工", "Y001032999966263000001", "2026 年 11 月 22 日", "22 November 2026",
        "江苏省住房和城乡建设职业技能鉴定中心（示例）", "https://certs.example.gov.cn/lookup",
        "https://certs.example.gov.cn/bodies/js", "不能代替建筑施工特种作业操作资格证",
        "本证为第 2 版",
    ):  # fmt: skip
        assert shown in text


@pytest.mark.parametrize("kind", Kind)
def test_titles_are_those_of_the_json(kind: Kind, tmp_path: Path) -> None:
    data = certificate_pdf(build.face(facts={"kind": kind}))
    text = "".join(build.text(data, tmp_path).split())
    for title in KIND_WORDS[kind]:
        assert "".join(title.split()) in text


@pytest.mark.parametrize(
    ("kind", "review", "zh", "en"),
    [
        (Kind.LEVEL, False, "操作技能考核合格，达到三级", "theory and practice examinations of 15"),
        (Kind.LEVEL, True, "操作技能考核和综合评审合格", "examinations and the review of 15"),
        (Kind.TRAINING, False, "培训并经考核合格，特发此证", "completed the training and passed"),
    ],
)
def test_statement(kind: Kind, review: bool, zh: str, en: str, tmp_path: Path) -> None:
    face = build.face(facts={"kind": kind}, names={"review": review}, sample=False)
    text = "".join(build.text(certificate_pdf(face), tmp_path).split())
    assert zh in text and "".join(en.split()) in text


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (None, date(2029, 11, 21), "2026年11月22日至2029年11月21日（含当日）"),
        (date(2026, 12, 1), date(2029, 11, 21), "2026年12月1日至2029年11月21日（含当日）"),
        (date(2026, 12, 1), None, "生效日期2026年12月1日"),
    ],
)
def test_validity(first: date | None, last: date | None, shown: str, tmp_path: Path) -> None:
    face = build.face(facts={"valid_from": first, "valid_until": last}, sample=False)
    assert shown in "".join(build.text(certificate_pdf(face), tmp_path).split())
    assert "有效期" not in build.text(certificate_pdf(build.face()), tmp_path)


def test_no_work_type_is_two_hyphens(tmp_path: Path) -> None:
    face = build.face(facts={"work_type": None}, names={"work_type": None})
    assert re.search(
        r"工种/职业方向 +--$", build.text(certificate_pdf(face), tmp_path), re.MULTILINE
    )


@pytest.mark.parametrize("name", ["㛃", "䶮", "𡋤", "买买提·吐尔逊", RARE])
def test_rare_characters(name: str, tmp_path: Path) -> None:
    assert name in build.text(certificate_pdf(build.face(facts={"name": name})), tmp_path)


def test_a_long_name_breaks_after_a_middle_dot(tmp_path: Path) -> None:
    name = "阿卜杜热合曼·阿卜杜克热木·买买提吐尔逊江"
    face = build.face(facts={"name": name}, sample=False)
    lines = build.text(certificate_pdf(face), tmp_path).splitlines()
    (first,) = [place for place, line in enumerate(lines) if "阿卜杜热合曼" in line]
    assert "阿卜杜热合曼·阿卜杜克热木·" in lines[first].split()
    assert "买买提吐尔逊江" in " ".join(lines[first + 1 : first + 4]).split()


def test_a_character_without_glyph_is_named() -> None:
    with pytest.raises(MissingGlyphError, match=r"U\+323AF") as raised:
        certificate_pdf(build.face(facts={"name": f"王{NO_GLYPH}"}))
    assert raised.value.characters == NO_GLYPH
    with pytest.raises(MissingGlyphError):
        certificate_picture(build.face(facts={"name": f"王{NO_GLYPH}"}))
    certificate_pdf(build.face())


def test_what_cannot_be_printed_is_refused() -> None:
    with pytest.raises(DocumentError, match="the face does not fit one page"):
        certificate_pdf(build.face(names={"issuer": "省" * 4000}))
    with pytest.raises(DocumentError, match="image"):
        certificate_pdf(build.face(photo=portrait(1)[:200]))
    with pytest.raises(DocumentError):
        certificate_picture(build.face(photo=b"not a picture"))
    with pytest.raises(SymbolError, match="do not fit"):
        certificate_pdf(build.face(qr_text="x" * 5000))


def test_same_bytes() -> None:
    face = build.face(photo=portrait(3))
    first = certificate_pdf(face)
    certificate_pdf(build.face(facts={"name": "别人"}))
    assert certificate_pdf(face) == first
    assert certificate_pdf(replace(face, timestamp=face.timestamp + 1)) != first


def test_same_bytes_of_another_compiler() -> None:
    values = {"cards": [], "sample": False}
    made = [
        press.typeset("sheet.typ", values, {"pictures": []}, format="pdf")
        for press in (Press(), Press())
    ]
    assert made[0] == made[1]


def test_threads_share_the_press() -> None:
    faces = [build.face(facts={"name": name}) for name in ("甲", "乙", "丙", "丁")]
    alone = [certificate_pdf(face) for face in faces]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(certificate_pdf, faces * 3)) == alone * 3


def test_the_number_is_masked(tmp_path: Path) -> None:
    text = build.text(certificate_pdf(build.face()), tmp_path)
    assert "**************002X" in text
    assert text.count("002X") == 1
    assert masked_id("4567", {"zh": "护照", "en": "Passport"}) == "******4567"
    assert masked_id("002X", ID_TYPES["111"]) == "**************002X"


@pytest.mark.parametrize("sample", [True, False])
def test_the_watermark_stands_on_samples_only(sample: bool, tmp_path: Path) -> None:
    (tmp_path / "face.pdf").write_bytes(certificate_pdf(build.face(sample=sample)))
    raw = build.poppler("pdftotext", "-raw", tmp_path / "face.pdf", "-").decode()
    assert ("样" in raw) is sample


@pytest.mark.parametrize("dpi", [150, 200])
def test_the_printed_symbol_reads(dpi: int, tmp_path: Path) -> None:
    face = build.face(photo=portrait(5), special_operation=True)
    (page,) = build.pages(certificate_pdf(face), tmp_path, dpi)
    assert build.codes(page) == [face.qr_text]


def test_the_symbol_is_large_enough(tmp_path: Path) -> None:
    (page,) = build.pages(
        certificate_pdf(build.longest("建", qr_text=build.face().qr_text)), tmp_path, 254
    )
    ink = page.convert("L").crop((240, 2300, 660, 2760)).point(lambda level: 255 * (level < 90))
    left, top, right, bottom = ink.getbbox() or (0, 0, 0, 0)
    assert right - left >= 320 and bottom - top >= 320  # pixels of 0.1 mm


@pytest.mark.parametrize("letter", ["建", "W"])
@pytest.mark.parametrize("sample", [True, False])
def test_the_longest_face_fits_one_page(letter: str, sample: bool, tmp_path: Path) -> None:
    face = build.longest(letter, sample=sample, photo=portrait(1))
    (page,) = build.pages(certificate_pdf(face), tmp_path, 100)
    assert_clear(page)
    text = "".join(build.text(certificate_pdf(face), tmp_path).split())
    assert "65535" in text and text.count(letter) >= 700


@pytest.mark.parametrize("photo", [None, portrait(2)], ids=["without", "with"])
def test_an_ordinary_face_keeps_its_margins(photo: bytes | None, tmp_path: Path) -> None:
    (page,) = build.pages(certificate_pdf(build.face(photo=photo, sample=False)), tmp_path, 100)
    assert_clear(page)


def assert_clear(page: Image.Image) -> None:
    """Nothing stands in the white band between the border and the text area."""
    gray = page.convert("L")
    width, height = gray.size

    def white(box: tuple[float, float, float, float]) -> bool:
        corner = [round(value / 25.4 * 100) for value in box]
        return bool(gray.crop(tuple(corner)).getextrema()[0] > 200)  # type: ignore[arg-type, operator]

    assert (width, height) == (827, 1170) or (width, height) == (827, 1169)
    assert white((17.5, 18, 25, 279)) and white((185, 18, 192.5, 279))
    assert white((18, 17.5, 192, 22)) and white((18, 277, 192, 279.5))


def noisy_photo() -> bytes:
    """A photograph that hardly compresses."""
    noise = Image.frombytes("RGB", (295, 413), random.Random(1).randbytes(295 * 413 * 3))
    buffer = io.BytesIO()
    noise.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "face",
    [
        build.face(photo=portrait(4)),
        build.face(photo=noisy_photo()),
        build.longest("建"),
        build.longest("W", photo=noisy_photo()),
    ],
    ids=["ordinary", "noisy", "long", "longest"],
)
def test_the_phone_picture(face: Face) -> None:
    data = certificate_picture(face)
    assert data.startswith(b"\x89PNG")
    assert len(data) < 600_000
    assert build.codes(data) == [face.qr_text]
    assert certificate_picture(face) == data


def test_changed_fonts_are_refused(tmp_path: Path) -> None:
    package, name, digest = PINNED[0]
    wrong = Fonts(pinned=((package, name, "0" * 64),))
    with pytest.raises(FontError, match=f"not the font that was checked .SHA-256 {digest}"):
        Press(wrong).typeset("sheet.typ", {"cards": [], "sample": False}, {}, format="pdf")
    with pytest.raises(FontError, match="no_such_fonts is not installed"):
        Fonts(pinned=(("no_such_fonts", name, digest),)).missing("建")
    with pytest.raises(FontError, match="No such file"):
        Fonts(pinned=((package, "NoSuch.otf", digest),)).missing("建")


def test_the_templates_name_the_fonts_there_are() -> None:
    families = set(Fonts(extra=()).typst.families())
    assert families >= {"Noto Serif SC", "Noto Sans SC", "Noto Sans CJK SC"}


def resident() -> int:
    """Resident memory in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 2**20


@pytest.mark.prove
def test_memory_stays_flat() -> None:
    chance = random.Random(5)
    photos = [portrait(seed) for seed in range(30)]
    after_warm_up = 0
    for count in range(1500):
        name = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(3))
        face = build.face(
            facts={"name": name}, photo=photos[count % 30], document=f'{{"n":{count}}}' * 400,
            qr_text=f"{build.BASE}/v#{build.digits(700, count)}",
        )  # fmt: skip
        certificate_pdf(face)
        if count == 300:
            after_warm_up = resident()
    assert resident() - after_warm_up < 20
