"""``hallmark serve`` and ``work`` as real processes over a small registry."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx2

from registry.records.schema import migrate
from registry.records.session import open_engine

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]


def listener() -> socket.socket:
    """A listening socket as a service manager holds it: open before and after any server."""
    made = socket.create_server(("127.0.0.1", 0), backlog=256)
    made.set_inheritable(True)
    return made


def empty(folder: Path, url: str | None = None) -> Path:
    """A registry's folder with tables and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url or f"sqlite:///{folder / 'hallmark.db'}")
    migrate(engine)
    engine.dispose()
    return folder


@contextmanager
def run(
    words: Sequence[str], folder: Path, files: Sequence[int] = (), **settings: str
) -> Iterator["subprocess.Popen[str]"]:
    """Run a command of ``hallmark`` and end it in order."""
    environment = _environment() | {"HALLMARK_DIR": str(folder), **settings}
    with subprocess.Popen(
        [sys.executable, "-m", "verifier", *words], cwd=ROOT, env=environment,
        pass_fds=tuple(files), stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=120)


def wait_for(base: str, path: str = "/healthz", status: int = 200) -> httpx2.Response:
    """Ask until the server answers with that status; gives up after a minute."""
    answer = None
    for _ in range(600):
        try:
            answer = httpx2.get(base + path, timeout=60)
            if answer.status_code == status:
                return answer
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{path} does not answer {status}, last {answer}")


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("HALLMARK_")}


def until(look: Callable[[], T], is_so: Callable[[T], bool]) -> T:
    """Look again until it is so; gives up after half a minute."""
    found = look()
    for _ in range(150):
        if is_so(found):
            return found
        time.sleep(0.2)
        found = look()
    raise AssertionError(found)
