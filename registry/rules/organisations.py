"""Sites and assessing bodies as the rules see them: standing on a day is a question, not a flag."""

from dataclasses import dataclass
from datetime import date

from registry.rules.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One occupation, some of its levels, a period: an accreditation (认定) or a filing (备案)."""

    occupation: str
    levels: frozenset[str]
    period: Period

    def covers(self, occupation: str, level: str, on: date) -> bool:
        """Whether that occupation and level was covered on that day."""
        return self.occupation == occupation and level in self.levels and self.period.covers(on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A pause (暂停) of a site or an examiner; None means every occupation, every level."""

    period: Period
    occupation: str | None = None
    levels: frozenset[str] | None = None

    def covers(self, occupation: str, level: str, on: date) -> bool:
        """Whether work on that occupation and level was paused on that day."""
        return (
            self.period.covers(on)
            and self.occupation in (None, occupation)
            and (self.levels is None or level in self.levels)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An assessment site (鉴定站点)."""

    number: str
    """Eight digits: province or industry 2, city 2, organisation type 1, serial 3."""
    province: str
    """Two digits of GB/T 2260."""
    name: str = ""
    serial: str | None = None
    """Six digits set by the province, used in 22-character numbers; None until it is set."""
    accreditations: tuple[Scope, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    removed: date | None = None
    """First day after removal from the directory (清出目录)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The assessing body (评价机构) that a site works for."""

    id: str
    """Opaque issuer id."""
    letter: str | None = None
    """``Y`` employer or ``S`` social body; None until the filing says so."""
    code: str | None = None
    """Four digits set by MOHRSS, ``0000`` when filed with a province."""
    filings: tuple[Scope, ...] = ()
