"""Drawn portraits on white ground: nobody's face, and plainly so."""

import io
import random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 295, 413
"""Pixels of a one-inch photograph at 300 dpi (25 x 35 mm)."""

_SKIN = ("#f1cfb0", "#e8bf9b", "#d9a97f", "#c99468")
_HAIR = ("#26211f", "#3a302b", "#1c1c22", "#5b5552")
_COAT = ("#35597d", "#5c6f4f", "#7d4b3c", "#44505c", "#8a6d2f", "#2f6b66")
_HELMET = ("#d9a21b", "#c8452f", "#2f6fae", None, None)


def portrait(seed: int) -> bytes:
    """A JPEG portrait that belongs to ``seed``; the same seed draws the same picture."""
    chance = random.Random(seed)
    scale = 2
    image = Image.new("RGB", (WIDTH * scale, HEIGHT * scale), "white")
    pen = ImageDraw.Draw(image)
    skin, hair, coat = chance.choice(_SKIN), chance.choice(_HAIR), chance.choice(_COAT)
    centre = WIDTH * scale // 2
    width = chance.randint(76, 88) * scale
    height = chance.randint(104, 116) * scale
    top = chance.randint(92, 102) * scale
    chin = top + height * 2 - 92 * scale
    _body(pen, centre, chin, coat, skin, scale)
    if chance.random() < 0.4:
        _long_hair(pen, centre, top, width, chin, hair, scale)
    pen.ellipse((centre - width // 2 - 6, top, centre + width // 2 + 6, chin), fill=skin)
    _hair(pen, centre, top, width, hair, chance, scale)
    _features(pen, centre, top, chin, chance, scale)
    helmet = chance.choice(_HELMET)
    if helmet:
        _helmet(pen, centre, top, width, helmet, scale)
    buffer = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def _body(
    pen: ImageDraw.ImageDraw, centre: int, chin: int, coat: str, skin: str, scale: int
) -> None:
    bottom = HEIGHT * scale
    shoulder = chin + 34 * scale
    neck = (centre - 24 * scale, chin - 30 * scale, centre + 24 * scale, shoulder + 20 * scale)
    pen.rectangle(neck, fill=skin)
    pen.rounded_rectangle(
        (centre - 118 * scale, shoulder, centre + 118 * scale, bottom + 90 * scale),
        radius=70 * scale, fill=coat,
    )  # fmt: skip
    pen.polygon(
        [(centre - 30 * scale, shoulder - 4 * scale), (centre + 30 * scale, shoulder - 4 * scale),
         (centre, shoulder + 46 * scale)], fill="white",
    )  # fmt: skip


def _long_hair(
    pen: ImageDraw.ImageDraw, centre: int, top: int, width: int, chin: int, hair: str, scale: int
) -> None:
    pen.rounded_rectangle(
        (centre - width // 2 - 20 * scale, top + 10 * scale,
         centre + width // 2 + 20 * scale, chin + 24 * scale), radius=50 * scale, fill=hair,
    )  # fmt: skip


def _hair(
    pen: ImageDraw.ImageDraw, centre: int, top: int, width: int, hair: str,
    chance: random.Random, scale: int,
) -> None:  # fmt: skip
    edge = width // 2 + 9 * scale
    fringe = chance.randint(34, 46) * scale
    pen.pieslice((centre - edge, top - 14 * scale, centre + edge, top + fringe * 2 + 10 * scale),
                 180, 360, fill=hair)  # fmt: skip


def _features(
    pen: ImageDraw.ImageDraw, centre: int, top: int, chin: int, chance: random.Random, scale: int
) -> None:
    eyes = top + (chin - top) * 47 // 100
    apart = chance.randint(21, 25) * scale
    for side in (-1, 1):
        x = centre + side * apart
        pen.ellipse((x - 5 * scale, eyes - 4 * scale, x + 5 * scale, eyes + 5 * scale),
                    fill="#2b2622")  # fmt: skip
        pen.line((x - 11 * scale, eyes - 15 * scale, x + 11 * scale, eyes - 17 * scale),
                 fill="#3a302b", width=4 * scale)  # fmt: skip
    nose = eyes + 26 * scale
    pen.line((centre, eyes + 6 * scale, centre - 4 * scale, nose), fill="#a97b58", width=2 * scale)
    mouth = eyes + (chin - eyes) * 62 // 100
    pen.arc((centre - 19 * scale, mouth - 12 * scale, centre + 19 * scale, mouth + 8 * scale),
            25, 155, fill="#9a4b3f", width=4 * scale)  # fmt: skip


def _helmet(
    pen: ImageDraw.ImageDraw, centre: int, top: int, width: int, colour: str, scale: int
) -> None:
    edge = width // 2 + 18 * scale
    pen.pieslice((centre - edge, top - 40 * scale, centre + edge, top + 84 * scale), 180, 360,
                 fill=colour)  # fmt: skip
    brim = edge + 12 * scale
    pen.rounded_rectangle(
        (centre - brim, top + 18 * scale, centre + brim, top + 30 * scale),
        radius=6 * scale, fill=colour,
    )  # fmt: skip
    pen.rectangle((centre - 7 * scale, top - 40 * scale, centre + 7 * scale, top + 18 * scale),
                  fill="#ffffff55")  # fmt: skip
