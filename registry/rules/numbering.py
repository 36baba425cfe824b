"""Certificate numbers: layouts are data, composing and parsing are one.

A layout is a text such as ``{letter:[YS]}{body:4}{province:2}{site:6}{year:2}{serial:6}``, made of
literal digits, capitals and hyphens, fields of so many digits, and fields with one character class
in square brackets per character. The last field is ``serial``, of fixed width and counted from 1.
Everything before it is the scope in which serials are counted; one that is used up refuses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from registry.rules.decision import RefusedError, reason
from registry.rules.policy import Policy

_FIELD = re.compile(r"\{([a-z0-9_]+):((?:\[[^\]]+\])+|[0-9]+)\}")


class LayoutError(Exception):
    """A layout that is not one: an unknown mark, a field twice, or no serial at its end."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a layout, or literal text when ``name`` is empty."""

    name: str
    width: int
    pattern: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A numbering scheme."""

    name: str
    parts: tuple[Part, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that :func:`compose` needs, without the serial."""
        return tuple(part.name for part in self.parts if part.name not in ("", "serial"))

    @property
    def capacity(self) -> int:
        """The last serial."""
        return int("9" * self.parts[-1].width)

    @property
    def regex(self) -> str:
        """Pattern of the whole number."""
        body = "".join(
            re.escape(part.pattern) if not part.name
            else f"(?P<{part.name}>(?!0+$){part.pattern})" if part.name == "serial"
            else f"(?P<{part.name}>{part.pattern})"
            for part in self.parts
        )  # fmt: skip
        return f"^{body}$"


@dataclass(frozen=True, slots=True)
class SerialScope:
    """Where serials are counted: one counter per scheme, period, organisation and level."""

    scheme: str
    period: str
    organisation: str
    level: str

    @property
    def key(self) -> str:
        """Name of the counter."""
        return f"number/{self.scheme}/{self.period}/{self.organisation}/{self.level}"


@cache
def scheme(name: str, layout: str) -> Scheme:
    """A scheme from its layout.

    Raises:
        LayoutError: it cannot be read, or does not end in one serial.
    """
    parts: list[Part] = []
    position = 0
    for found in _FIELD.finditer(layout):
        _literal(parts, layout[position : found.start()])
        parts.append(_field(found.group(1), found.group(2)))
        position = found.end()
    _literal(parts, layout[position:])
    names = [part.name for part in parts if part.name]
    if not names or parts[-1].name != "serial" or len(set(names)) != len(names):
        raise LayoutError(f"{name}: every field once and {{serial:n}} last: {layout}")
    if not re.fullmatch(r"[0-9]+", layout[layout.rindex(":") + 1 : -1]):
        raise LayoutError(f"{name}: the serial is a number of digits: {layout}")
    return Scheme(name, tuple(parts))


def _field(name: str, shape: str) -> Part:
    if shape.startswith("["):
        return Part(name, shape.count("["), shape)
    return Part(name, int(shape), f"[0-9]{{{int(shape)}}}")


def _literal(parts: list[Part], text: str) -> None:
    if not re.fullmatch(r"[0-9A-Z-]*", text):
        # Signed forms hold numbers of ASCII digits, capitals and hyphens only.
        raise LayoutError(f"neither a field nor digits, capitals and hyphens: {text}")
    if text:
        parts.append(Part("", len(text), text))


def national(name: str, on: date, policy: Policy) -> Scheme:
    """A scheme of the policy's ``numbering`` table.

    Raises:
        RefusedError: no such row on that day (``setting_missing``).
    """
    row = policy.row("numbering", on, name=name)
    return scheme(name, row["layout"])


def compose(by: Scheme, fields: Mapping[str, str], serial: int) -> str:
    """The number for these fields and serial.

    Raises:
        RefusedError: a field is missing or has the wrong form, or the range is used up.
    """
    return compose_all(by, fields, range(serial, serial + 1))[0]


def compose_all(by: Scheme, fields: Mapping[str, str], serials: range) -> list[str]:
    """The numbers for these fields and each of some serials in a row.

    Raises:
        RefusedError: a field is missing or has the wrong form, or the range is used up.
    """
    if serials and not 1 <= serials[0] <= serials[-1] <= by.capacity:
        raise RefusedError(reason("number_range_used_up", scheme=by.name, capacity=by.capacity))
    *before, last = by.parts
    scope = "".join(part.pattern if not part.name else _value(by, part, fields) for part in before)
    return [f"{scope}{serial:0{last.width}d}" for serial in serials]


def _value(by: Scheme, part: Part, fields: Mapping[str, str]) -> str:
    value = fields.get(part.name)
    if not value:
        raise RefusedError(reason("number_field_missing", scheme=by.name, field=part.name))
    if not re.fullmatch(part.pattern, value):
        raise RefusedError(
            reason("number_field_malformed", scheme=by.name, field=part.name, value=value)
        )
    return value


def parse(by: Scheme, number: str) -> dict[str, str] | None:
    """The fields of a number, ``serial`` included; None when it is not of the scheme."""
    found = re.fullmatch(by.regex, number)
    return found.groupdict() if found else None


def serial_scope(by: Scheme, fields: Mapping[str, str]) -> SerialScope:
    """The scope of the next serial: all fields but the serial, in the number's order."""
    values = {part.name: _value(by, part, fields) for part in by.parts if part.name in by.fields}
    organisation = "".join(value for name, value in values.items() if name not in ("year", "level"))
    return SerialScope(by.name, values.get("year", ""), organisation, values.get("level", ""))


def fields_of(
    *, site: str, site_serial: str | None, province: str, letter: str | None, body: str | None,
    level: str, awarded: date,
) -> dict[str, str]:  # fmt: skip
    """Every field that the known layouts use; unset ones are left out and refused by compose.

    ``year`` is that of the award, two digits; ``year4`` four.
    """
    known = {
        "site_number": site, "site": site_serial, "province": province, "letter": letter,
        "body": body, "level": level, "year": f"{awarded:%y}", "year4": f"{awarded.year:04d}",
    }  # fmt: skip
    return {name: value for name, value in known.items() if value}
