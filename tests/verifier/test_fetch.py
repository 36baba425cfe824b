"""Fetching, against a real server on this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from verifier import fetch
from verifier.fetch import HttpSource


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        port = self.server.server_address[1]
        places = {"/away": "http://localhost:1/x", "/other": f"http://localhost:{port}/s/1",
                  "/here": f"http://127.0.0.1:{port}/s/1", "/loop": "/loop",
                  "/file": "file:///etc/passwd"}  # fmt: skip
        if self.path in places:
            self.send_response(302)
            self.send_header("Location", places[self.path])
            self.end_headers()
        elif self.path == "/s/1":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"list")
        elif self.path == "/big":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(bytes(fetch.MAX_SIZE + 1))
        else:
            self.send_error(404 if self.path == "/none" else 500)

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def origin():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_copy_serves_every_address_by_its_path(origin):
    source = HttpSource(origin)
    assert source.get("https://certs.example.gov.cn/s/1") == b"list"
    assert source.get("/s/1") == b"list"
    assert source.get("/here") == b"list"
    assert source.get("/none") is None
    assert source.problems == []


@pytest.mark.parametrize("path", ["/away", "/other", "/loop", "/file", "/big", "/broken"])
def test_refused(origin, path):
    source = HttpSource(origin)
    assert source.get(path) is None
    assert len(source.problems) == 1


def test_only_allowed_origins(origin):
    source = HttpSource(None, [f"{origin}/"])
    assert source.get(f"{origin}/s/1") == b"list"
    assert source.get("/trust/1") is None
    elsewhere = origin.replace("127.0.0.1", "localhost")
    for uri in (
        f"{elsewhere}/s/1",
        "file:///etc/passwd",
        "ftp://127.0.0.1/s/1",
        "http://user@127.0.0.1/s/1",
        "http://127.0.0.1:99999/",
    ):
        assert source.get(uri) is None
    assert len(source.problems) == 5


def test_nobody_listens():
    source = HttpSource("http://127.0.0.1:1")
    assert source.get("/s/1") is None
    assert len(source.problems) == 1
