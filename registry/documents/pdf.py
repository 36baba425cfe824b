"""The certificate as a printed face: PDF/A-3 by typst with the signed JSON attached.

The face says nothing that the certificate value does not say, but for the photograph and the kind
of ID document. Same inputs, same bytes: the timestamp is the award's, not the clock's.
"""

import json
import threading
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from registry.documents import guilloche, qr
from registry.documents.face import Face, fields
from registry.documents.fonts import FONTS


class DocumentError(Exception):
    """The document cannot be made; the award itself is untouched."""


@dataclass(frozen=True)
class MissingGlyphError(DocumentError):
    """No installed font holds a character of the face."""

    characters: str

    def __str__(self) -> str:
        codes = ", ".join(f"{c} (U+{ord(c):04X})" for c in self.characters)
        return f"no font here can print {codes}"


_LOCK = threading.Lock()


def certificate_pdf(face: Face) -> bytes:
    """The face as PDF/A-3a with ``certificate.json`` attached.

    Raises:
        MissingGlyphError: a character is in none of the fonts; it is named.
        DocumentError: typst refused the page.
    """
    return _compile(face, format="pdf", pdf_standards="a-3a", timestamp=face.timestamp)


def certificate_picture(face: Face, ppi: int = 200) -> bytes:
    """The same face as PNG, for a phone's album."""
    return _compile(face, format="png", ppi=float(ppi))


def _compile(face: Face, **options: Any) -> bytes:
    missing = FONTS.missing("".join(_texts(fields(face))))
    if missing:
        raise MissingGlyphError(missing)
    values = fields(face) | {
        "document": face.document,
        "qr": qr.svg(face.qr_text),
        "photo": list(face.photo) if face.photo else None,
        "border": guilloche.border(),
        "rosette": guilloche.rosette(),
    }
    inputs = {"face": json.dumps(values, ensure_ascii=False)}
    # One compiler stays warm with its fonts; it is not safe to share between threads at once.
    with _LOCK:
        try:
            result = _compiler().compile(input=_template(), sys_inputs=inputs, **options)
        except typst.TypstError as error:
            raise DocumentError(error.message) from None
    if not isinstance(result, bytes):
        raise DocumentError("the face did not fit one page")
    return result


@cache
def _template() -> bytes:
    return files("registry.documents").joinpath("certificate.typ").read_bytes()


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=FONTS.typst, ignore_system_fonts=True)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return []
