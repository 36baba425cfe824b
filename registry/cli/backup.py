"""Backups: a key for them, taking one, checking one, and restoring one into an empty place."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from keys import sealed, stream
from keys.errors import SealedStreamError
from keys.signer import KeyPair
from registry.backup import parts, reading, recipient
from registry.backup.errors import BackupError
from registry.backup.parts import Head, Manifest
from registry.cli import common
from registry.config import Config
from registry.records.session import open_engine
from registry.records.session import reading as reading_maker
from registry.work import dumping, restoring
from registry.work.dumping import Wanted
from registry.work.restoring import Place
from schemas.dates import utc

PASSPHRASE = "HALLMARK_BACKUP_PASSPHRASE_FILE"
"""Environment: file with the passphrase of the backup key's private half."""
SUFFIX = ".backup"
_TROUBLE = (*common.TROUBLE, *common.DATABASE, BackupError, SealedStreamError)


def backup(argv: list[str]) -> int:
    """Write an encrypted backup while others work; make its key; check one."""
    parser = common.parser("backup", backup.__doc__)
    parser.add_argument("target", nargs="?", type=Path, help="file to write, or folder for it")
    parser.add_argument(
        "--new-key",
        type=Path,
        metavar="FILE",
        help="make the key: its private half goes into FILE, to be kept elsewhere",
    )
    parser.add_argument("--check", type=Path, metavar="BACKUP", help="read a whole backup instead")
    parser.add_argument("--key", type=Path, metavar="FILE", help="private half, for --check")
    parser.add_argument(
        "--with-keys",
        action="store_true",
        help="also the sealed signing keys (read schemas/spec/threats.md first)",
    )
    parser.add_argument(
        "--keep",
        type=int,
        metavar="N",
        help="afterwards leave only the newest N backups of the folder",
    )
    arguments = parser.parse_args(argv)
    asked = [arguments.target, arguments.new_key, arguments.check]
    if sum(each is not None for each in asked) != 1:
        parser.error("give a target, or --new-key FILE, or --check BACKUP")
    if arguments.keep is not None and (arguments.keep < 1 or not arguments.target.is_dir()):
        parser.error("--keep needs at least 1 and, as target, a folder that is there")
    try:
        if arguments.new_key is not None:
            return _new_key(common.config(arguments), arguments.new_key)
        if arguments.check is not None:
            return _check(arguments.check, arguments.key)
        return _take(common.config(arguments), arguments)
    except _TROUBLE as error:
        return common.fail(error)


def restore(argv: list[str]) -> int:
    """Restore a backup into an empty folder and an empty database."""
    parser = argparse.ArgumentParser(prog="hallmark restore", description=restore.__doc__)
    parser.add_argument("backup", type=Path)
    parser.add_argument("--dir", type=Path, required=True, help="new folder, or an empty one")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", required=True, help="private half of the backup key"
    )
    parser.add_argument(
        "--database", metavar="URL", help="an empty database; default: an SQLite file in the folder"
    )
    arguments = parser.parse_args(argv)
    url = arguments.database or os.environ.get("HALLMARK_DATABASE_URL")
    try:
        with _opened(arguments.backup, arguments.key) as (file, pair):
            messages = stream.read(file, parts.KIND, pair)
            place = Place(arguments.dir.resolve(), url)
            restored = restoring.restore(messages, place, int(time.time()))
    except _TROUBLE as error:
        return common.fail(error)
    print(_summary(restored.head, restored.manifest))
    print(_next_steps(arguments.dir, restored.head))
    return 0


def key_pair(path: Path) -> KeyPair:
    """Open the private half of the backup key.

    Raises:
        ConfigError: the environment names no passphrase.
        SealedFileError: not the file, or not its passphrase.
    """
    file = os.environ.get(PASSPHRASE)
    passphrase = common.passphrase(Path(file) if file else None, PASSPHRASE)
    return sealed.open_file(path, recipient.NAME, passphrase)


def _new_key(config: Config, path: Path) -> int:
    if recipient.read(config.folder) is not None:
        raise BackupError(
            f"{config.folder / recipient.FILE} is there already; move it away to begin a new key "
            "(older backups open with the older key only)"
        )
    file = os.environ.get(PASSPHRASE)
    passphrase = common.passphrase(Path(file) if file else None, PASSPHRASE)
    pair = KeyPair.generate(os.urandom)
    sealed.seal_file(path, recipient.NAME, pair, passphrase, os.urandom)
    key_pair(path)  # opened before anything relies on it
    with _written(config.folder / recipient.FILE) as out:
        out.write(recipient.text(pair.public))
    print(f"{path}: private half. Keep two copies and the passphrase away from this machine.")
    print(f"{config.folder / recipient.FILE}: public half. Every backup is sealed for it.")
    return 0


def _take(config: Config, arguments: argparse.Namespace) -> int:
    public = recipient.read(config.folder)
    if public is None:
        raise BackupError("there is no backup key yet; run: hallmark backup --new-key FILE")
    now, target = int(time.time()), arguments.target
    if target.is_dir():
        target = target / f"hallmark-{utc(now).replace(':', '').replace('-', '')}{SUFFIX}"
    if target.exists():
        raise BackupError(f"{target} exists; a backup is never written over")
    wanted = Wanted(config=config, now=now, keys=arguments.with_keys, told=_progress)
    maker = reading_maker(open_engine(config.database_url))
    with _written(target) as out:
        writer = stream.Writer(out, stream.Label(parts.KIND, public))
        manifest = dumping.take(maker, wanted, writer)
    print(f"{target}: {manifest.rows} rows, {len(manifest.files)} files, "
          f"{target.stat().st_size} bytes, SHA-256 {_digest(target)}")  # fmt: skip
    if arguments.keep is not None:
        for old in sorted(target.parent.glob(f"hallmark-*Z{SUFFIX}"))[: -arguments.keep]:
            old.unlink()
            print(f"{old}: removed")
    return 0


def _check(path: Path, key: Path | None) -> int:
    if key is None:
        raise BackupError("--check needs --key FILE: only the private half opens a backup")
    with _opened(path, key) as (file, pair):
        head, manifest = reading.read(stream.read(file, parts.KIND, pair), reading.Nowhere())
    print(_summary(head, manifest))
    print("whole and unchanged")
    return 0


def _summary(head: Head, manifest: Manifest) -> str:
    standing = manifest.standing
    lines = [
        f"backup of {head.base}, taken {utc(head.created)} from {head.dialect}, "
        f"tables of {head.revision}",
        f"  rows          {manifest.rows} in {len(manifest.tables)} tables",
        "  certificates  " + (", ".join(
            f"{count} {state}" for state, count in sorted(standing["certificates"].items())
        ) or "none"),
        f"  audit head    line {standing['audit'][0]}, {standing['audit'][1][:16]}…",
        f"  last change   {standing['change']}",
        *(f"  {path:<13} sequence {sequence}"
          for path, sequence in sorted(standing["sequences"].items())),
        f"  files         {len(manifest.files)}: {', '.join(manifest.files)}",
        f"  signing keys  {'in it, sealed' if head.keys else 'not in it'}",
    ]  # fmt: skip
    return "\n".join(lines)


def _next_steps(folder: Path, head: Head) -> str:
    keys = "" if head.keys else f"\n  - put the sealed signing keys back into {folder / 'keys'}/"
    return f"""restored into {folder}
nothing is numbered, issued or published before these steps:{keys}
  - put the newest copy of the public files into {folder / "public"}/
  - run: hallmark recover --dir {folder} --key FILE
  - then start: hallmark serve and hallmark work
registry/work/README.md, "Backup and recovery", tells each step."""


def _progress(name: str, count: int) -> None:
    print(f"  {name:<28} {count:>12}", file=sys.stderr, flush=True)


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(2**20):
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def _opened(path: Path, key: Path) -> Iterator[tuple[BinaryIO, KeyPair]]:
    with path.open("rb") as file:
        stream.label(file, parts.KIND)  # before the passphrase is stretched for nothing
        file.seek(0)
        yield file, key_pair(key)


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    """A file that appears whole, for its owner only, or not at all."""
    partial = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(partial, path)
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    finally:
        partial.unlink(missing_ok=True)
