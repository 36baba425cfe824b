"""The press: one warm typst compiler with the checked fonts, used by one thread at a time."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

import typst

from registry.documents.fonts import FONTS, Fonts


class DocumentError(Exception):
    """The document cannot be made; the award itself is untouched."""


@dataclass(frozen=True)
class MissingGlyphError(DocumentError):
    """No installed font holds a character of the document."""

    characters: str

    def __str__(self) -> str:
        codes = ", ".join(f"{c} (U+{ord(c):04X})" for c in self.characters)
        return f"no font here can print {codes}"


class Press:
    """Compiles the package's templates. Keeping the compiler warm saves the fonts' loading."""

    def __init__(self, fonts: Fonts = FONTS) -> None:
        self._fonts = fonts
        self._lock = threading.Lock()

    def missing(self, text: str) -> str:
        """Characters of ``text`` that cannot be printed, each once, in order of appearance."""
        with self._lock:
            return self._fonts.missing(text)

    def typeset(
        self, template: str, values: Mapping[str, Any], pictures: Mapping[str, Any], **options: Any
    ) -> bytes:
        """Compile a template.

        Args:
            template: file name in this package.
            values: JSON values whose texts are all printed.
            pictures: JSON values that are not printed as text: SVG, bytes as lists, attachments.
            options: of ``typst.Compiler.compile``.

        Raises:
            MissingGlyphError: a character of ``values`` is in none of the fonts; it is named.
            DocumentError: typst refused the page, for instance because it does not fit.
            FontError: a font file is missing or is not the one that was checked.
        """
        inputs = {"values": json.dumps({**values, **pictures}, ensure_ascii=False)}
        source = files("registry.documents").joinpath(template).read_bytes()
        with self._lock:
            missing = self._fonts.missing("".join(_texts(dict(values))))
            if missing:
                raise MissingGlyphError(missing)
            try:
                result = self._compiler.compile(input=source, sys_inputs=inputs, **options)
            except typst.TypstError as error:
                raise DocumentError(error.message) from None
        if not isinstance(result, bytes):
            raise DocumentError("a picture has one page")
        return result

    @cached_property
    def _compiler(self) -> typst.Compiler:
        return typst.Compiler(font_paths=self._fonts.typst, ignore_system_fonts=True)


PRESS = Press()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
