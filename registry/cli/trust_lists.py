"""The next trust list: signed by custodians into ``DIR/trust``, then put where everybody reads it.

Signing and publishing are two acts, because they happen on two machines: the custodians meet where
no network is, and what they have signed travels as a file.
"""

import argparse
from pathlib import Path

from keys import sealed, succession
from keys.errors import CeremonyError
from keys.signer import Signer
from keys.succession import Change
from registry.cli import common
from registry.config import Config, ConfigError
from registry.publish.storage import public_tree
from registry.publish.tree import FolderTree, PublicTree
from registry.work import open
from schemas.certificate import Instant
from schemas.trust import TrustList
from verifier.trust import Trust


def custodians(parser: argparse.ArgumentParser) -> None:
    """Add the options with which custodians sign."""
    parser.add_argument(
        "--custodian", action="append", default=[], metavar="LABEL=FILE",
        help="a root holder and the file with that person's own passphrase",
    )  # fmt: skip
    parser.add_argument(
        "--media", type=Path, help="folder with a folder per custodian (default: DIR/custodians)"
    )


def newest(config: Config) -> bytes:
    """The newest list that is signed, published or not.

    Raises:
        CeremonyError: there is none.
    """
    found = [_last(tree) for tree in (FolderTree(config.folder), public_tree(config))]
    number, data = max(found)
    if not number:
        raise CeremonyError(f"no trust list in {config.folder}; hold the key ceremony first")
    return data


def opened(config: Config, data: bytes) -> TrustList:
    """Open a list under this registry's root; raises FormatError and SignatureError."""
    return succession.open_list(data, succession.open_root(config.root_note.read_bytes()))


def sign(
    config: Config, previous: bytes, change: Change, arguments: argparse.Namespace, now: Instant
) -> bytes:
    """Have the custodians who are present sign the list that follows ``previous``.

    Raises:
        CeremonyError: the change breaks the rule of succession, or too few sign.
        SealedFileError: a custodian's key does not open.
    """
    root = config.root_note.read_bytes()
    return succession.next_trust_list(previous, root, [change], _holders(config, arguments), now)


def stage(config: Config, data: bytes) -> Path:
    """Write a signed list into ``DIR/trust``; answers its path."""
    path = f"trust/{opened(config, data).version}"
    FolderTree(config.folder).put(path, data)
    return config.folder / path


def publish(config: Config, file: Path | None, now: Instant) -> Trust:
    """Put the next list into the public tree; answers what everybody believes then.

    Raises:
        CeremonyError: it does not follow the published one, or it is from the future.
    """
    tree = public_tree(config)
    number, last = _last(tree)
    if not number:
        raise CeremonyError("no trust list is published; hold the key ceremony first")
    root = config.root_note.read_bytes()
    following_file = file or config.folder / "trust" / str(number + 1)
    if not following_file.exists():
        raise CeremonyError(f"no signed list waits as {following_file}")
    data = following_file.read_bytes()
    if data == last:
        return open.open_trust(config.root_note, tree)
    following = succession.check_next(last, data, root)
    if following.issued > now:
        raise CeremonyError("the list was signed by a clock that is ahead of this one")
    tree.put_all({
        f"trust/{following.version}": data, "trust/latest": data,
    })  # fmt: skip
    # Read back as any verifier would, from version 1 on.
    return open.open_trust(config.root_note, tree)


def _holders(config: Config, arguments: argparse.Namespace) -> dict[str, Signer]:
    """Open the keys of the custodians who are present.

    Raises:
        ConfigError: an unknown label, or no passphrase file.
        CeremonyError: fewer than the root asks for.
        SealedFileError: a key file that is missing or does not open.
    """
    root = succession.open_root(config.root_note.read_bytes())
    known = {holder.name.rpartition("/")[2]: holder.name for holder in root.holders}
    media = arguments.media or config.folder / "custodians"
    given = dict(each.partition("=")[::2] for each in arguments.custodian)
    if len(given) < root.threshold:
        raise CeremonyError(f"{len(given)} custodians sign, {root.threshold} are needed")
    found: dict[str, Signer] = {}
    for label, file in given.items():
        if label not in known:
            raise ConfigError(f"the root has no holder {label!r:.40}, only {', '.join(known)}")
        passphrase = common.passphrase(Path(file) if file else None, f"--custodian {label}=")
        name = known[label]
        found[name] = sealed.open_file(media / label / sealed.file_name(name), name, passphrase)
    return found


def _last(tree: PublicTree) -> tuple[int, bytes]:
    """Version and bytes of the newest list in a tree; 0 and nothing where there is none."""
    names = (path.removeprefix("trust/") for path in tree.list("trust/"))
    last = max((int(name) for name in names if name.isascii() and name.isdigit()), default=0)
    return last, (tree.get(f"trust/{last}") if last else None) or b""
