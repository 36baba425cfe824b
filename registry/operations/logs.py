"""Log lines as JSON, one to the line, and nothing personal in them.

A line says what happened (``event``) and plain fields that our own code chose: route templates,
codes, counts, record ids. Texts of foreign errors and arguments of foreign messages may quote a
row, so of them only the type, the message's form and the places in the code are written.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

OURS = "hallmark"
"""Loggers below this name are our own: what they say is written as it is."""
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request that is being answered, on every line that is written meanwhile."""

_log = logging.getLogger(OURS)


def tell(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write one line.

    Args:
        event: what happened, one word.
        level: of :mod:`logging`.
        fields: JSON values without personal data.
    """
    _log.log(level, event, extra={"fields": fields})


def crash(event: str, error: BaseException, **fields: Any) -> None:
    """Write one line about an error that nobody expected: its type and places, not its text."""
    _log.error(event, exc_info=error, extra={"fields": fields})


class Lines(logging.Formatter):
    """One JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": _said(record),
        }
        if (current := request_id.get()) is not None:
            line["request"] = current
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            line |= told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=lambda value: type(value).__name__)


def told(error: BaseException) -> dict[str, Any]:
    """An error's type and the places that it went through, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "trace": [f"{_short(each.filename)}:{each.lineno} {each.name}" for each in frames[-12:]],
    }


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every logger of this process to one stream (standard error) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _log.setLevel(level)
    sys.excepthook = _last_words


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    crash("ended", error)


def _said(record: logging.LogRecord) -> str:
    if record.name == OURS or record.name.startswith(f"{OURS}."):
        return record.getMessage()
    if isinstance(record.msg, str):
        return f"{record.name}: {record.msg.strip()}"
    strerror = getattr(record.msg, "strerror", None)
    return f"{record.name}: {type(record.msg).__name__} {strerror or ''}".strip()


def _short(path: str) -> str:
    """The part of a file's path that says which module it is, not where it is installed."""
    return "/".join(path.replace("\\", "/").rsplit("/", 3)[-3:])
