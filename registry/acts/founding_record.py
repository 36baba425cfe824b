"""A plan on its way into the registry: what is there already, what is new, what is wrong."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from registry.custody.personal import Personal
from registry.records.errors import NotFoundError
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.founding import Account, Plan, Scope


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """The password that an account is opened with."""

    text: str = field(repr=False)
    until: int | None
    """Until when it opens anything, and then only to choose another; None for an ordinary one."""


@dataclass(slots=True)
class Founding:
    """A plan on its way into the registry: record ids by label, what was added, every fault."""

    session: Session
    now: int
    personal: Personal
    plan: Plan
    url: str
    """Address of bodies that give none."""
    password: Callable[[Account], FirstPassword]
    """Asked once for every account that is opened."""
    bodies: dict[str, int] = field(default_factory=dict)
    sites: dict[str, int] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    examiners: dict[str, int] = field(default_factory=dict)
    added: Counter[str] = field(default_factory=Counter)
    """Table of the plan -> rows that are new in the registry."""
    faults: list[Reason] = field(default_factory=list)
    occupations: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    """Key or printed code -> record id and levels."""

    @contextmanager
    def at(self, path: str) -> Iterator[None]:
        """Note what is refused inside as a fault of the value at ``path``; the rest goes on."""
        try:
            yield
        except RefusedError as error:
            self.faults += [Reason(each.code, each.parameters, path) for each in error.reasons]
        except NotFoundError as error:
            self.faults.append(reason("founding_reference", path, name=str(error.name)))

    def same(self, path: str, said: Mapping[str, object], recorded: Mapping[str, object]) -> None:
        """Note every field in which the plan and what is recorded differ."""
        for name, value in said.items():
            if value != recorded[name]:
                kept = "-" if recorded[name] is None else str(recorded[name])
                self.faults.append(reason("founding_differs", f"{path}.{name}", recorded=kept))

    def scopes(self, path: str, scope: Scope) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Record id and levels of every occupation of a scope; unknown ones are faults."""
        for number, wanted in enumerate(scope.occupations):
            found = self.occupations.get(wanted)
            if found is None:
                where = f"{path}.occupations[{number}]"
                self.faults.append(reason("founding_occupation", where, occupation=wanted))
                continue
            for level in scope.levels:
                if level not in found[1]:
                    self.faults.append(
                        reason("founding_level", f"{path}.levels", occupation=wanted, level=level)
                    )
            yield found[0], tuple(scope.levels)

    def missing(
        self, path: str, scope: Scope, recorded: Iterable[tuple[int, str, date, date | None, str]]
    ) -> Iterator[tuple[int, list[str]]]:
        """What of a scope is not recorded yet: occupations with their new levels.

        Args:
            path: of the scope.
            scope: what the plan says.
            recorded: occupation, level, first day, last day and source of every recorded row.
        """
        known: dict[tuple[int, str, date], set[tuple[date | None, str]]] = {}
        for occupation, level, first, last, source in recorded:
            known.setdefault((occupation, level, first), set()).add((last, source))
        for occupation, levels in self.scopes(path, scope):
            new = []
            for level in levels:
                rows = known.get((occupation, level, scope.from_on))
                if rows is None:
                    new.append(level)
                elif (scope.until_on, scope.source) not in rows:
                    last, source = min(rows, key=str)
                    kept = f"{scope.from_on} – {last or '…'} {source}".rstrip()
                    self.faults.append(reason("founding_differs", path, recorded=kept))
            if new:
                yield occupation, new
