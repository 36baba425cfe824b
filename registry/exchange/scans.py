"""A scan of a paper certificate: what type it is, whether it opens, and under which number."""

import io
import re
import struct
import warnings
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from PIL import Image, UnidentifiedImageError

from registry.exchange.archive import ArchiveLimits
from registry.rules import lookup
from registry.rules.decision import RefusedError, reason
from registry.rules.policy import Policy

PDF = "application/pdf"
_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg"}
_DAMAGED = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, IndexError, KeyError, EOFError,
    TypeError, AttributeError, MemoryError, OverflowError, ZeroDivisionError, NotImplementedError,
    struct.error, Image.DecompressionBombError,
)  # fmt: skip
"""Whatever the arithmetic of Pillow's readers meets in a damaged file."""
_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_OTHER = re.compile(r"[^0-9A-Z\u3400-\u9fff]")
ENDINGS = (".png", ".jpg", ".jpeg", ".pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLimits:
    """How large a scan may be."""

    bytes: int
    least_pixels: int
    most_pixels: int


def limits(policy: Policy, on: date) -> ScanLimits:
    """Bounds of one scan, from the policy."""
    row = policy.row("legacy_scans", on)
    return ScanLimits(
        bytes=row["file_bytes"], least_pixels=row["least_pixels"], most_pixels=row["most_pixels"]
    )


def archive_limits(policy: Policy, on: date) -> ArchiveLimits:
    """Bounds of a ZIP of scans, from the policy."""
    row = policy.row("legacy_scans", on)
    return ArchiveLimits(
        bytes=row["archive_megabytes"] << 20, entries=row["archive_files"],
        entry_bytes=row["file_bytes"], ratio=row["ratio"],
    )  # fmt: skip


def check(data: bytes, limits: ScanLimits) -> str:
    """The media type of a scan that opens.

    A PDF is judged by its frame only: it is never rendered here, and is handed out as a download.

    Raises:
        RefusedError: too large, another type, damaged, or of an impossible size.
    """
    if len(data) > limits.bytes:
        raise RefusedError(reason("legacy_image_large", "image", megabytes=limits.bytes >> 20))
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-1024:]:
            raise RefusedError(reason("legacy_image_type", "image"))
        return PDF
    if not data.startswith(_STARTS):
        raise RefusedError(reason("legacy_image_type", "image"))
    return _picture(data, limits)


def _picture(data: bytes, limits: ScanLimits) -> str:
    try:
        with warnings.catch_warnings():
            # The size is judged below, before a pixel is unpacked.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=tuple(_FORMATS))
            width, height = image.size
            if not limits.least_pixels <= width * height <= limits.most_pixels:
                raise RefusedError(
                    reason("legacy_image_pixels", "image", width=width, height=height)
                )
            image.load()
    except _DAMAGED as error:
        raise RefusedError(reason("legacy_image_type", "image")) from error
    return _FORMATS[str(image.format)]


def name_key(file_name: str) -> str | None:
    """What a file's name and a number have in common: digits, capitals and Han, nothing else.

    A number may hold marks that no file name can. None for another ending than a scan's.
    """
    path = PurePath(file_name.replace("\\", "/"))
    if path.suffix.lower() not in ENDINGS:
        return None
    return key_of(path.stem) or None


def key_of(number: str) -> str:
    """A number as file names spell it."""
    return _OTHER.sub("", lookup.number_key(number))
