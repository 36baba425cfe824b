"""Errors about what stands, or does not stand, in the records."""


class NotFoundError(Exception):
    """No such record, or none that this actor may see: the two are not told apart."""

    def __init__(self, what: str, name: object) -> None:
        super().__init__(f"no {what} {name}")
        self.what = what
        self.name = name
