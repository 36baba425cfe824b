"""An XLSX file as a package of parts, opened only after its ZIP directory has been judged.

Every part is unpacked once, here, within the bounds of its directory entry. The workbook reader
gets a package that was packed anew from these bytes, so that what was checked is what is read.
"""

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree import ElementTree

from registry.exchange.errors import WorkbookError
from registry.exchange.limits import Limits

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATION = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_SMALL = 1 << 20
"""Parts below this size may be packed as tightly as they like."""


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One sheet of the workbook."""

    name: str
    visible: bool
    part: str
    """Path of its XML inside the package."""


@dataclass(frozen=True, slots=True)
class Package:
    """The unpacked parts, in the order of the file."""

    parts: dict[str, bytes]
    sheets: tuple[SheetEntry, ...]

    @property
    def shared_strings(self) -> bytes | None:
        """The part with the texts that cells share, if there is one."""
        wanted = "xl/sharedstrings.xml"
        return next((part for name, part in self.parts.items() if name.lower() == wanted), None)

    def packed(self, replaced: dict[str, bytes] | None = None, *, store: bool = False) -> bytes:
        """The package as a ZIP file, some parts replaced; ``store`` leaves out compression."""
        buffer = io.BytesIO()
        method = zipfile.ZIP_STORED if store else zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(buffer, "w", method) as archive:
            for name, content in self.parts.items():
                # A fixed date: the same input gives the same bytes.
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = method
                archive.writestr(entry, (replaced or {}).get(name, content))
        return buffer.getvalue()


def open_package(data: bytes, limits: Limits) -> Package:
    """Open an XLSX file.

    Raises:
        WorkbookError: too large, a bomb, encrypted, with macros, or not an intact workbook.
    """
    if data.startswith(OLE_MAGIC):
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise WorkbookError("workbook_encrypted" if encrypted else "workbook_old_format")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _judge(archive, limits)
            parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise WorkbookError("workbook_unreadable") from error
    package = Package(parts, _sheets(parts))
    if any(b"uniqueCount" in part for part in parts.values() if part is not package.shared_strings):
        # Only the shared texts are counted, and only there is the figure held against them.
        raise WorkbookError("workbook_unreadable")
    return package


def _judge(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > limits.parts or total > limits.unpacked_bytes:
        raise WorkbookError("workbook_bomb")
    for entry in entries:
        if entry.file_size > _SMALL and entry.file_size > limits.ratio * entry.compress_size:
            raise WorkbookError("workbook_bomb")
        if entry.flag_bits & 1:
            raise WorkbookError("workbook_encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise WorkbookError("workbook_unreadable")
    names = [entry.filename for entry in entries]
    if len({name.lower() for name in names}) != len(names):
        raise WorkbookError("workbook_unreadable")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise WorkbookError("workbook_macros")


def _sheets(parts: dict[str, bytes]) -> tuple[SheetEntry, ...]:
    try:
        workbook = _tree(parts["xl/workbook.xml"])
        targets = {
            relation.attrib["Id"]: relation.attrib["Target"]
            for relation in _tree(parts["xl/_rels/workbook.xml.rels"])
        }
        found = [_sheet(sheet, targets) for sheet in workbook.iter() if _is_sheet(sheet)]
    except (LookupError, ValueError, ElementTree.ParseError) as error:
        raise WorkbookError("workbook_unreadable") from error
    if len({sheet.name for sheet in found}) != len(found) or not found:
        raise WorkbookError("workbook_unreadable")
    return tuple(sheet for sheet in found if sheet.part in parts)


def _tree(data: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise WorkbookError("workbook_unreadable")
    return ElementTree.fromstring(data)


def _is_sheet(element: ElementTree.Element) -> bool:
    return element.tag in (f"{_MAIN}sheet", f"{_STRICT}sheet")


def _sheet(element: ElementTree.Element, targets: dict[str, str]) -> SheetEntry:
    found = [element.attrib[name] for name in _RELATION if name in element.attrib]
    identifier = found[0] if found else ""
    part = posixpath.normpath(posixpath.join("/xl", targets[identifier])).lstrip("/")
    visible = element.attrib.get("state", "visible") == "visible"
    return SheetEntry(element.attrib["name"], visible, part)


def choose_sheet(package: Package, name: str) -> SheetEntry:
    """The sheet of that name, or the only visible one.

    Raises:
        WorkbookError: it is hidden, or there are several and none has the name.
    """
    for sheet in package.sheets:
        if sheet.name.strip() == name:
            if not sheet.visible:
                raise WorkbookError("sheet_hidden", sheet=sheet.name)
            return sheet
    visible = [sheet for sheet in package.sheets if sheet.visible]
    if len(visible) == 1:
        return visible[0]
    found = "、".join(sheet.name for sheet in visible)
    raise WorkbookError("sheet_missing", sheet=name, found=found)
