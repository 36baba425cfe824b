"""A ZIP of pictures, judged by its directory before anything in it is unpacked.

Files are known by the last part of their path; a folder's name says nothing. What cannot be taken
is named with its reason and the rest goes on; only an archive that is hostile or damaged as a whole
is refused. One file is in memory at a time, whatever the archive's size.
"""

import os
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO

from registry.exchange.errors import WorkbookError

_END, _END_SIZE = b"PK\x05\x06", 22
_LOCAL = b"PK\x03\x04"
_END64, _LOCATOR = b"PK\x06\x06", b"PK\x06\x07"
_END64_SIZE, _LOCATOR_SIZE = 56, 20
_UTF8 = 0x800
_LOCAL_HEADER = 30
"""Bytes of a local file header without its name (APPNOTE 4.3.7)."""
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What systems put into folders by themselves; nobody needs to hear of it."""


class ArchiveError(WorkbookError):
    """The archive as a whole cannot be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """How large an archive may be; the figures come from the policy."""

    bytes: int
    """Of the file as uploaded."""
    entries: int
    entry_bytes: int
    """Of one file, unpacked."""
    ratio: int
    """Unpacked to packed size of one file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive."""

    name: str
    """Last part of the path as it was written, e.g. ``320101.jpg``."""
    size: int
    """Bytes, unpacked, as the directory says; never more are read."""
    offset: int
    """Of its local header in the file."""
    packed: int
    """Bytes as packed."""
    method: int
    checksum: int
    """CRC-32 of the unpacked bytes."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not taken, and why (a code of ``data/reasons.toml``)."""

    name: str
    code: str


class Archive:
    """An opened archive: ``with Archive(path, limits) as archive``."""

    def __init__(self, path: Path, limits: ArchiveLimits) -> None:
        """Open and judge.

        Raises:
            ArchiveError: no ZIP, damaged, too large, a bomb.
            OSError: the file cannot be read.
        """
        self._file = path.open("rb")
        try:
            found = os.fstat(self._file.fileno())
            if found.st_size > limits.bytes:
                raise ArchiveError("archive_large", megabytes=limits.bytes >> 20)
            self.entries, self.skipped = _directory(
                path, found.st_size, found.st_mtime_ns, found.st_ino, limits
            )
        except BaseException:
            self._file.close()
            raise

    def read(self, entry: Entry) -> bytes:
        """The bytes of one file, never more than its directory entry says.

        Raises:
            ArchiveError: damaged, or its header says something else than the directory.
        """
        self._file.seek(entry.offset)
        header = self._file.read(_LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER or not header.startswith(_LOCAL):
            raise ArchiveError("archive_entry_damaged")
        self._file.seek(sum(struct.unpack_from("<HH", header, 26)), os.SEEK_CUR)
        data = packed = self._file.read(entry.packed)
        if entry.method == zipfile.ZIP_DEFLATED:
            unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                data = unpacking.decompress(packed, entry.size + 1)
            except zlib.error as error:
                raise ArchiveError("archive_entry_damaged") from error
        if len(data) != entry.size or zlib.crc32(data) != entry.checksum:
            raise ArchiveError("archive_entry_damaged")
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()


@lru_cache(maxsize=2)
def _directory(
    path: Path, size: int, changed: int, inode: int, limits: ArchiveLimits
) -> tuple[tuple[Entry, ...], tuple[Skipped, ...]]:
    """The judged directory, remembered: a worker opens an archive for every hundred files anew."""
    with path.open("rb") as file:
        _judge_end(file, size, limits)
        try:
            with zipfile.ZipFile(file) as opened:
                infos = opened.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError,
                struct.error, UnicodeError) as error:  # fmt: skip
            raise ArchiveError("archive_unreadable") from error
    return _judge(infos, size, limits)


def _judge_end(file: BinaryIO, size: int, limits: ArchiveLimits) -> None:
    """Refuse a directory of too many entries before the standard library reads it whole."""
    reach = min(size, 0xFFFF + _END_SIZE + _LOCATOR_SIZE)
    file.seek(size - reach)
    tail = file.read(reach)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise ArchiveError("archive_unreadable")
    count, length = struct.unpack_from("<HL", tail, at + 10)
    if at >= _LOCATOR_SIZE and tail[at - _LOCATOR_SIZE :].startswith(_LOCATOR):
        # The standard library believes such a record whatever the end above says.
        count, length = _record64(file, tail, at, size - reach)
    # A hundred bytes and a path of a thousand are what an honest entry takes at most.
    if count > limits.entries or length > limits.entries * 1100:
        raise ArchiveError("archive_many", most=limits.entries)


def _record64(file: BinaryIO, tail: bytes, at: int, before: int) -> tuple[int, int]:
    """Entries and bytes of the directory as the long form of its end says (APPNOTE 4.3.14)."""
    place = before + at - _LOCATOR_SIZE - _END64_SIZE
    # Some readers look where the locator points, others right before it: one place, one answer.
    if place < 0 or struct.unpack_from("<Q", tail, at - 12)[0] != place:
        raise ArchiveError("archive_unreadable")
    file.seek(place)
    record = file.read(_END64_SIZE)
    if not record.startswith(_END64):
        raise ArchiveError("archive_unreadable")
    count, length = struct.unpack_from("<QQ", record, 32)
    return count, length


def _judge(
    infos: list[zipfile.ZipInfo], size: int, limits: ArchiveLimits
) -> tuple[tuple[Entry, ...], tuple[Skipped, ...]]:
    if len(infos) > limits.entries:
        raise ArchiveError("archive_many", most=limits.entries)
    _refuse_overlap(infos, size)
    entries: dict[str, Entry] = {}
    skipped: list[Skipped] = []
    twice: set[str] = set()
    for info in infos:
        path = _path(info)
        name = path.rpartition("/")[2]
        if not name or any(part in path for part in _LITTER):
            continue
        if code := _fault(info, path, limits):
            skipped.append(Skipped(name, code))
        elif name.lower() in twice or name.lower() in entries:
            # Which of the two is meant, nobody can know: neither is taken.
            twice.add(name.lower())
            skipped.append(Skipped(name, "archive_entry_twice"))
        else:
            entries[name.lower()] = Entry(
                name, info.file_size, info.header_offset, info.compress_size, info.compress_type,
                info.CRC,
            )  # fmt: skip
    skipped += [Skipped(entries.pop(name).name, "archive_entry_twice") for name in sorted(twice)]
    return tuple(entries.values()), tuple(skipped)


def _refuse_overlap(infos: list[zipfile.ZipInfo], size: int) -> None:
    """Entries that share their packed bytes are a bomb, whatever the ratio of each."""
    end = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        if info.header_offset < end or info.header_offset >= size:
            raise ArchiveError("archive_unreadable")
        end = info.header_offset + _LOCAL_HEADER + info.compress_size
    if end > size:
        raise ArchiveError("archive_unreadable")


def _path(info: zipfile.ZipInfo) -> str:
    """The path as text, separators as ``/``; packers of Chinese systems write GB18030 unmarked."""
    path = info.orig_filename
    if not info.flag_bits & _UTF8:
        try:
            path = path.encode("cp437").decode("gb18030")
        except UnicodeError:
            path = info.orig_filename
    return path.replace("\\", "/")


def _fault(info: zipfile.ZipInfo, path: str, limits: ArchiveLimits) -> str | None:
    if info.flag_bits & 1:
        return "archive_entry_encrypted"
    kind = stat.S_IFMT(info.external_attr >> 16)
    is_outside = path.startswith("/") or ".." in PurePosixPath(path).parts or path[1:2] == ":"
    if is_outside or not path.isprintable() or kind not in (0, stat.S_IFREG):
        return "archive_entry_path"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "archive_entry_damaged"
    if info.file_size > limits.entry_bytes:
        return "archive_entry_large"
    if info.file_size > limits.ratio * max(info.compress_size, 1):
        return "archive_entry_bomb"
    return None
