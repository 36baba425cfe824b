"""A database restored from a backup must not take back what is public already."""

from collections.abc import Mapping

from registry.publish import evidence
from registry.work import standing
from registry.work.context import Context
from schemas.errors import FormatError
from schemas.tile import IssuedTile
from schemas.token_status import TokenStatusList


def refuse_older(context: Context, values: Mapping[str, TokenStatusList | IssuedTile]) -> None:
    """Refuse to publish from a database that is older than the public files.

    Raises:
        WorkError: what was ended would be valid again, or what was issued would not be there.
    """
    for path, value in values.items():
        before = context.tree.get(path)
        try:
            count = 0 if before is None else evidence.forgotten(before, value)
        except FormatError:
            continue  # damaged, so it says nothing that could be lost
        if count:
            standing.refuse(context, int(path.split("/")[1]))
