"""Policy as data: dated rows with source and confidence, and one version digest over all.

The rows stand in ``registry/data/policies.toml``. A row is in force from ``from`` to ``until``,
both inclusive; without them it has no limit. Provincial settings are rows with a ``province``; an
office adds its own, the package brings none that it cannot cite.
"""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from registry.rules.decision import RefusedError, reason

T = TypeVar("T")

_MEMORY = 4096
"""Derived values kept; more days than this are not asked for at once."""

DEFAULT = "default, to be replaced by the published policy"
"""Source of a row that nobody has published."""


class PolicyError(Exception):
    """The policy file itself is wrong: a row without source, or two rows where one must apply."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Every policy row, read-only. Two policies with the same version decide alike."""

    tables: Mapping[str, tuple[Mapping[str, Any], ...]]
    version: str = field(default="")
    """SHA-256 (hex) over the canonical JSON of all rows; stored with every decision."""
    _memory: dict[tuple[str, date], Any] = field(default_factory=dict, repr=False, compare=False)

    def rows(
        self, table: str, on: date | None = None, **wanted: Any
    ) -> Iterator[Mapping[str, Any]]:
        """Rows of a table in force on a day (any day when None) whose columns equal ``wanted``."""
        found = self.tables.get(table, ())
        if on is not None:
            found = self.derived(f"rows of {table}", on, lambda: _all_in_force(found, on))
        for row in found:
            if all(row.get(name) == value for name, value in wanted.items()):
                yield row

    def derived(self, name: str, on: date, build: Callable[[], T]) -> T:
        """What ``build`` makes of the rows of a day, made once: a batch asks for every row."""
        key = (name, on)
        if key not in self._memory:
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            self._memory[key] = build()
        made: T = self._memory[key]
        return made

    def row(self, table: str, on: date, **wanted: Any) -> Mapping[str, Any]:
        """The one row in force.

        Raises:
            RefusedError: there is none (``setting_missing``): nothing is decided without a setting.
            PolicyError: there are several.
        """
        found = list(self.rows(table, on, **wanted))
        if not found:
            setting = " ".join([table, *(f"{name}={value}" for name, value in wanted.items())])
            raise RefusedError(reason("setting_missing", setting=setting, date=on))
        if len(found) > 1:
            raise PolicyError(f"{table}: {len(found)} rows apply on {on} to {wanted}")
        return found[0]

    def limit(self, name: str, on: date) -> int:
        """A limit by name, e.g. ``workbook_rows``."""
        value: int = self.row("limits", on, name=name)["value"]
        return value

    def with_rows(self, table: str, *rows: Mapping[str, Any]) -> "Policy":
        """A policy with an office's own rows added, under its own version."""
        tables = {name: list(found) for name, found in self.tables.items()}
        tables.setdefault(table, []).extend(rows)
        return build(tables)


def build(tables: Mapping[str, Any]) -> Policy:
    """A policy from tables of rows.

    Raises:
        PolicyError: a row has no source or confidence, or ends before it begins.
    """
    frozen = {name: tuple(dict(row) for row in rows) for name, rows in tables.items()}
    for name, rows in frozen.items():
        for row in rows:
            _check(name, row)
    text = json.dumps(
        frozen, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )
    return Policy(frozen, hashlib.sha256(text.encode("utf-8")).hexdigest())


def parse(text: str) -> Policy:
    """A policy from TOML text."""
    return build(tomllib.loads(text))


@cache
def published() -> Policy:
    """The policy that comes with the package."""
    return parse(files("registry").joinpath("data", "policies.toml").read_text("utf-8"))


def _check(table: str, row: Mapping[str, Any]) -> None:
    if not row.get("source"):
        raise PolicyError(f"{table}: a row has no source: {row}")
    if row["source"] != DEFAULT and not row.get("confidence"):
        raise PolicyError(f"{table}: a row has no confidence: {row}")
    first, last = row.get("from"), row.get("until")
    if first and last and last < first:
        raise PolicyError(f"{table}: a row ends on {last} before it begins on {first}")


def _all_in_force(rows: tuple[Mapping[str, Any], ...], on: date) -> tuple[Mapping[str, Any], ...]:
    return tuple(row for row in rows if _in_force(row, on))


def _in_force(row: Mapping[str, Any], on: date) -> bool:
    first, last = row.get("from"), row.get("until")
    return (first is None or first <= on) and (last is None or on <= last)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise PolicyError(f"a policy row holds a {type(value).__name__}")
