"""Errors about what stands, or does not stand, in the records."""


class NotFoundError(Exception):
    """No such record, or none that this actor may see: the two are not told apart."""

    def __init__(self, what: str, name: object) -> None:
        super().__init__(f"no {what} {name}")
        self.what = what
        self.name = name


class RevisionError(Exception):
    """The tables are not those that this program knows; the message says what to do."""

    def __init__(self, sentence: str, *, is_newer: bool) -> None:
        super().__init__(sentence)
        self.is_newer = is_newer
        """A newer program made them: it has migrated this database."""
