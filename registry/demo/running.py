"""Serving and working as child processes that end with their parent."""

import ctypes
import os
import signal
import subprocess
import sys
import time

from registry.config import Config

_PR_SET_PDEATHSIG = 1


def serve(config: Config, host: str, port: int) -> int:
    """Run ``hallmark serve`` and ``hallmark work`` until one ends or the parent is told to stop."""
    environment = os.environ | {"HALLMARK_DIR": str(config.folder)}
    commands = (
        ["serve", "--host", host, "--port", str(port)],
        ["work"],
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "verifier", *command],
            env=environment, preexec_fn=_end_with_parent,
        )
        for command in commands
    ]  # fmt: skip

    def stop(*_: object) -> None:
        for child in children:
            child.terminate()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    while all(child.poll() is None for child in children):
        time.sleep(0.2)
    stop()
    codes = [child.wait(timeout=30) for child in children]
    return 0 if all(code in (0, -signal.SIGTERM) for code in codes) else 1


def _end_with_parent() -> None:
    """Ask Linux to end this child when its parent dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
