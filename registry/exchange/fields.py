"""Strict reading of a written document of tables: every fault is noted with the path to its value.

Reading goes on after a fault with a value that stands in, so that one run tells all faults; what
was read may be used only when none was noted.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from registry.rules.decision import Reason, RefusedError, reason
from schemas import dates
from schemas.errors import FormatError

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)
_ABSENT = object()


class Fields:
    """One table that is being read; each reader takes its field out, :meth:`close` finds the rest.

    Args:
        value: what the document holds here.
        path: where it stands, e.g. ``sites[3]``; empty for the whole document.
        faults: every fault of the document, in the order in which they are found.
    """

    def __init__(self, value: object, path: str, faults: list[Reason]) -> None:
        self.path = path
        self.faults = faults
        self._left: dict[str, Any] = {}
        if isinstance(value, dict):
            self._left = dict(value)
        else:
            self.fault("", "founding_table")

    def at(self, name: str) -> str:
        """Path of a field."""
        return f"{self.path}.{name}" if self.path and name else self.path or name

    def fault(self, name: str, code: str, **parameters: object) -> None:
        """Note a fault of a field."""
        self.faults.append(reason(code, self.at(name), **parameters))

    def close(self) -> None:
        """Note every field that nobody has read."""
        for name in self._left:
            self.fault(name if name.isprintable() else repr(name), "founding_unknown")

    def text(self, name: str, most: int, form: str | None = None, like: str = "") -> str:
        """Read one line of text of at most ``most`` characters, in the form of an expression."""
        value = self._take(name)
        if value is _ABSENT:
            return ""
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= most:
            self.fault(name, "founding_text", most=most)
            return ""
        if not value.isprintable() or value != value.strip():
            self.fault(name, "founding_characters")
        elif form is not None and re.fullmatch(form, value) is None:
            self.fault(name, "founding_form", like=like)
        return value

    def maybe(self, name: str, read: Callable[[str], _T]) -> _T | None:
        """Read a field that may be left out."""
        if self._left.get(name) is None:
            self._left.pop(name, None)
            return None
        return read(name)

    def words(self, name: str, most: int, form: str | None = None, like: str = "") -> str | None:
        """Read a text that may be left out."""
        return self.maybe(name, lambda each: self.text(each, most, form, like))

    def flag(self, name: str, default: bool) -> bool:
        """Read true or false."""
        value = self._left.pop(name, default)
        if not isinstance(value, bool):
            self.fault(name, "founding_flag")
            return default
        return value

    def day(self, name: str) -> date:
        """Read a civil date: a date of TOML or text like ``2026-11-22``, from 1970 to 2199."""
        value = self._take(name)
        try:
            if isinstance(value, str):
                return dates.parse_date(value)
            if isinstance(value, date) and not isinstance(value, datetime):
                return dates.from_day(dates.to_day(value))
        except FormatError:
            pass
        if value is not _ABSENT:
            self.fault(name, "founding_day")
        return dates.FIRST_DAY

    def period(self) -> tuple[date, date | None]:
        """Read ``from`` and, where it is given, ``until``, which is not before it."""
        first, last = self.day("from"), self.maybe("until", self.day)
        if last is not None and last < first:
            self.fault("until", "founding_period")
        return first, last

    def choice(self, name: str, choices: Iterable[str]) -> str:
        """Read one of some words."""
        value = self._take(name)
        words = tuple(choices)
        if value is not _ABSENT and value not in words:
            self.fault(name, "founding_choice", choices=", ".join(words))
        return value if isinstance(value, str) and value in words else words[0]

    def member(self, name: str, kind: type[_E]) -> _E:
        """Read the value of an enumeration."""
        return kind(self.choice(name, [each.value for each in kind]))

    def texts(self, name: str, read: Callable[["Fields", str], _T]) -> tuple[_T, ...]:
        """Read a list of at least one, each item by ``read`` as if it were a field of its own."""
        items = self._take(name)
        if items is _ABSENT:
            return ()
        if not isinstance(items, list) or not items:
            self.fault(name, "founding_list")
            return ()
        found = []
        for number, item in enumerate(items):
            one = Fields({f"{name}[{number}]": item}, self.path, self.faults)
            found.append(read(one, f"{name}[{number}]"))
        return tuple(found)

    def tables(self, name: str, read: Callable[["Fields"], _T]) -> tuple[_T, ...]:
        """Read a list of tables, which may be left out, each by ``read``, and close each."""
        items = self._left.pop(name, None)
        if items is None:
            return ()
        if not isinstance(items, list):
            self.fault(name, "founding_list")
            return ()
        found = []
        for number, item in enumerate(items):
            one = Fields(item, f"{self.at(name)}[{number}]", self.faults)
            if isinstance(item, dict):
                found.append(read(one))
                one.close()
        return tuple(found)

    def table(self, name: str) -> dict[str, Any]:
        """Read one table, which may be left out, as it is."""
        value = self._left.pop(name, None)
        if value is not None and not isinstance(value, dict):
            self.fault(name, "founding_table")
        return value if isinstance(value, dict) else {}

    def refused(self, name: str, act: Callable[[], _T]) -> _T | None:
        """What a rule answers; its refusals are noted as faults of the field."""
        try:
            return act()
        except RefusedError as error:
            for each in error.reasons:
                self.faults.append(Reason(each.code, each.parameters, self.at(name)))
            return None

    def _take(self, name: str) -> Any:
        value = self._left.pop(name, None)
        if value is None:
            self.fault(name, "founding_missing")
            return _ABSENT
        return value
