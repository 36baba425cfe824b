"""A storage that speaks S3 over HTTP on the loopback: a real client and real requests."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BUCKET = "certificates"
_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
_OWNER = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
POLICY = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
"Action": "s3:GetObject", "Resource": "arn:aws:s3:::certificates/*"}]}"""
"""Anyone may read objects, as ``registry/publish/README.md`` says."""


class Storage:
    """One server with one bucket; may be stopped and started again, and forgets all then."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """What a client of this storage finds in its environment."""
        return {**_KEYS, "AWS_ENDPOINT_URL": self.address, "AWS_ALLOW_HTTP": "true"}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, with an empty bucket that anyone may read."""
        command = [HERE / ".venv/bin/python", "-m", "moto.server", "-H", "127.0.0.1"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "-p", str(self.port)], stdout=log, stderr=log
            )
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.1)
        else:
            raise AssertionError(self._log.read_text())
        self.ask("PUT", f"/{BUCKET}")
        self.ask("PUT", f"/{BUCKET}?policy", POLICY.encode(), Content_Type="application/json")

    def stop(self) -> None:
        """Answer no more."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request as the bucket's owner: status, headers, body."""
        return self.anyone(method, path, body, Authorization=_OWNER, **headers)

    def anyone(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request of somebody without credentials, as a CDN makes it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.address + path, body, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers, refused.read()


@contextmanager
def running(folder: Path) -> Iterator[Storage]:
    """Install what is needed, once, and serve until the end."""
    if subprocess.run([HERE / "install", sys.executable], check=False).returncode:
        pytest.skip("no S3 server here: tests/registry/publish/install could not fetch one")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    storage = Storage(port, folder / "storage.log")
    before = dict(os.environ)
    os.environ.update(storage.environment)
    storage.start()
    try:
        yield storage
    finally:
        storage.stop()
        os.environ.clear()
        os.environ.update(before)


class Line:
    """A line to the storage that can be cut, at once or after so many objects were sent over it."""

    def __init__(self, port: int) -> None:
        self._far = port
        self._left: int | None = None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, after: int = 0) -> None:
        """Let so many more puts through, then nothing."""
        self._left = after

    def mend(self) -> None:
        """Let everything through again."""
        self._left = None

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self._far)) as far:
            back = threading.Thread(target=_pass_on, args=(far, near), daemon=True)
            back.start()
            while data := _received(near):
                if self._left is not None:
                    self._left -= data.startswith(b"PUT ")
                    if self._left < 0 or (self._left == 0 and not data.startswith(b"PUT ")):
                        return
                far.sendall(data)


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(1 << 20)
    except OSError:
        return b""


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
