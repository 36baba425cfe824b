"""The catalogue of English: whole, and with the same places to fill."""

import re
from pathlib import Path

from babel.messages.extract import extract

from registry.web import words

WEB = Path(words.__file__).parent
_PLACES = re.compile(r"%\((\w+)\)s")


def marked() -> set[str]:
    """Every text that templates and code mark for translation."""
    found = set()
    for path in WEB.rglob("*.html"):
        with path.open("rb") as file:
            found |= {str(text) for _, text, _, _ in extract("jinja2.ext:babel_extract", file)}
    for path in WEB.glob("*.py"):
        with path.open("rb") as file:
            found |= {str(text) for _, text, _, _ in extract("python", file, {"mark": None})}
    return found


def test_every_text_has_english_and_nothing_is_left_over() -> None:
    texts = words.load()["en"].texts
    wanted = marked()
    assert len(wanted) > 300
    assert not wanted - set(texts)
    assert not set(texts) - wanted


def test_translations_fill_the_same_places() -> None:
    for source, english in words.load()["en"].texts.items():
        assert set(_PLACES.findall(source)) == set(_PLACES.findall(english)), source
        assert not re.search(r"[\u4e00-\u9fff]", english), english
