"""One log line and one count per request, and the number by which a person can quote it.

The line holds the route's template, never the address: parts of an address, queries, forms and
headers may name a person. The number is made here; one that a visitor sends is not taken, for
anything may stand in it.
"""

import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.operations import logs, tally

HEADER = "X-Request-Id"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without the letters that are read as digits over the telephone."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"
"""Template of an address that no route knows."""
HANGING_UP = 499
"""Status on the line of a request whose asker left before there was an answer."""


def number() -> str:
    """A new number: forty random bits, e.g. ``7K2M-9QXD``."""
    bits = int.from_bytes(secrets.token_bytes(5), "big")
    letters = [_ALPHABET[bits >> shift & 31] for shift in range(0, 40, 5)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def number_of(scope: Scope) -> str:
    """The request's number, made when it is asked for first."""
    state = scope.setdefault("state", {})
    if "request_id" not in state:
        state["request_id"] = number()
    found: str = state["request_id"]
    return found


def template(scope: Scope) -> str:
    """The route's template, known once the router has found it."""
    return str(getattr(scope.get("route"), "path", NO_ROUTE))


class Journal:
    """Counts and logs each request when its answer is out, whatever became of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its number."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = number_of(scope)
        token = logs.request_id.set(given)
        start, status = time.perf_counter(), HANGING_UP

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = given
            await send(message)

        try:
            await self.app(scope, receive, numbered)
        except Exception:
            # The page about it is made further out, with the same number.
            status = 500
            raise
        finally:
            told(scope, status, time.perf_counter() - start)
            logs.request_id.reset(token)


def told(scope: Scope, status: int, seconds: float, route: str | None = None) -> None:
    """Count and log one answer; ``route`` where no router has found one."""
    route = route or template(scope)
    method = scope["method"] if scope["method"] in _METHODS else "other"
    tally.REQUESTS.add(route, method, str(status))
    tally.REQUEST_SECONDS.add(seconds, route)
    logs.tell(
        "request", request=number_of(scope), route=route, method=method, status=status,
        ms=round(seconds * 1000, 1),
    )  # fmt: skip
