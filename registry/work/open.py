"""Opening a worker's context from settings: database, sealed keys, public tree, trust."""

import os
import secrets
import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from keys import custody
from keys.signer import Signer
from registry.config import Config, ConfigError
from registry.custody import store
from registry.publish.storage import public_tree
from registry.publish.tree import FolderTree, PublicTree, TreeError, TreeSource
from registry.records.session import open_engine, reading, writing
from registry.work.context import Context, WorkError
from verifier.sources import Memory
from verifier.trust import Trust, TrustError


def context(
    config: Config,
    clock: Callable[[], int],
    *,
    random: Callable[[int], bytes] = os.urandom,
    signers: Mapping[str, Signer] | None = None,
) -> Context:
    """Open everything that a worker needs.

    Args:
        config: the registry's settings.
        clock: UTC seconds.
        random: source of identities and nonces.
        signers: already opened keys by name; without them the sealed files are opened.

    Raises:
        ConfigError: no passphrase file is set.
        SealedFileError: a damaged key file or a wrong passphrase.
        WorkError: there is no root, or no trust list that leads to it.
    """
    engine = open_engine(config.database_url)
    tree = public_tree(config)
    has_personal = config.personal_passphrase_file is not None
    return Context(
        config=config,
        reading=reading(engine),
        writing=writing(engine),
        signers=open_signers(config) if signers is None else signers,
        tree=tree,
        trust=open_trust(config.root_note, tree),
        clock=clock,
        random=random,
        personal=store.open_personal(config, random) if has_personal else None,
        worker=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
    )


def open_signers(config: Config, names: Iterable[str] | None = None) -> Mapping[str, Signer]:
    """Open this machine's sealed signing keys, or only those of ``names``."""
    if config.passphrase_file is None:
        raise ConfigError("HALLMARK_PASSPHRASE_FILE is not set: name a file that only you can read")
    passphrase = custody.read_passphrase(config.passphrase_file)
    return custody.open_folder(config.keys, passphrase, names)


def open_trust(root_note: Path, public: Path | PublicTree, memory: Memory | None = None) -> Trust:
    """Open our own anchor and newest trust list, as any verifier would.

    Raises:
        TreeError: the storage does not answer.
        WorkError: there is no root, or no trust list that leads to it.
    """
    tree = FolderTree(public) if isinstance(public, Path) else public
    try:
        return Trust.load(root_note.read_bytes(), TreeSource(tree), memory)
    except TreeError:
        raise
    except OSError as error:
        raise WorkError(f"{root_note}: {error.strerror}; hold the key ceremony first") from None
    except TrustError as error:
        raise WorkError(f"our own trust list: {error}") from None
