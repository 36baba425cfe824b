"""A server ends and another begins behind one listening socket: no request is lost."""

import http.client
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

from tests.operations import processes

ASKED = (("GET", "/verify", None), ("GET", "/static/site.css", None), ("GET", "/catalogue", None),
         ("POST", "/api/v1/verify", b"no certificate"), ("GET", "/healthz", None))  # fmt: skip


@dataclass
class Load:
    """Visitors that keep their connections open and ask one thing after another."""

    port: int
    visitors: int = 4
    answered: int = 0
    closed: int = 0
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._visit) for _ in range(self.visitors)]

    def start(self) -> None:
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        self._ended.set()
        for each in self._threads:
            each.join(timeout=120)

    def until(self, count: int) -> None:
        """Wait until so many more requests were answered."""
        goal = self.answered + count
        while self.answered < goal and not self.failed:
            self._ended.wait(0.05)

    def _visit(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        while not self._ended.is_set():
            for method, path, body in ASKED:
                try:
                    connection.request(method, path, body)
                    answer = connection.getresponse()
                    answer.read()
                except (OSError, http.client.HTTPException) as error:
                    with self._lock:
                        self.failed.append(f"{method} {path}: {error!r}")
                    connection.close()
                    return
                with self._lock:
                    self.answered += 1
                    self.closed += answer.getheader("connection") == "close"
                    if answer.status != 200:
                        self.failed.append(f"{method} {path}: {answer.status}")
        connection.close()


def _serve(folder: Path, words: list[str], file: int) -> "subprocess.Popen[str]":
    return processes.run(["serve", "--fd", str(file), *words], folder, [file])


def test_no_request_is_lost_while_servers_change(tmp_path: Path) -> None:
    folder = processes.empty(tmp_path / "registry")
    with processes.listener() as held:
        port, file = held.getsockname()[1], held.fileno()
        load = Load(port)
        for number, words in enumerate((["--workers", "2"], [])):
            with _serve(folder, words, file) as server:
                if number == 0:
                    processes.wait_for(f"http://127.0.0.1:{port}")
                    load.start()
                load.until(40)
                server.terminate()
                _, told = server.communicate(timeout=120)
                assert server.returncode == 0, told
        with _serve(folder, [], file):
            load.until(40)
            load.stop()
    assert load.failed == []
    assert load.answered >= 120
    assert load.closed >= 2 * load.visitors, "no server told its visitors to come anew"


def test_a_request_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    """Half of a body is there when the server is told to stop; the other half comes after."""
    folder = processes.empty(tmp_path / "registry")
    with processes.listener() as held:
        port, file = held.getsockname()[1], held.fileno()
        with _serve(folder, [], file) as server:
            processes.wait_for(f"http://127.0.0.1:{port}")
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.putrequest("POST", "/api/v1/verify")
            connection.putheader("Content-Length", "8")
            connection.endheaders(b"half")
            server.terminate()
            try:
                server.wait(timeout=1)
            except subprocess.TimeoutExpired:
                pass
            connection.send(b"half")
            answer = connection.getresponse()
            assert answer.status == 200 and b"unrecognised" in answer.read()
            connection.close()
            server.communicate(timeout=60)
            assert server.returncode == 0
