"""The public tree as evidence in memory, swapped whole when it was republished."""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path

from registry.operations import logs
from registry.publish.tree import FolderTree, PublicTree, TreeError
from registry.web.remote import INTERVAL as REMOTE_INTERVAL
from registry.web.remote import RemoteFiles
from verifier.evidence import Evidence
from verifier.express import Express
from verifier.sources import FolderSource, SequenceMemory, Source
from verifier.trust import Trust, TrustError
from verifier.words import NO_CONTACT

INTERVAL = 0.5
"""Seconds between two looks at whether something was republished."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is believed and known at one moment; never changed, only replaced."""

    trust: Trust | TrustError | None
    """Or why there is none."""
    evidence: Evidence | None
    stamp: Hashable
    express: Express | None = None
    """Answers about most valid QR codes under the same evidence; for one thread. Never waits."""
    is_remote: bool = False
    """Whether a list or tile may have to be fetched, which is work for a thread."""


class LiveEvidence:
    """Trust list, status lists and tiles of one tree, for many verifications at once.

    Files of a folder are replaced by rename, so its time of change tells whether any was. A bucket
    is looked at by a thread of its own; while it does not answer, what was known last stays.
    """

    def __init__(
        self,
        tree: PublicTree,
        root_note: Path,
        monotonic: Callable[[], float] = time.monotonic,
        contact: Mapping[str, str] = NO_CONTACT,
    ) -> None:
        self._root_note = root_note
        self._monotonic = monotonic
        self._contact = contact
        self._memory = SequenceMemory()
        self._lock = threading.Lock()
        self._looked = -INTERVAL
        self._now = Snapshot(None, None, None)
        self._closed = threading.Event()
        self._remote: RemoteFiles | None = None
        if isinstance(tree, FolderTree):
            self._public = tree.root
        else:
            self._remote = RemoteFiles(tree)
            self._watch_once()
            threading.Thread(target=self._watch, daemon=True, name="public files").start()

    def current(self) -> Snapshot:
        """The newest snapshot; at most :data:`INTERVAL` older than the files of a folder."""
        if self._remote is not None:
            return self._now
        if self._monotonic() - self._looked >= INTERVAL and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._now

    def refresh(self) -> None:
        """Look at once whether anything was republished; raises TreeError."""
        with self._lock:
            self._look()

    def close(self) -> None:
        """End the thread that looks at a bucket."""
        self._closed.set()

    def trust_version(self) -> int | None:
        """Version of the newest trust list in memory; None where none leads to the anchor."""
        trust = self.current().trust
        return trust.version if isinstance(trust, Trust) else None

    def _watch(self) -> None:
        while not self._closed.wait(REMOTE_INTERVAL):
            self._watch_once()

    def _watch_once(self) -> None:
        try:
            self.refresh()
        except TreeError as error:
            logs.tell("public_files", logging.WARNING, why=str(error))

    def _look(self) -> None:
        self._looked = self._monotonic()
        stamp = self._stamp()
        if stamp != self._now.stamp:
            self._now = self._read(stamp)

    def _stamp(self) -> Hashable:
        if self._remote is not None:
            return _changed(self._root_note), self._remote.stamp()
        tiles = self._public / "i"
        folders = [self._public / name for name in ("trust", "s")]
        folders += sorted(tiles.iterdir()) if tiles.is_dir() else []
        return tuple(_changed(each) for each in (self._root_note, *folders))

    def _read(self, stamp: Hashable) -> Snapshot:
        is_remote = self._remote is not None
        source: Source = FolderSource(self._public) if self._remote is None else self._remote
        try:
            trust = Trust.load(self._root_note.read_bytes(), source, self._memory)
        except TreeError:
            raise
        except OSError:
            # Without an anchor every verdict is undetermined, and says so.
            return Snapshot(None, None, stamp)
        except TrustError as error:
            return Snapshot(error, None, stamp)
        evidence = Evidence(source, trust, memory=self._memory)
        express = Express(trust, evidence, self._contact, may_wait=not is_remote)
        return Snapshot(trust, evidence, stamp, express, is_remote)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
