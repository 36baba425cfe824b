"""The certificate as a printed face: PDF/A-3 by typst with the signed JSON attached.

The face says nothing that the certificate value does not say, but for the photograph and the kind
of ID document. Same inputs, same bytes: the timestamp is the award's, not the clock's.
"""

import io
from typing import Any

from PIL import Image

from registry.documents import guilloche, qr
from registry.documents.face import Face, fields
from registry.documents.press import PRESS, DocumentError, MissingGlyphError

__all__ = ["DocumentError", "MissingGlyphError", "certificate_pdf", "certificate_picture"]

MAX_PICTURE = 600_000
"""A larger picture goes to 256 colours: chat programs would recompress it, and codes suffer."""


def certificate_pdf(face: Face) -> bytes:
    """The face on one A4 page as PDF/A-3a, with ``certificate.json`` attached.

    Raises:
        MissingGlyphError: a character is in none of the fonts; it is named.
        DocumentError: the face does not fit one page even in small print.
        FontError: a font file is missing or is not the one that was checked.
    """
    pictures = _pictures(face) | {
        "document": face.document,
        "border": guilloche.border(),
        "rosette": guilloche.rosette(),
    }
    return PRESS.typeset(
        "certificate.typ", fields(face), pictures,
        format="pdf", pdf_standards="a-3a", timestamp=face.timestamp,
    )  # fmt: skip


def certificate_picture(face: Face, ppi: int = 288) -> bytes:
    """The same facts on a tall card as PNG, for a phone's album: 96 mm wide, 1088 pixels at 288.

    Raises:
        MissingGlyphError: a character is in none of the fonts; it is named.
        FontError: a font file is missing or is not the one that was checked.
    """
    data = PRESS.typeset("picture.typ", fields(face), _pictures(face), format="png", ppi=float(ppi))
    return data if len(data) <= MAX_PICTURE else _fewer_colours(data)


def _pictures(face: Face) -> dict[str, Any]:
    return {
        "qr": qr.svg(face.qr_text),
        "photo": list(face.photo) if face.photo else None,
    }


def _fewer_colours(png: bytes) -> bytes:
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(256).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
