"""``POST /api/v1/verify`` over HTTP on the loopback, beside a bare route, per CPU-second."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.records.schema import migrate
from registry.records.session import open_engine
from registry.web import api_verify
from tests.benchmarks import bare, load
from tests.benchmarks.harness import Line, line
from tests.benchmarks.samples import Samples

SECONDS = 3
TURNS = 7
_TICK = os.sysconf("SC_CLK_TCK")


def lines() -> Line:
    """Both servers run all the time; the load goes to one, then to the other."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        samples = Samples(int(time.time()))
        samples.write(folder)
        migrate(open_engine(f"sqlite:///{folder / 'hallmark.db'}"))
        bodies = folder / "bodies.txt"
        bodies.write_text("\n".join(samples.texts) + "\n")
        (folder / "signed").write_text("\n".join(each.hex() for each in samples.signed))
        (folder / "key").write_text(samples.public.hex())
        port, bare_port = _free_port(), _free_port()
        ours = ["-m", "verifier", "serve", "--port", str(port)]
        theirs = ["-m", bare.__name__, str(folder), str(bare_port)]
        with (
            _server(ours, folder, port) as served,
            _server(theirs, folder, bare_port) as plain,
        ):
            _check(port, samples.texts[0])
            pairs = []
            for turn in range(TURNS + 1):
                each = (
                    _cost(served, port, api_verify.PATH, bodies),
                    _cost(plain, bare_port, bare.PATH, bodies),
                )
                if turn:  # the first only warms up
                    pairs.append(each)
    return line("POST /api/v1/verify, full report over HTTP", 0.8, pairs, 1)


def _cost(server: int, port: int, path: str, bodies: Path) -> float:
    """CPU-seconds of the server process for one request, kernel time included."""
    before = _cpu(server)
    count = load.answered(port, path, bodies, SECONDS)
    return (_cpu(server) - before) / count


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _check(port: int, text: str) -> None:
    url = f"http://127.0.0.1:{port}{api_verify.PATH}"
    request = urllib.request.Request(url, text.encode(), {"Content-Type": "text/plain"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        report = json.load(answer)
    if report["verdict"] != "valid":
        raise AssertionError(f"the server finds a valid certificate {report['verdict']}")


@contextmanager
def _server(arguments: list[str], folder: Path, port: int) -> Iterator[int]:
    environment = os.environ | {"HALLMARK_DIR": str(folder)}
    with subprocess.Popen([sys.executable, *arguments], env=environment) as process:
        try:
            _wait(port, process)
            yield process.pid
        finally:
            process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
