"""Scans of existing certificates: which there are, and one opened for an officer."""

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from registry.custody.personal import Personal
from registry.queries import scope
from registry.records.errors import NotFoundError
from registry.records.legacy import LegacyEntry, LegacyImage
from registry.rules.permissions import Actor
from schemas.certificate import Instant

TABLE = "legacy_images"
"""Name of the table inside the associated data of sealed scans."""


@dataclass(frozen=True, slots=True)
class ImageRow:
    """A scan in a list."""

    id: int
    media_type: str
    size: int
    file_name: str
    sha256: bytes
    attached_at: Instant


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """A scan as it was given."""

    media_type: str
    content: bytes


def of_entry(session: Session, entry_id: int) -> tuple[ImageRow, ...]:
    """Scans of an entry that were not taken off, oldest first."""
    rows = session.execute(
        select(
            LegacyImage.id, LegacyImage.media_type, LegacyImage.size, LegacyImage.file_name,
            LegacyImage.sha256, LegacyImage.attached_at,
        )
        .where(LegacyImage.entry_id == entry_id, LegacyImage.removed_at.is_(None))
        .order_by(LegacyImage.id)
    )  # fmt: skip
    return tuple(ImageRow(*row) for row in rows)


def opened(
    session: Session, actor: Actor, personal: Personal, entry_id: int, image_id: int
) -> OpenedImage:
    """One scan of an entry of the actor's province.

    Raises:
        NotFoundError: there is none, or none that this actor may see.
        PersonalKeyError: it does not open for its row.
    """
    image = session.scalars(
        select(LegacyImage)
        .join(LegacyEntry, LegacyEntry.id == LegacyImage.entry_id)
        .where(
            LegacyImage.id == image_id, LegacyImage.entry_id == entry_id,
            LegacyImage.removed_at.is_(None), scope.legacy(actor),
        )
    ).one_or_none()  # fmt: skip
    if image is None:
        raise NotFoundError("legacy image", image_id)
    content = personal.open_content(image.sealed, TABLE, image.uid, image.key_name)
    return OpenedImage(image.media_type, content)


def numbers_of_import(session: Session, actor: Actor, import_id: int) -> dict[int, str]:
    """Number of every entry of an import, by record id: what files of a ZIP are matched with."""
    rows = session.execute(
        select(LegacyEntry.id, LegacyEntry.number).where(
            LegacyEntry.import_id == import_id, LegacyEntry.removed_at.is_(None),
            scope.legacy(actor),
        )
    )  # fmt: skip
    return {row.id: row.number for row in rows}


def without(
    session: Session, actor: Actor, import_id: int, limit: int = 100
) -> tuple[int, tuple[tuple[int, str], ...]]:
    """How many entries of an import have no scan, and the first of them as id and number."""
    bare = (
        LegacyEntry.import_id == import_id,
        LegacyEntry.removed_at.is_(None),
        scope.legacy(actor),
        ~exists().where(LegacyImage.entry_id == LegacyEntry.id, LegacyImage.removed_at.is_(None)),
    )
    count = session.scalars(select(func.count()).select_from(LegacyEntry).where(*bare)).one()
    rows = session.execute(
        select(LegacyEntry.id, LegacyEntry.number)
        .where(*bare)
        .order_by(LegacyEntry.id)
        .limit(limit)
    )
    return count, tuple((row.id, row.number) for row in rows)
