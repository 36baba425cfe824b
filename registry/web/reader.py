"""Strangers' pictures and PDFs are verified in processes apart, a few at a time, against a clock.

A reader process gets bytes and answers a report as JSON; it reads the public tree and holds no
database, no session and no key. One that takes too long, takes too much memory or dies is replaced,
and only its own asker is told.
"""

import multiprocessing
import queue
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import orjson

from registry.config import Config
from registry.publish.storage import public_tree
from registry.web.checking import Report, report_document, unread
from registry.web.evidence import LiveEvidence
from registry.web.problems import Problem
from registry.web.words import mark
from schemas.certificate import Instant
from verifier.verify import Asked

MAX_UPLOAD = 12 * 2**20
"""Most bytes of a file that the public may send."""
_MEMORY = 1_536 * 2**20
_SPAWN = multiprocessing.get_context("spawn")


def is_media(data: bytes) -> bool:
    """Whether the bytes call themselves PNG, JPEG or PDF."""
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or b"%PDF-" in data[:1024]


class ReaderPool:
    """A fixed number of reader processes, started when first needed."""

    def __init__(
        self, config: Config, *, size: int = 2, waiting: float = 8.0, seconds: float = 15.0,
    ) -> None:  # fmt: skip
        """Set the bounds.

        Args:
            config: says where public tree and anchor are, and whom the words name.
            size: processes at most.
            waiting: seconds that an asker waits for a free one.
            seconds: time that one file may take.
        """
        self._config = config
        self._idle: queue.LifoQueue[_Reader | None] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(None)
        self._waiting = waiting
        self._seconds = seconds

    def verify(self, data: bytes, at: Instant, asked: Asked | None) -> Report:
        """The report about a picture or PDF; ``unrecognised`` when it cannot be read in time.

        Raises:
            Problem: 503 when every reader stays busy.
        """
        with self._borrowed() as reader:
            try:
                return reader.ask(data, at, asked, self._seconds)
            except _LostError:
                return unread(data, at, self._config.contact)

    def close(self) -> None:
        """End every idle process."""
        with suppress(queue.Empty):
            while True:
                reader = self._idle.get_nowait()
                if reader is not None:
                    reader.end()

    @contextmanager
    def _borrowed(self) -> Iterator["_Reader"]:
        try:
            reader = self._idle.get(timeout=self._waiting)
        except queue.Empty:
            raise Problem(503, mark("正在查图片的人太多。"), retry_after=30) from None
        try:
            if reader is None or not reader.is_alive():
                reader = _Reader(self._config)
            yield reader
        finally:
            self._idle.put(reader if reader is not None and reader.is_alive() else None)


class _LostError(Exception):
    """The process died over its file or was ended for taking too long."""


class _Reader:
    def __init__(self, config: Config) -> None:
        self._line, far = _SPAWN.Pipe()
        self._process: SpawnProcess = _SPAWN.Process(target=_serve, args=(far, config), daemon=True)
        self._process.start()
        far.close()

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, data: bytes, at: Instant, asked: Asked | None, seconds: float) -> Report:
        question = {"at": at, "asked": None if asked is None else asdict(asked)}
        try:
            self._line.send_bytes(orjson.dumps(question))
            self._line.send_bytes(data)
            if self._line.poll(seconds):
                report: Report = orjson.loads(self._line.recv_bytes())
                return report
        except (EOFError, OSError):
            self.end()
            raise _LostError from None
        self.end()
        raise _LostError

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._line.close()


def _serve(line: Connection, config: Config) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    live = LiveEvidence(public_tree(config), config.root_note)
    contact = config.contact
    with suppress(EOFError, KeyboardInterrupt):
        while True:
            question = orjson.loads(line.recv_bytes())
            data = line.recv_bytes()
            asked = Asked(**question["asked"]) if question["asked"] else None
            try:
                report = report_document(live.current(), data, question["at"], asked, contact)
            except MemoryError:
                report = unread(data, question["at"], contact)
            line.send_bytes(orjson.dumps(report))
