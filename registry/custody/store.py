"""The keys over ID numbers as sealed files: argon2id and an AEAD, under a passphrase of their own.

The file format is that of the signing keys; what is inside is a secret of 32 bytes that no trust
list names and that signs nothing.
"""

import os
from collections.abc import Callable
from pathlib import Path

from keys import custody, sealed
from keys.errors import SealedFileError
from keys.sealed import MODERATE, Cost
from keys.signer import KeyPair
from registry.config import Config, ConfigError
from registry.custody.personal import Personal, PersonalKey


def create(
    config: Config, name: str, random: Callable[[int], bytes] = os.urandom, cost: Cost = MODERATE
) -> None:
    """Make one more key; it is used from the next start on when its number is the highest.

    Raises:
        ConfigError: no passphrase file is set.
        SealedFileError: the key exists already or cannot be written.
    """
    passphrase = _passphrase(config)
    config.personal.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = config.personal / sealed.file_name(name)
    sealed.seal_file(path, name, KeyPair.generate(random), passphrase, random, cost)


def open_personal(config: Config, random: Callable[[int], bytes] = os.urandom) -> Personal:
    """Open every key over ID numbers; the one with the highest number is used for what is new.

    Raises:
        ConfigError: no passphrase file is set, or there is no key.
        SealedFileError: a damaged file or a wrong passphrase.
    """
    passphrase = _passphrase(config)
    names = sorted(custody.inventory(config.personal), key=_order, reverse=True)
    if not names:
        raise ConfigError(f"no key over ID numbers in {config.personal}")
    keys = tuple(
        PersonalKey(name, _secret(config.personal / sealed.file_name(name), name, passphrase))
        for name in names
    )
    return Personal(keys, random)


def _order(name: str) -> list[tuple[int, str]]:
    """Names in the order of their numbers: ``personal.10`` comes after ``personal.9``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in name.split(".")]


def _secret(path: Path, name: str, passphrase: bytes) -> bytes:
    return sealed.open_file(path, name, passphrase).seed


def _passphrase(config: Config) -> bytes:
    if config.personal_passphrase_file is None:
        raise ConfigError(
            "HALLMARK_PERSONAL_PASSPHRASE_FILE is not set: name a file that only you can read"
        )
    try:
        return custody.read_passphrase(config.personal_passphrase_file)
    except SealedFileError as error:
        raise ConfigError(str(error)) from None
