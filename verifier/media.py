"""QR codes in pictures, and certificates in PDFs: the only place of Pillow, pypdf and zxing-cpp.

Pictures are bounded in pixels before they are decoded, PDFs in pages, pictures, attachments and
bytes; pypdf bounds every decompression by itself. Whatever the libraries make of a hostile file,
the caller sees :class:`MediaError` and nothing else.
"""

import io
import logging
import warnings
from collections.abc import Iterator
from typing import Any

from schemas.errors import FormatError

try:
    import pypdf
    import zxingcpp
    from PIL import Image
except ImportError:
    AVAILABLE = False
else:
    AVAILABLE = True

MAX_PIXELS = 64_000_000
"""Most pixels of one picture: a phone's 50 megapixels and some room."""
MAX_PAGES = 16
MAX_PAGE_PICTURES = 16
MAX_DOCUMENT_PIXELS = 100_000_000
"""Most pixels of all pictures of one PDF together: eleven scanned pages, a second or two."""
MAX_PAGE_OBJECTS = 200
"""Objects of a page, forms within forms included, that are looked at for pictures."""
MAX_ATTACHMENTS = 16
MAX_ATTACHMENT = 2**20
"""Longest attachment that is looked at, in bytes."""
_SMALL = 1200

# A damaged PDF is an ordinary input here, not a line on the terminal.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


class MediaError(FormatError):
    """A picture or PDF that is damaged, too big, or made to harm."""


class MediaMissingError(Exception):
    """The ``[media]`` extra is not installed."""


def picture_texts(data: bytes) -> list[str]:
    """Return the texts of all QR codes in a PNG or JPEG; MediaError for any other bytes."""
    _require()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _texts(_gray(data))
    except MediaError:
        raise
    except Exception as error:
        raise MediaError(f"not a readable picture: {type(error).__name__}") from None


def pdf_attachments(data: bytes) -> list[bytes]:
    """Return the attached files of a PDF that may be JSON, each once; MediaError if damaged."""
    _require()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(_attached(_pdf(data)))
    except MediaError:
        raise
    except Exception as error:
        raise MediaError(f"not a readable PDF: {type(error).__name__}") from None


def pdf_texts(data: bytes) -> list[str]:
    """Return the texts of QR codes that stand as pictures on the first pages of a PDF.

    A code that is drawn as lines is not seen. A picture that cannot be read is passed over, since
    a page may hold any; MediaError if the PDF itself is damaged.
    """
    _require()
    found: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A page may lie about the size of a picture; Pillow finds out before it decodes.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            for picture in _page_pictures(_pdf(data)):
                try:
                    texts = _texts(picture)
                except Exception:
                    # The libraries raise almost anything on bad pictures; this one has no code.
                    continue
                found += [text for text in texts if text not in found]
    except MediaError:
        raise
    except Exception as error:
        raise MediaError(f"not a readable PDF: {type(error).__name__}") from None
    return found


def _require() -> None:
    if not AVAILABLE:
        raise MediaMissingError('pictures and PDFs need: pip install "hallmark-registry[media]"')


def _gray(data: bytes) -> Any:
    image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
    if image.width * image.height > MAX_PIXELS:
        raise MediaError(f"a picture of {image.width} x {image.height} pixels is too big")
    if image.mode in ("RGBA", "LA", "PA", "P"):
        # A transparent ground would turn black, and black on black is no code.
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(white, over).convert("L")
    return image.convert("L")


def _texts(image: Any) -> list[str]:
    found = _read(image)
    if not found and max(image.size) < _SMALL:
        found = _read(image.resize((image.width * 3, image.height * 3), Image.Resampling.BICUBIC))
    if not found and max(image.size) > 2 * _SMALL:
        found = _read(image.reduce(max(image.size) // _SMALL))
    return found


def _read(image: Any) -> list[str]:
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    codes = zxingcpp.read_barcodes(image, formats, text_mode=zxingcpp.TextMode.Plain)
    texts: list[str] = []
    for code in codes:
        if code.valid and code.text not in texts:
            texts.append(code.text)
    return texts


def _pdf(data: bytes) -> Any:
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise MediaError("a PDF with a password")
    return reader


def _attached(reader: Any) -> Iterator[bytes]:
    seen: set[bytes] = set()
    for count, attachment in enumerate(reader.attachment_list):
        if count == MAX_ATTACHMENTS:
            raise MediaError(f"more than {MAX_ATTACHMENTS} attachments")
        content = attachment.content
        if len(content) <= MAX_ATTACHMENT and content not in seen:
            seen.add(content)
            yield content


def _page_pictures(reader: Any) -> Iterator[Any]:
    """Pictures among the resources of the first pages, and of the forms drawn on them.

    Resources are walked by hand: pypdf's own list of a page's images reads the whole page drawing
    for inline pictures, which costs a certificate with its ornament almost half a second.
    """
    count, left = 0, MAX_DOCUMENT_PIXELS
    for number, page in enumerate(reader.pages):
        if number == MAX_PAGES:
            return
        for entry in _images(page):
            count += 1
            if count > MAX_PAGE_PICTURES:
                return
            picture = _page_picture(entry, left)
            if picture is not None:
                # What it turned out to be: the page may have said something smaller.
                left -= picture.width * picture.height
                yield picture


def _images(page: Any) -> Iterator[Any]:
    """Picture objects of a page, forms within forms included, each form once."""
    waiting, seen, looked = [page], set(), 0
    while waiting:
        resources = waiting.pop().get("/Resources")
        entries = resources.get_object().get("/XObject") if resources is not None else None
        entries = entries.get_object() if entries is not None else {}
        for name in entries:
            looked += 1
            if looked > MAX_PAGE_OBJECTS:
                return
            entry = entries[name].get_object()
            if entry.get("/Subtype") == "/Image":
                yield entry
            elif entry.get("/Subtype") == "/Form" and id(entry) not in seen:
                seen.add(id(entry))
                waiting.append(entry)


def _page_picture(entry: Any, most: int) -> Any:
    try:
        if int(entry["/Width"]) * int(entry["/Height"]) > min(MAX_PIXELS, most):
            return None
        return entry.decode_as_image().convert("L")
    except Exception:
        # A page may hold any picture; one that cannot be read carries no code of ours.
        return None
