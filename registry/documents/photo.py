"""A holder's photograph: turned upright, cut to the print's shape, its ground and size checked.

What a camera wrote beside the picture (place, time, device) does not survive: the answer is a new
JPEG. Nothing here recognises a face; whether it is the right one, a person looks.
"""

import io
import struct
import warnings
from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image, ImageChops, ImageOps, ImageStat, UnidentifiedImageError

Box: TypeAlias = tuple[int, int, int, int]

FORMATS = ("JPEG", "PNG")
MOST_PIXELS = 40_000_000
"""A telephone's largest picture; more is refused before it is decoded."""
_QUALITIES = (90, 85, 80, 72, 64)
_BLANK = 4.0
"""Standard deviation of the brightness (0 to 255) below which there is nobody in the picture."""
_DAMAGED = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, IndexError, KeyError, EOFError,
    TypeError, AttributeError, MemoryError, OverflowError, ZeroDivisionError, NotImplementedError,
    struct.error, Image.DecompressionBombError,
)  # fmt: skip
"""Whatever the arithmetic of Pillow's readers meets in a damaged file."""


class PhotoError(Exception):
    """A picture that cannot be printed; ``code`` names the reason, ``parameters`` its figures."""

    def __init__(self, code: str, **parameters: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a photograph must be; rows ``photos`` of the policy."""

    width: int
    """Pixels of the printed picture, e.g. 295 (25 mm at 300 dpi)."""
    height: int
    least_width: int
    """Pixels that must be there before scaling."""
    least_height: int
    most_cut: float
    """Share of the picture that cutting to shape may take away."""
    most_bytes: int
    """Of the result."""
    white: int
    """Least value of every channel (0 to 255) of a white ground."""
    white_share: float
    """Share of the upper rim that must be white."""


def prepared(data: bytes, need: Requirements) -> bytes:
    """The picture as it is printed: upright, in shape, a JPEG without any other data.

    Raises:
        PhotoError: no picture, too large or too small, of another shape, blank, ground not white.
    """
    image = _opened(data, need)
    box = _shape(image.width, image.height, need)
    if box[2] - box[0] < need.least_width or box[3] - box[1] < need.least_height:
        raise PhotoError(
            "photo_small", width=image.width, height=image.height,
            least_width=need.least_width, least_height=need.least_height,
        )  # fmt: skip
    cut = image.resize((need.width, need.height), Image.Resampling.LANCZOS, box)
    if ImageStat.Stat(cut.convert("L")).stddev[0] < _BLANK:
        raise PhotoError("photo_blank")
    share = white_share(cut, need.white)
    if share < need.white_share:
        raise PhotoError("photo_ground", percent=round(100 * share))
    return _written(cut, need.most_bytes)


def white_share(image: Image.Image, level: int) -> float:
    """Share of white in the rim where only ground can be: above the head, and beside it."""
    width, height = image.size
    side, top, down = max(1, width // 12), max(1, height // 16), height * 2 // 5
    rim = ((0, 0, width, top), (0, top, side, down), (width - side, top, width, down))
    white = pixels = 0
    for box in rim:
        red, green, blue = image.crop(box).split()
        darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
        white += sum(darkest.histogram()[level:])
        pixels += darkest.width * darkest.height
    return white / pixels


def _opened(data: bytes, need: Requirements) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own; every fault below is ours to tell
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise PhotoError("photo_large", width=image.width, height=image.height)
            # JPEG decodes a camera's picture at half or a quarter where that is enough.
            image.draft("RGB", (need.width * 2, need.height * 2))
            upright = ImageOps.exif_transpose(image)
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                clear = upright.convert("RGBA")
                ground = Image.new("RGBA", clear.size, "white")
                return Image.alpha_composite(ground, clear).convert("RGB")
            return upright.convert("RGB")
    except PhotoError:
        raise
    except _DAMAGED as error:
        raise PhotoError("photo_unreadable") from error


def _shape(width: int, height: int, need: Requirements) -> Box:
    """The largest part of the print's shape: the middle across, and the head's end upright."""
    wanted = need.width / need.height
    wide, high = min(width, round(height * wanted)), min(height, round(width / wanted))
    if wide * high < (1 - need.most_cut) * width * height:
        raise PhotoError("photo_shape", width=width, height=height)
    left, above = (width - wide) // 2, (height - high) // 4
    return left, above, left + wide, above + high


def _written(image: Image.Image, most: int) -> bytes:
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, dpi=(300, 300))
        if buffer.tell() <= most:
            return buffer.getvalue()
    raise PhotoError("photo_bytes", kilobytes=most // 1024)
