"""Languages of the pages: Chinese is written in templates and code, English in one catalogue."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType

from babel.messages.pofile import read_po

LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""Short name, as in cookie and query -> value of the ``lang`` attribute."""


def mark(text: str) -> str:
    """Mark a text for translation where it stands; it is translated when it is shown."""
    return text


class Words:
    """Every text of the pages in one language; a text without a translation stays Chinese."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self.texts = texts

    def gettext(self, text: str) -> str:
        """The text in this language."""
        return self.texts.get(text, text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The text for a count; Chinese has one form and English is written to need none."""
        return self.gettext(one if count == 1 else many)


@cache
def load() -> Mapping[str, Words]:
    """The catalogues of the package, read once.

    Raises:
        ValueError: a catalogue is damaged, or a translation lost a placeholder.
    """
    data = files("registry.web").joinpath("locale", "en.po").read_bytes()
    catalogue = read_po(BytesIO(data), locale="en", abort_invalid=True)
    texts = {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }
    return MappingProxyType({"zh": Words("zh", {}), "en": Words("en", MappingProxyType(texts))})
