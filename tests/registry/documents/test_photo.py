"""A photograph on its way to the print: upright, in shape, on white, nothing of its maker."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from registry.demo.photos import portrait
from registry.documents.photo import PhotoError, Requirements, prepared
from registry.rules import photos
from registry.rules.policy import published
from tests.registry.office import TODAY

ROW = photos.figures(published(), TODAY)
NEED = Requirements(**{name: ROW[name] for name in Requirements.__slots__})
ORIENTATION, GPS = 0x0112, 0x8825


def picture(width: int, height: int, ground: str = "white") -> Image.Image:
    """A dark head over a coat; the left hand holds something red, so that sides can be told."""
    image = Image.new("RGB", (width, height), ground)
    pen = ImageDraw.Draw(image)
    pen.ellipse((width * 0.32, height * 0.15, width * 0.68, height * 0.6), fill="#c99468")
    pen.rectangle((width * 0.15, height * 0.65, width * 0.85, height), fill="#35597d")
    pen.rectangle((width * 0.15, height * 0.8, width * 0.3, height * 0.95), fill="#cc0000")
    return image


def jpeg(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def is_red(image: Image.Image, x: float, y: float) -> bool:
    red, green, blue = image.getpixel((int(image.width * x), int(image.height * y)))
    return red > 150 and green < 60 and blue < 60


def refused(data: bytes, need: Requirements = NEED) -> str:
    with pytest.raises(PhotoError) as caught:
        prepared(data, need)
    return caught.value.code


def test_a_good_picture_gets_the_size_of_the_print() -> None:
    made = opened(prepared(jpeg(picture(600, 840)), NEED))
    assert (made.format, made.size) == ("JPEG", (295, 413))
    assert is_red(made, 0.22, 0.87)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_upright_whatever_the_camera_says(orientation: int) -> None:
    upright = picture(600, 840)
    turns = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    turn = turns[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    made = opened(prepared(jpeg(stored, exif=exif), NEED))
    assert made.size == (295, 413)
    assert is_red(made, 0.22, 0.87)


def test_place_and_time_of_the_camera_do_not_survive() -> None:
    exif = Image.Exif()
    exif[GPS] = {1: "N", 2: (32.0, 3.0, 0.0)}
    exif[0x010F] = "Example camera"
    data = jpeg(picture(600, 840), exif=exif)
    assert b"Example camera" in data
    made = prepared(data, NEED)
    assert b"Example camera" not in made and not opened(made).getexif()


def test_a_clear_ground_is_printed_on_white() -> None:
    image = picture(600, 840).convert("RGBA")
    clear = Image.new("L", image.size, 255)
    ImageDraw.Draw(clear).rectangle((0, 0, 600, 100), fill=0)
    image.putalpha(clear)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    assert min(opened(prepared(buffer.getvalue(), NEED)).getpixel((5, 5))) > 250


def test_a_wide_picture_is_cut_in_the_middle_and_a_long_one_keeps_the_head() -> None:
    wide = Image.new("RGB", (800, 840), "white")
    wide.paste(picture(600, 840), (100, 0))
    assert is_red(opened(prepared(jpeg(wide), NEED)), 0.22, 0.87)
    long = Image.new("RGB", (600, 1100), "#35597d")
    long.paste(picture(600, 840), (0, 0))
    assert min(opened(prepared(jpeg(long), NEED)).getpixel((5, 5))) > 240


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "photo_unreadable"),
        (b"GIF89a" + bytes(50), "photo_unreadable"),
        (jpeg(picture(600, 840))[:2000], "photo_unreadable"),
        (jpeg(picture(150, 210)), "photo_small"),
        (jpeg(picture(1600, 400)), "photo_shape"),
        (jpeg(Image.new("RGB", (600, 840), "white")), "photo_blank"),
        (jpeg(picture(600, 840, "#3366cc")), "photo_ground"),
        (jpeg(picture(600, 840, "#cc3333")), "photo_ground"),
    ],
)
def test_what_cannot_be_printed_is_refused_by_name(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_a_picture_of_too_many_points_is_not_decoded() -> None:
    buffer = io.BytesIO()
    Image.new("1", (9000, 9000)).save(buffer, "PNG")
    assert refused(buffer.getvalue()) == "photo_large"


def test_the_result_stays_below_its_bytes() -> None:
    noise = Image.frombytes("RGB", (295, 413), random.Random(1).randbytes(295 * 413 * 3))
    image = picture(295, 413)
    image.paste(noise.crop((0, 0, 200, 200)), (48, 80))
    assert len(prepared(jpeg(image), NEED)) <= NEED.most_bytes
    tight = Requirements(**{name: getattr(NEED, name) for name in Requirements.__slots__}
                         | {"most_bytes": 2000})  # fmt: skip
    assert refused(jpeg(image), tight) == "photo_bytes"


def test_drawn_samples_pass() -> None:
    for seed in range(40):
        assert opened(prepared(portrait(seed), NEED)).size == (295, 413)


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 2**32), form=st.sampled_from(["JPEG", "PNG"]))
def test_only_our_own_errors_escape(seed: int, form: str) -> None:
    chance = random.Random(seed)
    buffer = io.BytesIO()
    picture(300, 420).save(buffer, form)
    data = bytearray(buffer.getvalue())
    for _ in range(chance.randint(1, 5)):
        data[chance.randrange(min(len(data), 700))] = chance.randrange(256)
    try:
        assert opened(prepared(bytes(data), NEED)).size == (295, 413)
    except PhotoError as error:
        assert error.code.startswith("photo_")
