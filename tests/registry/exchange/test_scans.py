"""Scans of papers: type and size are checked, and a name is matched by what names can hold."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from registry.exchange import scans
from registry.exchange.scans import ScanLimits
from registry.rules.decision import RefusedError
from tests.registry.refusals import codes

LIMITS = ScanLimits(bytes=200_000, least_pixels=40_000, most_pixels=1_000_000)


def picture(form: str, size: tuple[int, int] = (300, 200)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "white").save(buffer, form)
    return buffer.getvalue()


def announced(width: int, height: int) -> bytes:
    """A PNG of a few bytes that announces any size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(("form", "kind"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_pictures_are_known_by_their_content(form: str, kind: str) -> None:
    assert scans.check(picture(form), LIMITS) == kind


def test_a_pdf_is_known_by_its_frame() -> None:
    assert scans.check(b"%PDF-1.7\n...\n%%EOF\n", LIMITS) == "application/pdf"
    with pytest.raises(RefusedError) as caught:
        scans.check(b"%PDF-1.7\n cut off", LIMITS)
    assert codes(caught) == {"legacy_image_type"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (picture("GIF"), "legacy_image_type"), (b"", "legacy_image_type"),
        (b"<svg onload='x'/>", "legacy_image_type"), (picture("PNG")[:60], "legacy_image_type"),
        (picture("JPEG")[:200], "legacy_image_type"), (b"MZ" + bytes(50), "legacy_image_type"),
        (picture("PNG", (100, 100)), "legacy_image_pixels"),
        (announced(10_000, 10_000), "legacy_image_pixels"),
        (announced(60_000, 60_000), "legacy_image_type"),
        (bytes(200_001), "legacy_image_large"),
        (announced(300, 300), "legacy_image_type"),
    ],
)  # fmt: skip
def test_other_files_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        scans.check(data, LIMITS)
    assert codes(caught) == {code}


@given(st.binary(max_size=300), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_a_scan_or_refused(data: bytes, start: bytes) -> None:
    try:
        scans.check(start + data, LIMITS)
    except RefusedError as refused:
        assert refused.reasons


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("1932013001400001.PNG", "1932013001400001"),
        ("苏建(2010)第12号.jpg", "苏建〔2010〕第12号"),
        ("js 2010 7.pdf", "JS-2010/7"), ("扫描/晋A012008000001.jpeg", "晋A012008000001"),
    ],
)  # fmt: skip
def test_a_name_is_matched_by_what_it_can_hold(name: str, number: str) -> None:
    assert scans.name_key(name) == scans.key_of(number)


@pytest.mark.parametrize("name", ["1932013001400001.txt", "1932013001400001", ".png", "---.png"])
def test_other_names_match_nothing(name: str) -> None:
    assert scans.name_key(name) is None
