"""Bounds of an upload; the figures come from the policy, there are none here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a workbook may be, packed and unpacked."""

    bytes: int
    """Of the file as uploaded; a web page stops reading there."""
    unpacked_bytes: int
    """Of all parts of an XLSX together, and of all texts that its cells repeat."""
    parts: int
    """Entries in the ZIP directory."""
    ratio: int
    """Unpacked to packed size of one part."""
    rows: int
    """Rows below the heading."""
    columns: int
    cell_length: int
    """Characters of one cell."""
