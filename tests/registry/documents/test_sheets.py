"""The sheet of verdicts and the hand-out slips: what they show, that every symbol reads."""

import json
import re
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from registry.documents import icons, qr
from registry.documents.press import MissingGlyphError
from registry.documents.sheet import SheetCard, verdict_sheet
from registry.documents.slips import SlipFace, groups, slips
from tests.registry.documents import build

TEXTS = json.loads(files("verifier").joinpath("texts.json").read_text())["verdicts"]
NO_GLYPH = "\U000323af"
SLIP = SlipFace(
    masked_name="欧**", last4="002X", code="7K4M-9PQX-W2HT", url=f"{build.BASE}/pickup",
    valid_until=date(2027, 1, 21), sample=True,
)  # fmt: skip


def cards() -> list[SheetCard]:
    return [
        SheetCard(
            qr_text=f"{build.BASE}/v#{build.digits(700, seed)}",
            headline={"zh": said["zh"]["headline"], "en": said["en"]["headline"]},
            icon=said["icon"], colour=said["colour"], shows=f"第{seed}张：{name}",
        )
        for seed, (name, said) in enumerate(TEXTS.items())
    ]  # fmt: skip


def test_every_verdict_has_its_card(tmp_path: Path) -> None:
    made = cards()
    data = verdict_sheet(made, sample=True)
    assert verdict_sheet(made, sample=True) == data
    text = "".join(build.text(data, tmp_path).split())
    for card in made:
        for shown in (card.headline["zh"], card.headline["en"], card.shows):
            assert "".join(shown.split()) in text
    pages = build.pages(data, tmp_path, 150)
    assert len(pages) == -(-len(made) // 12)
    read = [code for page in pages for code in build.codes(page)]
    assert sorted(read) == sorted(card.qr_text for card in made)


def test_bad_cards() -> None:
    card = cards()[0]
    with pytest.raises(ValueError, match="needs a card"):
        verdict_sheet([], sample=True)
    with pytest.raises(ValueError, match="no icon 'seal' in 'green'"):
        verdict_sheet([replace(card, icon="seal")], sample=True)
    with pytest.raises(ValueError, match="no icon 'check' in 'pink'"):
        verdict_sheet([replace(card, colour="pink")], sample=True)
    with pytest.raises(MissingGlyphError):
        verdict_sheet([replace(card, shows=NO_GLYPH)], sample=True)
    with pytest.raises(qr.SymbolError, match="9000 characters do not fit"):
        verdict_sheet([replace(card, qr_text="x" * 9000)], sample=True)


def test_icons_are_those_of_the_pages() -> None:
    """Every shape's geometry stands in the pages' sprite, symbol by symbol."""
    sprite = files("registry.web").joinpath("templates/verdict_icons.html").read_text()
    symbols = dict(re.findall(r'<symbol id="verdict-icon-(\w+)"[^>]*>(.*?)</symbol>', sprite, re.S))
    assert set(symbols) == set(icons.SHAPES)
    assert {said["icon"] for said in TEXTS.values()} <= set(icons.SHAPES)
    for name, drawn in symbols.items():
        assert geometry(drawn) == geometry(icons.SHAPES[name]), name


def geometry(drawing: str) -> list[str]:
    found = re.findall(r'\b(?:d|cx|cy|r|x|y|rx|width|height|stroke-width)="([^"]*)"', drawing)
    return sorted("".join(value.split()) for value in found)


def test_slips_show_their_code(tmp_path: Path) -> None:
    many = [replace(SLIP, code=f"AAAA-BBBB-{number:04}", sample=False) for number in range(12)]
    data = slips(many)
    assert slips(many) == data
    text = build.text(data, tmp_path)
    assert text.count("欧**") == text.count(SLIP.url) == text.count("002X") == 12
    assert text.count("2027 年 1 月 21 日") == text.count("21 January 2027") == 12
    bare = "".join(text.split())
    for slip in many:
        assert slip.code.replace("-", "") in bare
    pages = build.pages(data, tmp_path, 150)
    assert [build.codes(page) for page in pages] == [[SLIP.url] * 10, [SLIP.url] * 2]


def test_a_slip_does_not_fail_over_a_name(tmp_path: Path) -> None:
    text = build.text(slips([replace(SLIP, masked_name=f"{NO_GLYPH}*")]), tmp_path)
    assert "〓*" in text


@pytest.mark.parametrize(
    ("code", "expected"),
    [("ab12cd", ["ab12", "cd"]), ("AB-12 CD34", ["AB12", "CD34"]), ("A", ["A"])],
)
def test_groups(code: str, expected: list[str]) -> None:
    assert groups(code) == expected


def test_bad_slips() -> None:
    with pytest.raises(ValueError, match="needs a slip"):
        slips([])
    with pytest.raises(ValueError, match="letters or digits"):
        slips([replace(SLIP, code="- -")])
    with pytest.raises(MissingGlyphError):
        slips([replace(SLIP, code="A\u0e01")])


def test_symbols_read_as_pictures() -> None:
    text = f"{build.BASE}/v#{build.digits(700)}"
    assert build.codes(qr.png(text)) == [text]
    assert qr.svg(text) == qr.svg(text) != qr.svg(text + "1")
    assert qr.symbol(text).version <= 15
