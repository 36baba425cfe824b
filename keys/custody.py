"""A folder of sealed key files, and the signers in it.

Only processes that sign open it; the web process is given neither the passphrase nor a signer. A
token or a remote signer will stand beside it as another source of signers by name.
"""

import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from keys import sealed
from keys.errors import SealedFileError
from keys.sealed import MODERATE, Cost
from keys.signer import KeyPair, PublicKey, Random, Signer

_MAX_PASSPHRASE = 1024


def read_passphrase(path: Path) -> bytes:
    """Read the passphrase from a file of one line; a line end after it does not belong to it.

    Raises SealedFileError when the file cannot be read, is empty, has several lines, or may be read
    by every user of the machine.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            data = file.read(_MAX_PASSPHRASE + 2)
    except OSError as error:
        raise SealedFileError(f"cannot read the passphrase in {path}: {error.strerror}") from None
    if mode & stat.S_IRWXO:
        raise SealedFileError(f"{path} is open to every user of this machine: chmod 600")
    line = data.removesuffix(b"\n").removesuffix(b"\r")
    if not line or b"\n" in line or len(line) > _MAX_PASSPHRASE:
        raise SealedFileError(f"{path} is not one line with a passphrase")
    return line


def create(
    folder: Path, name: str, passphrase: bytes, random: Random, cost: Cost = MODERATE
) -> PublicKey:
    """Make one more key in ``folder``; it signs for nobody until a trust list names it.

    Raises SealedFileError when the key exists already or cannot be written.
    """
    pair = KeyPair.generate(random)
    sealed.seal_file(folder / sealed.file_name(name), name, pair, passphrase, random, cost)
    return pair.public


def inventory(folder: Path) -> dict[str, PublicKey]:
    """Names and public keys of the key files in ``folder``, sorted; needs no passphrase.

    What the files say of themselves is not authenticated until they are opened. Raises
    SealedFileError for a damaged file and for one that was renamed.
    """
    if not folder.is_dir():
        raise SealedFileError(f"{folder} is not a folder of key files")
    keys: dict[str, PublicKey] = {}
    for path in sorted(folder.glob(f"*{sealed.SUFFIX}")):
        header, _ = sealed.parse(sealed.read(path))
        if header.name != sealed.key_name(path):
            raise SealedFileError(f"{path} holds the key {header.name}: it was renamed")
        keys[header.name] = header.public
    return keys


def open_folder(
    folder: Path, passphrase: bytes, names: Iterable[str] | None = None
) -> Mapping[str, Signer]:
    """Open the key files in ``folder``, or only those of ``names``: signers by key name.

    Each file costs its argon2id, about a third of a second. Raises SealedFileError for a missing
    key, a damaged or renamed file, and a wrong passphrase; never returns only a part.
    """
    wanted = inventory(folder) if names is None else list(names)
    return {
        name: sealed.open_file(folder / sealed.file_name(name), name, passphrase) for name in wanted
    }
