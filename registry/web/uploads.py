"""Workbooks between the trial run and the import: kept in the folder, read by their owner only."""

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from fastapi import UploadFile

from registry.web.problems import Problem
from registry.web.words import mark
from schemas.certificate import Instant

KEEP_SECONDS = 24 * 3600
"""A workbook that nobody imported is removed after a day: it holds ID numbers."""

_MOST_NAME = 200
"""Characters of a file's name that are kept; the end tells more than the beginning."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A workbook that waits to be imported."""

    account: int
    batch: int
    file_name: str
    at: Instant
    about: dict[str, str] = field(default_factory=dict)
    """What the form said of the workbook."""


def file_name(file: UploadFile) -> str:
    """What the sender calls the file, as it may be kept and shown: one line, nothing unprintable.

    A form may say its own encoding, so half characters and NUL come in here and nowhere else.
    """
    return "".join(each for each in file.filename or "" if each.isprintable())[-_MOST_NAME:]


def keep(folder: Path, kept: Kept, data: bytes) -> str:
    """Keep a workbook and answer the random name under which it is asked for again."""
    place = folder / "uploads"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget_old(place, kept.at)
    name = secrets.token_urlsafe(18)
    for ending, content in (("data", data), ("json", json.dumps(asdict(kept)).encode())):
        file = os.open(place / f"{name}.{ending}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
    return name


def find(folder: Path, name: str, account: int, batch: int) -> tuple[Kept, bytes]:
    """The workbook of that name.

    Raises:
        Problem: 404 where it is not there any more, or is another account's or batch's.
    """
    missing = Problem(404, mark("这次上传已经过期，请重新上传成绩表。"))
    if not name.replace("-", "").replace("_", "").isalnum():
        raise missing
    try:
        kept = Kept(**json.loads((folder / "uploads" / f"{name}.json").read_bytes()))
        data = (folder / "uploads" / f"{name}.data").read_bytes()
    except FileNotFoundError:
        raise missing from None
    if (kept.account, kept.batch) != (account, batch):
        raise missing
    return kept, data


def forget(folder: Path, name: str) -> None:
    """Remove a workbook that was imported."""
    for ending in ("data", "json", "rows", "problems", "marked"):
        (folder / "uploads" / f"{name}.{ending}").unlink(missing_ok=True)


def _forget_old(place: Path, now: Instant) -> None:
    for description in place.glob("*.json"):
        try:
            kept = Kept(**json.loads(description.read_bytes()))
        except (OSError, ValueError, TypeError):
            continue
        if kept.at + KEEP_SECONDS < now:
            forget(place.parent, description.stem)


def keep_stream(folder: Path, file: BinaryIO) -> tuple[str, bytes]:
    """Keep a long upload without having it in memory; answers its random name and its SHA-256.

    Raises:
        OSError: the disk is full; nothing is left behind.
    """
    place = folder / "uploads"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    name, digest = secrets.token_urlsafe(18), hashlib.sha256()
    path = place / f"{name}.zip"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            while part := file.read(1 << 20):
                digest.update(part)
                kept.write(part)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return name, digest.digest()
