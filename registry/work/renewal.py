"""A new trust list, and keys newly put into ``keys/``, reach a worker between two rounds."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from keys import custody
from keys.signer import Signer
from registry.config import Config
from registry.work import open
from registry.work.context import Context
from verifier.sources import SequenceMemory

_Stamp = tuple[tuple[tuple[str, int, int, int], ...], tuple[tuple[str, str], ...]]


class Renewal:
    """Looks whether the anchor, the trust lists or the key files have changed, and opens them anew.

    Files are replaced by rename, so names, inodes and times tell. Asked before every round of a
    worker; without a change it costs a few system calls. A trust list older than one that was seen
    is refused, and while something does not open, the caller must not work: what it held before
    may be what was just closed.
    """

    def __init__(self, context: Context, *, holds_keys: bool = True) -> None:
        """Begin with what a worker has opened at its start.

        Args:
            context: as opened.
            holds_keys: whether its signers are those of the folder; a worker that was given others
                keeps them.
        """
        self._config: Config = context.config
        self._holds_keys = holds_keys
        self._memory = SequenceMemory()
        self._memory.remember("/trust", context.trust.version)
        self._seen: _Stamp = ((), ())

    def __call__(self, context: Context) -> Context:
        """The context to work with now.

        Raises:
            TreeError: the storage of the public files does not answer.
            WorkError: there is no root, or no trust list that leads to it.
            SealedFileError: a damaged key file or a wrong passphrase.
            ConfigError: no passphrase file is set.
        """
        stamp = self._stamp(context)
        if stamp == self._seen:
            return context
        trust = open.open_trust(self._config.root_note, context.tree, self._memory)
        signers = self._signers(context.signers) if self._holds_keys else context.signers
        self._seen = stamp
        if trust.texts == context.trust.texts and signers == context.signers:
            return context
        return replace(context, trust=trust, signers=signers)

    def _signers(self, known: Mapping[str, Signer]) -> Mapping[str, Signer]:
        """What lies in the folder now; a key that is open already is not opened again."""
        there = custody.inventory(self._config.keys)
        kept = {name: each for name, each in known.items() if there.get(name) == each.public}
        new = [name for name in there if name not in kept]
        return {**kept, **open.open_signers(self._config, new)} if new else kept

    def _stamp(self, context: Context) -> _Stamp:
        here = tuple(
            each
            for place in (self._config.root_note, self._config.keys)
            for each in (_at(place), *_inside(place))
        )
        return here, tuple(context.tree.list("trust/").items())


def step(context: Context) -> bool:
    """Nothing: where this step is reached, the renewal before the round went well.

    So a trouble of the renewal is told and taken back like that of any step.
    """
    return False


def _at(path: Path) -> tuple[str, int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return path.name, 0, 0, 0
    return path.name, found.st_ino, found.st_mtime_ns, found.st_size


def _inside(folder: Path) -> list[tuple[str, int, int, int]]:
    try:
        return [_at(Path(entry.path)) for entry in sorted(os.scandir(folder), key=lambda e: e.name)]
    except OSError:
        return []
