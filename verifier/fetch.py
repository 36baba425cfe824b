"""Fetches public files over HTTP: the only place with a network, used by the command line alone.

Bounded in time and size; redirects only to the same host and never from https to http.
"""

import urllib.error
import urllib.request
from collections.abc import Iterable
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

MAX_SIZE = 8 * 2**20
"""Longest answer that is taken, in bytes."""
TIMEOUT = 10.0
"""Seconds to wait for a connection or for the next bytes."""
_CHUNK = 2**16


class FetchError(Exception):
    """An address that is not allowed, or of no kind that can be fetched."""


class _SameHost(urllib.request.HTTPRedirectHandler):
    max_redirections = 3

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        if _origin(newurl) != _origin(req.full_url):
            raise urllib.error.URLError(f"redirected to another origin: {newurl[:200]}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class HttpSource:
    """A copy of the public tree behind one address, or the registry's own allowed origins.

    With ``base``, every address is asked of ``base`` by its path. Without, absolute addresses are
    asked of their own origin, which must be among ``origins``. ``problems`` tells what failed.
    """

    def __init__(self, base: str | None, origins: Iterable[str] = ()) -> None:
        self._base = base.rstrip("/") if base is not None else None
        self._allowed = {_origin(origin) for origin in origins}
        if base is not None:
            self._allowed = {_origin(base)}
        self._opener = urllib.request.build_opener(_SameHost)
        self.problems: list[str] = []

    def get(self, uri: str) -> bytes | None:
        """Return the body at ``uri``; None where there is none or it cannot be had."""
        if self._base is not None:
            uri = self._base + urlsplit(uri).path
        elif uri.startswith("/"):
            return None
        try:
            if _origin(uri) not in self._allowed:
                raise FetchError(f"{uri[:200]} is not on an allowed origin")
            return self._fetch(uri)
        except (FetchError, OSError, HTTPException, ValueError) as error:
            if getattr(error, "code", None) != 404:
                self.problems.append(f"{uri[:200]}: {error}")
            return None

    def _fetch(self, uri: str) -> bytes:
        with self._opener.open(uri, timeout=TIMEOUT) as answer:
            body = bytearray()
            while chunk := answer.read(_CHUNK):
                body += chunk
                if len(body) > MAX_SIZE:
                    raise FetchError(f"more than {MAX_SIZE} bytes")
            return bytes(body)


def _origin(uri: str) -> str:
    """Return scheme, host and port in one spelling; FetchError for anything but http(s)."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise FetchError(f"{uri[:200]} is not an http(s) address")
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname.lower()}:{port}"
