"""A contact sheet: every photograph small, in columns, with its caption."""

from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.gallery.camera import Picture

GAP, LINE = 16, 20
TALLEST = 3.2
"""Height over width from which on a photograph is cut."""
GROUND, INK, EDGE = "#e8e6e1", "#222222", "#b5b0a6"


def sheet(pictures: list[Picture], file: Path, *, columns: int, width: int) -> None:
    """Write the sheet as PNG; ``width`` is that of one photograph on it, pixels."""
    rows = [_block(group, list(each), columns, width)
            for group, each in groupby(pictures, lambda picture: picture.group)]  # fmt: skip
    whole = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)), GROUND)
    top = 0
    for row in rows:
        whole.paste(row, (0, top))
        top += row.height
    whole.save(file, optimize=True)


def _block(group: str, pictures: list[Picture], columns: int, width: int) -> Image.Image:
    """One group under its heading; each photograph goes to the shortest column."""
    small = [(picture.caption, _small(picture.file, width)) for picture in pictures]
    columns_used = min(columns, len(small))
    heights = [2 * GAP + LINE] * columns
    places = []
    for caption, image in small:
        column = min(range(columns_used), key=lambda each: heights[each])
        places.append((caption, image, GAP + column * (width + GAP), heights[column]))
        heights[column] += image.height + LINE + GAP
    block = Image.new("RGB", (GAP + columns * (width + GAP), max(heights)), GROUND)
    draw = ImageDraw.Draw(block)
    draw.text((GAP, GAP), group.upper(), INK, ImageFont.load_default(20))
    for caption, image, left, top in places:
        block.paste(image, (left, top))
        draw.rectangle((left - 1, top - 1, left + image.width, top + image.height), outline=EDGE)
        told = caption if len(caption) < width // 6 else caption[: width // 6] + "…"
        draw.text((left, top + image.height + 3), told, INK, ImageFont.load_default(13))
    return block


def _small(file: Path, width: int) -> Image.Image:
    with Image.open(file) as opened:
        image = opened.convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, int(image.width * TALLEST))))
    if image.width <= width:
        return image
    size = (width, round(image.height * width / image.width))
    return image.resize(size, Image.Resampling.LANCZOS)
