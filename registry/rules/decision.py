"""What a rule answers: granted on named grounds, or refused for named reasons.

A reason is a stable code with its parameters; its words and the role that can resolve it stand in
``registry/data/reasons.toml`` (see :mod:`registry.rules.words`), so that pages, workbooks and API
say the same and a new wording never changes a code that programs rely on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from registry.rules import words


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is refused. Build it with :func:`reason`, which checks code and parameters."""

    code: str
    parameters: tuple[tuple[str, str], ...] = ()
    """Name and text of every placeholder of the sentence, in order of name."""
    column: str | None = None
    """Key of the workbook column (``identity``, ``assessed``, …) that the reason points at."""

    @property
    def who(self) -> str:
        """Role that can resolve it: ``site_registrar``, ``administrator``, … or ``nobody``."""
        return words.who(self.code)

    def sentence(self, language: str = "zh") -> str:
        """The reason in words, ``zh`` or ``en``."""
        return words.sentence(self.code, dict(self.parameters), language)

    def as_dict(self) -> dict[str, Any]:
        """JSON shape for audit lines, API answers and stored decisions."""
        shape: dict[str, Any] = {
            "code": self.code, "parameters": dict(self.parameters), "who": self.who
        }  # fmt: skip
        if self.column is not None:
            shape["column"] = self.column
        return shape


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that a grant rests on: the check's name and the facts it saw."""

    code: str
    parameters: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON shape, stored with the decision."""
        return {"code": self.code, "parameters": dict(self.parameters)}


@dataclass(frozen=True, slots=True)
class Granted:
    """Yes, on these grounds, under the policy of this version."""

    grounds: tuple[Ground, ...]
    policy: str
    """Version digest of the policy that was applied (:attr:`.policy.Policy.version`)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No, for every one of these reasons (never empty)."""

    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        if not self.reasons:
            raise ValueError("a refusal needs a reason")


Decision: TypeAlias = Granted | Refused


class RefusedError(Exception):
    """Raised where a refusal ends the work: carries the reasons."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__("; ".join(reason.sentence("en") for reason in reasons))
        self.reasons = reasons


def reason(code: str, column: str | None = None, /, **parameters: object) -> Reason:
    """A reason of the table; ``parameters`` must be exactly the placeholders of its sentence.

    Raises:
        KeyError: the code is not in the table, or the parameters are not the sentence's own.
    """
    expected = words.placeholders(code)
    if expected != frozenset(parameters):
        raise KeyError(f"reason {code} takes {sorted(expected)}, not {sorted(parameters)}")
    ordered = tuple(sorted((name, str(value)) for name, value in parameters.items()))
    return Reason(code, ordered, column)


def ground(code: str, /, **parameters: object) -> Ground:
    """A ground with its parameters as text."""
    return Ground(code, tuple(sorted((name, str(value)) for name, value in parameters.items())))


def require(decision: Decision) -> Granted:
    """The grant, or :class:`RefusedError` with the reasons."""
    if isinstance(decision, Refused):
        raise RefusedError(*decision.reasons)
    return decision


def in_words(
    reasons: Iterable[Reason], labels: Mapping[str, str] | None = None, language: str = "zh"
) -> str:
    """Reasons as one line of text for a cell: each with its column's label and who resolves it.

    Args:
        reasons: in the order to be read.
        labels: column key -> heading; a reason without a label stands alone.
        language: ``zh`` or ``en``.
    """
    separator, colon, brackets = (
        ("；", "：", "（{}处理）") if language == "zh" else ("; ", ": ", " ({})")
    )
    parts = []
    for each in reasons:
        label = (labels or {}).get(each.column or "")
        text = each.sentence(language).rstrip("。.")
        head = f"{label}{colon}{text}" if label else text
        parts.append(head + brackets.format(words.who_name(each.who, language)))
    return separator.join(parts)
