"""A ZIP of pictures: honest ones are read whole, hostile ones are refused before they unpack."""

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.exchange.archive import Archive, ArchiveError, ArchiveLimits

LIMITS = ArchiveLimits(bytes=4 << 20, entries=100, entry_bytes=100_000, ratio=50)


def packed(*files: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def opened(tmp_path: Path, data: bytes, limits: ArchiveLimits = LIMITS) -> Archive:
    place = tmp_path / "some.zip"
    place.write_bytes(data)
    return Archive(place, limits)


def refused(tmp_path: Path, data: bytes, limits: ArchiveLimits = LIMITS) -> str:
    with pytest.raises(ArchiveError) as caught:
        opened(tmp_path, data, limits)
    return caught.value.code


def skipped(tmp_path: Path, data: bytes) -> dict[str, str]:
    with opened(tmp_path, data) as archive:
        assert not archive.entries
        return {each.name: each.code for each in archive.skipped}


def test_files_are_read_by_the_last_part_of_their_path(tmp_path: Path) -> None:
    data = packed(("a.jpg", b"one"), ("照片/2026/B.JPG", b"two"), ("照片/", b""),
                  ("__MACOSX/._a.jpg", b"x"), ("照片/Thumbs.db", b"x"))  # fmt: skip
    with opened(tmp_path, data) as archive:
        assert [each.name for each in archive.entries] == ["a.jpg", "B.JPG"]
        assert [archive.read(each) for each in archive.entries] == [b"one", b"two"]
        assert archive.skipped == ()


def test_names_of_chinese_packers_are_read(tmp_path: Path) -> None:
    name = "张三.jpg".encode("gb18030")
    plain = packed(("x" * len(name), b"one"))
    data = plain.replace(b"x" * len(name), name)
    with opened(tmp_path, data) as archive:
        assert [each.name for each in archive.entries] == ["张三.jpg"]


@pytest.mark.parametrize(
    "path", ["../a.jpg", "/a.jpg", "x/../../a.jpg", "..\\a.jpg", "C:\\a.jpg", "b/a\u202e.jpg"]
)
def test_a_path_that_leads_out_is_named_and_not_taken(tmp_path: Path, path: str) -> None:
    [code] = skipped(tmp_path, packed((path, b"x"))).values()
    assert code == "archive_entry_path"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a.jpg")
    info.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert skipped(tmp_path, buffer.getvalue()) == {"a.jpg": "archive_entry_path"}


def test_of_two_of_one_name_neither_is_taken(tmp_path: Path) -> None:
    data = packed(("x/a.jpg", b"1"), ("y/A.JPG", b"2"), ("z/a.jpg", b"3"))
    with opened(tmp_path, data) as archive:
        assert archive.entries == ()
        assert [each.code for each in archive.skipped] == ["archive_entry_twice"] * 3


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    dense = packed(("a.jpg", b"\0" * 90_000), method=zipfile.ZIP_DEFLATED)
    assert skipped(tmp_path, dense) == {"a.jpg": "archive_entry_bomb"}
    assert skipped(tmp_path, packed(("a.jpg", b"\0" * 100_001))) == {"a.jpg": "archive_entry_large"}


def test_entries_that_share_their_bytes_are_a_bomb(tmp_path: Path) -> None:
    data = packed(("a.jpg", b"x" * 500), ("b.jpg", b"x" * 500))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    # The second entry of the directory points at the first file.
    forged = data[: second + 42] + struct.pack("<L", 0) + data[second + 46 :]
    assert refused(tmp_path, forged) == "archive_unreadable"


def test_too_many_entries_are_refused_by_the_directory_s_end(tmp_path: Path) -> None:
    data = packed(*((f"{number}.jpg", b"") for number in range(101)))
    assert refused(tmp_path, data) == "archive_many"
    lying = data[:-12] + struct.pack("<L", 0xFFFFFF) + data[-8:]
    assert refused(tmp_path, lying) == "archive_many"


def long_end(data: bytes, count: int, length: int, place: int | None = None) -> bytes:
    """The archive with a long end of its directory before the short one, which stays as it was."""
    at = len(data) - 22
    offset = struct.unpack_from("<L", data, at + 16)[0]
    record = struct.pack(
        "<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, offset
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at if place is None else place, 1)
    return data[:at] + record + locator + data[at:]


def test_the_long_end_of_a_directory_is_judged_whatever_the_short_one_says(tmp_path: Path) -> None:
    honest = packed(("a.jpg", b"x"))
    size = struct.unpack_from("<L", honest, len(honest) - 10)[0]
    with opened(tmp_path, long_end(honest, 1, size)) as archive:
        assert [each.name for each in archive.entries] == ["a.jpg"]
    assert refused(tmp_path, long_end(honest, 1, 1 << 31)) == "archive_many"
    assert refused(tmp_path, long_end(honest, 1 << 40, size)) == "archive_many"


def test_a_long_end_elsewhere_than_its_locator_says_is_refused(tmp_path: Path) -> None:
    many = packed(*((f"{number}.jpg", b"") for number in range(101)))
    size = struct.unpack_from("<L", many, len(many) - 10)[0]
    assert refused(tmp_path, long_end(many, 101, size, place=0)) == "archive_unreadable"


def test_a_larger_file_than_allowed_is_refused(tmp_path: Path) -> None:
    small = ArchiveLimits(bytes=1000, entries=10, entry_bytes=1000, ratio=10)
    assert refused(tmp_path, packed(("a.jpg", b"x" * 1000)), small) == "archive_large"


def test_an_encrypted_entry_is_named(tmp_path: Path) -> None:
    data = bytearray(packed(("a.jpg", b"x")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert skipped(tmp_path, bytes(data)) == {"a.jpg": "archive_entry_encrypted"}


def test_a_damaged_entry_says_so_when_it_is_read(tmp_path: Path) -> None:
    data = packed(("a.jpg", b"some picture"), ("b.jpg", b"another")).replace(b"some", b"sOme", 1)
    with opened(tmp_path, data) as archive:
        with pytest.raises(ArchiveError) as caught:
            archive.read(archive.entries[0])
        assert caught.value.code == "archive_entry_damaged"
        assert archive.read(archive.entries[1]) == b"another"


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    for data in (b"", b"PK", b"%PDF-1.7", packed(("a.jpg", b"x"))[:-30]):
        assert refused(tmp_path, data) == "archive_unreadable"


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 2**32))
def test_only_our_own_errors_escape(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(packed(("a.jpg", b"one" * 40), ("b/c.png", b"two" * 40),
                            method=zipfile.ZIP_DEFLATED))  # fmt: skip
    for _ in range(chance.randint(1, 6)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    place = tmp_path_factory.mktemp("zip", numbered=True)
    try:
        with opened(place, bytes(data)) as archive:
            for entry in archive.entries:
                assert len(archive.read(entry)) == entry.size <= LIMITS.entry_bytes
    except ArchiveError:
        pass
