"""QR symbols of a certificate's text: SVG for print, PNG for screens, blocks for terminals.

The text splits into a byte segment (the address) and a numeric one (the digits), at error
correction M; measured sizes and reading rates: ``schemas/spec/qr.md``.
"""

import io

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.image.pil import PilImage
from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData


class SymbolError(Exception):
    """The text does not fit a QR symbol."""


QUIET = 4
"""Modules of white around the symbol (ISO/IEC 18004)."""


def symbol(text: str) -> "qrcode.QRCode[PilImage]":
    """The QR symbol; ``text`` is ``{base}/v#{digits}``, or any text in one byte segment.

    Raises:
        SymbolError: the text is too long for any symbol.
    """
    code: qrcode.QRCode[PilImage] = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, border=QUIET, mask_pattern=2
    )
    head, mark, digits = text.partition("#")
    if mark and digits.isascii() and digits.isdigit():
        code.add_data(QRData((head + mark).encode(), mode=MODE_8BIT_BYTE), optimize=0)
        code.add_data(QRData(digits.encode(), mode=MODE_NUMBER), optimize=0)
    else:
        code.add_data(QRData(text.encode(), mode=MODE_8BIT_BYTE), optimize=0)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError):
        # The library says ValueError where a text asks for more than its largest version.
        raise SymbolError(f"{len(text)} characters do not fit a QR symbol") from None
    return code


def svg(text: str) -> str:
    """The symbol as SVG: one path, unit modules, quiet zone included."""
    matrix = symbol(text).get_matrix()
    size = len(matrix)
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        while x < size:
            if not row[x]:
                x += 1
                continue
            end = x
            while end < size and row[end]:
                end += 1
            runs.append(f"M{x} {y}h{end - x}v1h-{end - x}z")
            x = end
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path fill="#000" d="{"".join(runs)}"/></svg>'
    )


def png(text: str, module: int = 8) -> bytes:
    """The symbol as PNG, ``module`` pixels a module."""
    code = symbol(text)
    code.box_size = module
    buffer = io.BytesIO()
    code.make_image(image_factory=PilImage).save(buffer, format="PNG")
    return buffer.getvalue()


def terminal(text: str) -> str:
    """The symbol in half-block characters, light on dark reversed so that phones read it."""
    matrix = symbol(text).get_matrix()
    if len(matrix) % 2:
        matrix = [*matrix, [False] * len(matrix)]
    glyphs = {(True, True): " ", (True, False): "▄", (False, True): "▀", (False, False): "█"}
    return "\n".join(
        "".join(glyphs[bool(top), bool(bottom)] for top, bottom in zip(upper, lower, strict=True))
        for upper, lower in zip(matrix[::2], matrix[1::2], strict=True)
    )
