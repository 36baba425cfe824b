"""What every command over a folder does alike: its settings, its faults, its exit status."""

import argparse
import os
import sys
from pathlib import Path

from sqlalchemy.exc import ArgumentError, OperationalError

from keys import custody
from keys.errors import CeremonyError, SealedFileError
from registry.config import Config, ConfigError
from registry.records.errors import RevisionError
from registry.work.context import WorkError
from schemas.errors import FormatError

FAILED = 1
"""Exit status of a command that could not do what it was asked."""
TROUBLE = (
    ConfigError, WorkError, RevisionError, SealedFileError, CeremonyError, FormatError, OSError,
)  # fmt: skip
"""Faults whose own sentence tells an operator what to do, and nothing personal."""
DATABASE = (ArgumentError, OperationalError)
"""A URL that is none, or a database that does not answer; SQLAlchemy tells no parameters."""


def parser(name: str, about: str | None) -> argparse.ArgumentParser:
    """The parser of a command, with the option that all of them take."""
    made = argparse.ArgumentParser(prog=f"hallmark {name}", description=about)
    made.add_argument("--dir", type=Path, help="the registry's folder (default: HALLMARK_DIR)")
    return made


def config(arguments: argparse.Namespace) -> Config:
    """The settings of the folder that was asked for.

    Raises:
        ConfigError: a setting cannot be used.
    """
    if arguments.dir is None:
        return Config.from_environment(os.environ)
    return Config.for_folder(arguments.dir, os.environ)


def passphrase(file: Path | None, setting: str) -> bytes:
    """The passphrase in a file that a setting names.

    Raises:
        ConfigError: the setting is missing.
        SealedFileError: others may read the file, or there is nothing in it.
    """
    if file is None:
        raise ConfigError(f"{setting} is not set: name a file that only you can read")
    return custody.read_passphrase(file)


def fail(error: Exception) -> int:
    """Tell a fault in one line; answers the exit status."""
    print(f"hallmark: {error}", file=sys.stderr)
    return FAILED
