"""What happens to every request before and after its route: headers, and how much it may send."""

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.config import Network
from registry.web import callers
from registry.web.evidence import LiveEvidence, Snapshot
from registry.web.problems import Problem
from verifier.trust import Trust

Refuse: TypeAlias = Callable[[Request, Problem], Response]

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?=/|$)")
"""Nothing that could end a directive gets into the policy."""
DEFAULT_LIMIT = 64 * 1024
"""Most that a plain form may send, bytes."""

MUCH = 32 * 2**20
"""Bytes beyond which only somebody who is signed in may send."""


def content_policy(status_origins: tuple[str, ...]) -> str:
    """The Content-Security-Policy of every page: our own files, and no inline script or style.

    Args:
        status_origins: other origins that the browser verifier may ask for lists and notes.
    """
    connect = " ".join(("'self'", *status_origins))
    return "; ".join((
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
        f"connect-src {connect}", "form-action 'self'", "frame-ancestors 'none'",
        "base-uri 'none'", "manifest-src 'self'",
    ))  # fmt: skip


def secure_headers(policy: str, *, https: bool) -> Mapping[str, str]:
    """Headers that every answer carries unless it sets its own."""
    headers = {
        # What is no public file and does not say otherwise may hold a person's data.
        "cache-control": "no-store",
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "geolocation=(), microphone=(), payment=(), usb=(), camera=(self)",
    }
    if https:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers


class Headers:
    """The headers of this moment: the trust list says which origins the browser verifier asks."""

    def __init__(self, evidence: LiveEvidence, base: str) -> None:
        self._evidence = evidence
        self._base = base
        self._https = base.startswith("https:")
        self.plain = secure_headers(content_policy((base,)), https=self._https)
        """Without any trust list; for answers that are no page."""
        self._now: tuple[Snapshot | None, Mapping[str, str]] = (None, self.plain)

    def current(self) -> Mapping[str, str]:
        """Made anew when the evidence was swapped."""
        snapshot = self._evidence.current()
        seen, headers = self._now
        if snapshot is not seen:
            origins = (self._base, *status_origins(snapshot))
            headers = secure_headers(
                content_policy(tuple(dict.fromkeys(origins))), https=self._https
            )
            self._now = (snapshot, headers)
        return headers


def status_origins(snapshot: Snapshot) -> tuple[str, ...]:
    """Origins of the trust list's status prefixes and of where moved ones are now."""
    if not isinstance(snapshot.trust, Trust):
        return ()
    listed = snapshot.trust.list
    addresses = (*listed.status, *(moved.new for moved in listed.locations))
    found = (_ORIGIN.match(address) for address in addresses)
    return tuple(dict.fromkeys(each[0] for each in found if each is not None))


class SecureHeaders:
    """Adds the headers to every answer; the one about a crash, made further out, adds its own."""

    def __init__(self, app: ASGIApp, headers: Headers) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the head of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.current().items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, complete)


class TrustedProxies:
    """Puts the caller's own address and scheme into every request that a trusted proxy hands on."""

    def __init__(self, app: ASGIApp, proxies: Sequence[Network]) -> None:
        self.app = app
        self.proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as its caller sent it."""
        if scope["type"] == "http":
            address, scheme = callers.believed(scope, self.proxies)
            port = scope["client"][1] if scope.get("client") else 0
            scope = {**scope, "client": (address, port), "scheme": scheme or scope["scheme"]}
        await self.app(scope, receive, send)


class BodyLimit:
    """Refuses what is too large: at once by its announced length, else while it streams in."""

    def __init__(
        self, app: ASGIApp, limits: Iterable[tuple[str, int]], refuse: Refuse,
        may_send_much: Callable[[Request], bool],
    ) -> None:  # fmt: skip
        self.app = app
        self.limits = [(re.compile(form), most) for form, most in limits]
        """Form of the path, most bytes; other paths have :data:`DEFAULT_LIMIT`."""
        self.refuse = refuse
        self.may_send_much = may_send_much
        """Asked, in a thread, before more than :data:`MUCH` is let in: a form is read from the
        line before its route can look who sends it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body, or answer 413."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        if limit > MUCH and not await run_in_threadpool(self.may_send_much, Request(scope)):
            limit = DEFAULT_LIMIT
        if _announced(scope) > limit:
            answer = self.refuse(Request(scope), _too_large(limit))
            await answer(scope, receive, send)
            return
        seen = 0

        async def counted() -> MutableMapping[str, Any]:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _too_large(limit)
            return message

        await self.app(scope, counted, send)

    def _limit(self, path: str) -> int:
        for form, most in self.limits:
            if form.fullmatch(path):
                return most
        return DEFAULT_LIMIT


def _too_large(limit: int) -> Problem:
    size = f"{limit // 2**20} MB" if limit >= 2**20 else f"{limit // 1024} KB"
    return Problem(413, note=size)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
