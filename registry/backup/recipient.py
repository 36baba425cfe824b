"""For whom backups are sealed: a public key in the registry's folder, its private half elsewhere.

``backup.pub`` is two lines: ``hallmark-backup-key/1`` and the Ed25519 key in base64url.
"""

from pathlib import Path

from keys.errors import PublicKeyError
from keys.signer import PublicKey
from keys.suites import ED25519
from registry.backup.errors import BackupError
from schemas.errors import FormatError
from schemas.json_object import from_base64url, to_base64url

FILE = "backup.pub"
HEADER = "hallmark-backup-key/1"
NAME = "backup"
"""Name under which the private half is sealed in its file."""


def text(public: PublicKey) -> bytes:
    """The file's bytes."""
    return f"{HEADER}\n{to_base64url(public.raw)}\n".encode()


def read(folder: Path) -> PublicKey | None:
    """The recipient of a registry's backups; None where no key was made yet.

    Raises:
        BackupError: the file is damaged.
    """
    path = folder / FILE
    try:
        lines = path.read_text("utf-8").split("\n")
        if len(lines) != 3 or lines[0] != HEADER or lines[2]:
            raise FormatError("not a backup key")
        return PublicKey(ED25519, from_base64url(lines[1]))
    except FileNotFoundError:
        return None
    except (FormatError, PublicKeyError, UnicodeDecodeError, ValueError):
        raise BackupError(f"{path} is damaged: bring it back from a backup's folder") from None
