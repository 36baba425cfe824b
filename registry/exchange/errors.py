"""What is wrong with a file or with one of its cells, as codes that the rules' table words."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one row; ``code`` and ``parameters`` as in ``data/reasons.toml``."""

    row: int
    """Row as the spreadsheet shows it, heading = 1."""
    column: str | None
    """Key of the column, or None when it is about the whole row."""
    code: str
    parameters: dict[str, str] = field(default_factory=dict)


class WorkbookError(Exception):
    """The file as a whole cannot be taken.

    ``code`` and ``parameters`` are those of ``data/reasons.toml``, like a :class:`Problem`'s.
    """

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(f"{code} {parameters}" if parameters else code)
        self.code = code
        self.parameters = {name: str(value) for name, value in parameters.items()}
