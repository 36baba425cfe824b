"""Several equal processes under one: started again when they die, ended with their parent."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from threading import Event

from registry.operations import logs

_PR_SET_PDEATHSIG = 1
YOUNG = 5.0
"""Seconds; one that fails sooner than this could not start, and so would the next."""
PATIENCE = 90.0
"""Seconds that they have to end in order before they are killed."""


def keep(words: Sequence[str], count: int, stop: Event, files: Sequence[int] = ()) -> int:
    """Keep so many processes of ``hallmark`` with these words alive until told to stop.

    Args:
        words: the command and its options.
        count: processes.
        stop: set by a signal.
        files: open files that they inherit.

    Returns:
        0 after an orderly end, else the status of one that could not start.
    """
    running: dict[subprocess.Popen[bytes], float] = {}
    failed = 0
    try:
        while not stop.is_set() and not failed:
            while len(running) < count:
                running[start(words, files)] = time.monotonic()
            for child, began in list(running.items()):
                if (status := child.poll()) is None:
                    continue
                del running[child]
                logs.tell("child_ended", 30, command=words[0], pid=child.pid, status=status)
                if status and time.monotonic() - began < YOUNG:
                    failed = abs(status)
            stop.wait(0.1)
    finally:
        end(list(running))
    return failed


def together(words: Sequence[str], count: int) -> int:
    """Run so many processes of ``hallmark`` to their end; answers the worst status."""
    running = [start(words) for _ in range(count)]
    try:
        return max(abs(child.wait()) for child in running)
    finally:
        end(running)


def start(words: Sequence[str], files: Sequence[int] = ()) -> "subprocess.Popen[bytes]":
    """Start one process of ``hallmark`` that ends with this one, however this one ends."""
    return subprocess.Popen(
        [sys.executable, "-m", "verifier", *words], pass_fds=tuple(files),
        preexec_fn=end_with_parent,
    )  # fmt: skip


def end(children: "Sequence[subprocess.Popen[bytes]]") -> None:
    """Ask them all to end, and wait."""
    for child in children:
        child.terminate()
    limit = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(timeout=max(0.0, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def end_with_parent() -> None:
    """Ask Linux to end this process when its parent dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
