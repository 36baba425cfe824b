"""Pictures and PDFs: what is found in them, and what they may not do."""

import io
import struct
import zlib

import pypdf
import pytest
import qrcode
from PIL import Image
from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData

from schemas import jcs
from tests.world import World
from verifier import media

WORLD = World()
MADE = WORLD.issue(valid_until=None)
OTHER = WORLD.issue(name="王伟", last4="1234", status_index=94568, number="Y000036999966263000002")
FILES = WORLD.publish()


def symbol(text, box=4):
    """The picture of a QR code as the registry prints it: address in bytes, then digits."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, box_size=box, mask_pattern=0)
    address, mark, digits = text.partition("#")
    if digits.isdigit():
        code.add_data(QRData((address + mark).encode(), mode=MODE_8BIT_BYTE), optimize=0)
        code.add_data(QRData(digits.encode(), mode=MODE_NUMBER), optimize=0)
    else:
        code.add_data(text)
    return code.make_image().get_image().convert("RGB")


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def beside(*images):
    width = sum(image.width for image in images)
    sheet = Image.new("RGB", (width, max(image.height for image in images)), "white")
    at = 0
    for image in images:
        sheet.paste(image, (at, 0))
        at += image.width
    return sheet


def pdf(*attachments, pictures=()):
    writer = pypdf.PdfWriter()
    writer.add_blank_page(595, 842)
    for picture in pictures:
        writer.append(io.BytesIO(saved(picture, "PDF")))
    for number, attached in enumerate(attachments):
        writer.add_attachment(f"file{number}", attached)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def check(data):
    report = WORLD.check(data, FILES)
    decisive = [step.code for step in report.steps if step.outcome != "passed"][:1]
    return report, decisive


def test_a_picture_of_the_code():
    for data in (saved(symbol(MADE.text), "PNG"), saved(symbol(MADE.text, 8), "JPEG", quality=70)):
        report, _ = check(data)
        assert (report.verdict, report.form, report.face) == ("valid", "image", "not_checked")
        assert report.notices == ("face",) and report.facts == MADE.facts


def test_turned_small_and_on_a_transparent_ground():
    turned = symbol(MADE.text, 3).rotate(90, expand=True)
    assert check(saved(turned, "PNG"))[0].verdict == "valid"
    small = symbol(MADE.text, 2)
    assert check(saved(small, "PNG"))[0].verdict == "valid"
    clear = symbol(MADE.text).convert("RGBA")
    clear.putdata([(0, 0, 0, 0) if pixel[0] else pixel for pixel in clear.get_flattened_data()])
    assert check(saved(clear, "PNG"))[0].verdict == "valid"


def test_another_partys_code_beside_is_passed_over():
    advert = symbol("https://www.example.com/buy")
    assert check(saved(beside(advert, symbol(MADE.text)), "PNG"))[0].verdict == "valid"
    report, codes = check(saved(advert, "PNG"))
    assert codes == ["readable.other_registry"] and report.reason == "other_registry"


def test_pictures_without_one_certificate():
    blank = Image.new("RGB", (200, 200), "white")
    assert check(saved(blank, "PNG"))[1] == ["readable.unreadable"]
    two = beside(symbol(MADE.text), symbol(OTHER.text))
    assert check(saved(two, "PNG"))[1] == ["readable.several"]
    assert check(saved(beside(symbol(MADE.text), symbol(MADE.text)), "PNG"))[0].verdict == "valid"


def test_a_pdf_with_the_certificate_attached():
    report, _ = check(pdf(MADE.json))
    assert (report.verdict, report.form, report.face) == ("valid", "pdf", "not_checked")
    assert report.names == MADE.certificate.names
    noise = pdf(b"notes", b"{}", b'{"type": "x"}', MADE.json)
    assert check(noise)[0].verdict == "valid"


def test_a_pdf_with_a_picture_of_the_code_only():
    report, _ = check(pdf(pictures=[symbol(MADE.text)]))
    assert (report.verdict, report.form) == ("valid", "pdf")


def test_a_pdf_whose_parts_agree_and_disagree():
    assert check(pdf(MADE.json, pictures=[symbol(MADE.text)]))[0].verdict == "valid"
    report, codes = check(pdf(MADE.json, pictures=[symbol(OTHER.text)]))
    assert (report.verdict, report.reason) == ("forged", "parts_disagree")
    assert codes == ["signature.parts_disagree"] and report.facts is None
    bent = MADE.text[:-1] + str((int(MADE.text[-1]) + 1) % 10)
    assert check(pdf(MADE.json, pictures=[symbol(bent)]))[0].verdict != "valid"
    stranger = World().issue("thief", registered=False)
    report, codes = check(pdf(MADE.json, pictures=[symbol(stranger.text)]))
    assert codes == ["signature.bad"]


def test_a_pdf_with_two_certificates_or_none():
    assert check(pdf(MADE.json, OTHER.json))[1] == ["readable.several"]
    reordered = jcs.canonical(MADE.document | {"proof": MADE.document["proof"][::-1]})
    assert check(pdf(MADE.json, reordered))[0].verdict == "valid"
    assert check(pdf(b"notes"))[1] == ["readable.other_registry"]


def test_a_damaged_attachment_is_not_passed_over():
    assert check(pdf(MADE.json.replace(b"002X", b"0021")))[0].verdict == "forged"
    assert check(pdf(MADE.json[:-1]))[1] == ["readable.unreadable"]


def test_a_pdf_with_a_password():
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(MADE.json)))
    writer.encrypt("secret", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    assert check(file.getvalue())[1] == ["readable.unreadable"]


def bomb_png(width, height):
    """A PNG of one colour that says it is huge."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(
            ">I", zlib.crc32(kind + body))  # fmt: skip

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("width", "height"), [(9000, 9000), (60000, 60000), (2**31 - 1, 2**31 - 1)]
)
def test_a_huge_picture_is_refused_undecoded(width, height):
    with pytest.raises(media.MediaError):
        media.picture_texts(bomb_png(width, height))
    assert check(bomb_png(width, height))[1] == ["readable.unreadable"]


def test_a_huge_picture_or_attachment_in_a_pdf():
    large = pdf(bytes(media.MAX_ATTACHMENT + 1), MADE.json)
    assert check(large)[0].verdict == "valid"
    many = pdf(*(f"{{{number}".encode() for number in range(media.MAX_ATTACHMENTS + 1)))
    assert check(many)[1] == ["readable.unreadable"]


def test_pictures_of_one_pdf_share_a_bound():
    blank = Image.new("1", (7900, 7900), 1)
    code = symbol(MADE.text).convert("1").resize((6200, 6200))
    assert media.pdf_texts(pdf(pictures=[code])) == [MADE.text]
    # Sixteen such pictures would cost a reader process all of its time.
    assert media.pdf_texts(pdf(pictures=[blank, code])) == []


def test_other_kinds_of_picture_are_not_opened():
    gif = saved(symbol(MADE.text), "GIF")
    assert check(gif)[1] == ["readable.unreadable"]
    with pytest.raises(media.MediaError):
        media.picture_texts(gif)
