"""The public tree as evidence in memory, swapped whole when it was republished."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from verifier.evidence import Evidence
from verifier.express import Express
from verifier.sources import FolderSource, SequenceMemory
from verifier.trust import Trust, TrustError
from verifier.words import NO_CONTACT

INTERVAL = 0.5
"""Seconds between two looks at whether something was republished."""

_Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is believed and known at one moment; never changed, only replaced."""

    trust: Trust | TrustError | None
    """Or why there is none."""
    evidence: Evidence | None
    stamp: _Stamp
    express: Express | None = None
    """Answers about most valid QR codes under the same evidence; for one thread."""


class LiveEvidence:
    """Trust list, status lists and tiles of one folder, for many verifications at once.

    Files of the tree are replaced by rename, so a folder's time of change tells whether any was.
    """

    def __init__(
        self,
        public: Path,
        root_note: Path,
        monotonic: Callable[[], float] = time.monotonic,
        contact: Mapping[str, str] = NO_CONTACT,
    ) -> None:
        self._public = public
        self._root_note = root_note
        self._monotonic = monotonic
        self._contact = contact
        self._memory = SequenceMemory()
        self._lock = threading.Lock()
        self._looked = -INTERVAL
        self._now = Snapshot(None, None, ())

    def current(self) -> Snapshot:
        """The newest snapshot; at most :data:`INTERVAL` older than the files."""
        if self._monotonic() - self._looked >= INTERVAL and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._now

    def refresh(self) -> None:
        """Look at once whether anything was republished."""
        with self._lock:
            self._look()

    def trust_version(self) -> int | None:
        """Version of the newest trust list in memory; None where none leads to the anchor."""
        trust = self.current().trust
        return trust.version if isinstance(trust, Trust) else None

    def _look(self) -> None:
        self._looked = self._monotonic()
        stamp = self._stamp()
        if stamp != self._now.stamp:
            self._now = self._read(stamp)

    def _stamp(self) -> _Stamp:
        tiles = self._public / "i"
        folders = [self._public / name for name in ("trust", "s")]
        folders += sorted(tiles.iterdir()) if tiles.is_dir() else []
        return tuple(_changed(each) for each in (self._root_note, *folders))

    def _read(self, stamp: _Stamp) -> Snapshot:
        source = FolderSource(self._public)
        try:
            trust = Trust.load(self._root_note.read_bytes(), source, self._memory)
        except OSError:
            # Without an anchor every verdict is undetermined, and says so.
            return Snapshot(None, None, stamp)
        except TrustError as error:
            return Snapshot(error, None, stamp)
        evidence = Evidence(source, trust, memory=self._memory)
        return Snapshot(trust, evidence, stamp, Express(trust, evidence, self._contact))


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
