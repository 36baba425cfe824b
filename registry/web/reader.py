"""Strangers' pictures and PDFs are opened in processes apart, a few at a time, each against a clock.

A reader process gets bytes and answers JSON; it holds no database, no session and no key. One that
takes too long, takes too much memory or dies is replaced, and only its own asker is told.
"""

import base64
import multiprocessing
import queue
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import orjson

from registry.web.problems import Problem
from registry.web.words import mark
from schemas.errors import FormatError
from verifier import media

MAX_UPLOAD = 12 * 2**20
"""Most bytes of a file that the public may send."""
_MEMORY = 1_536 * 2**20
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Read:
    """What stood in a picture or PDF."""

    form: str
    """``picture`` or ``pdf``."""
    texts: tuple[str, ...]
    """QR codes."""
    attachments: tuple[bytes, ...]


class UnreadableError(Exception):
    """The file is damaged, too big or made to harm; the message is for logs."""


def is_media(data: bytes) -> bool:
    """Whether the bytes call themselves PNG, JPEG or PDF."""
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or b"%PDF-" in data[:1024]


class ReaderPool:
    """A fixed number of reader processes, started when first needed."""

    def __init__(self, size: int = 2, waiting: int = 8, seconds: float = 15.0) -> None:
        """Set the bounds.

        Args:
            size: processes at most.
            waiting: seconds that an asker waits for a free one.
            seconds: time that one file may take.
        """
        self._idle: queue.LifoQueue[_Reader | None] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(None)
        self._waiting = waiting
        self._seconds = seconds

    def read(self, data: bytes) -> Read:
        """Open the file in a reader process.

        Raises:
            UnreadableError: what it is could not be read, in time or at all.
            Problem: 503 when every reader stays busy.
        """
        with self._borrowed() as reader:
            answer = reader.ask(data, self._seconds)
        if "error" in answer:
            raise UnreadableError(answer["error"])
        return Read(
            str(answer["form"]),
            tuple(answer["texts"]),
            tuple(base64.b64decode(each) for each in answer["attachments"]),
        )

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
                reader = _Reader()
            yield reader
        finally:
            self._idle.put(reader if reader is not None and reader.is_alive() else None)


class _Reader:
    def __init__(self) -> None:
        self._line, far = _SPAWN.Pipe()
        self._process: SpawnProcess = _SPAWN.Process(target=_serve, args=(far,), daemon=True)
        self._process.start()
        far.close()

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, data: bytes, seconds: float) -> dict[str, list[str]]:
        try:
            self._line.send_bytes(data)
            if self._line.poll(seconds):
                answer: dict[str, list[str]] = orjson.loads(self._line.recv_bytes())
                return answer
        except (EOFError, OSError):
            self.end()
            raise UnreadableError("the reader process died over it") from None
        self.end()
        raise UnreadableError(f"not read within {seconds:.0f} s")

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._line.close()


def _serve(line: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with suppress(EOFError, KeyboardInterrupt):
        while True:
            line.send_bytes(orjson.dumps(_answer(line.recv_bytes())))


def _answer(data: bytes) -> dict[str, object]:
    try:
        if b"%PDF-" not in data[:1024]:
            return {"form": "picture", "texts": media.picture_texts(data), "attachments": []}
        attachments = [base64.b64encode(each).decode() for each in media.pdf_attachments(data)]
        texts = [] if attachments else media.pdf_texts(data)
        return {"form": "pdf", "texts": texts, "attachments": attachments}
    except FormatError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "needs too much memory"}
