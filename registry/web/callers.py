"""Who asks: the address that counts for limits, behind proxies that the settings name.

Anybody can send ``X-Forwarded-For``. It is believed only from the addresses of
``trusted_proxies``, read from its right end, where the nearest proxy has written, as far as the
hops are trusted themselves; the first that is not is the caller. Whatever stands further left the
caller may have written.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.types import Scope

from registry.config import Network
from registry.web.problems import Problem
from schemas.certificate import Instant

MEDIA_RATE = RateLimitItemPerMinute(300)
"""Pictures and PDFs of one address: each holds one of a few processes for a while.

A building site's telephones share one address, and a program checks a folder of files in one go, so
this stops floods only; who asks at the same time waits for a free process anyway.
"""
UNKNOWN = "unknown"
"""Address of a caller whose connection has none."""


def address_of(request: Request) -> str:
    """Where the request comes from, for counting.

    Whoever has an IPv6 connection has 2**64 addresses: they count as the one network they are.
    """
    host = request.client.host if request.client is not None else UNKNOWN
    found = _read(host)
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found) >> 64 << 64, 64)))
    return host if found is None else str(found)


def believed(scope: Scope, proxies: Sequence[Network]) -> tuple[str, str | None]:
    """Address of the caller, and the scheme that a trusted proxy tells, if one does."""
    peer = scope["client"][0] if scope.get("client") else UNKNOWN
    if not proxies or not _is_trusted(_read(peer), proxies):
        return peer, None
    schemes = list(_values(scope, b"x-forwarded-proto"))
    scheme = schemes[-1].lower() if schemes else None
    caller = _read(peer)
    for hop in reversed(list(_values(scope, b"x-forwarded-for"))):
        found = _read(hop)
        if found is None:
            break  # no address: nothing further left can be told apart from an invention
        caller = found
        if not _is_trusted(found, proxies):
            break
    return str(caller), scheme if scheme in ("http", "https") else None


def count(
    rates: MovingWindowRateLimiter, rate: RateLimitItem, what: str, address: str, now: Instant
) -> None:
    """Count one request of an address.

    Raises:
        Problem: 429, with the seconds after which the oldest one counts no more.
    """
    if not rates.hit(rate, what, address):
        opens = rates.get_window_stats(rate, what, address).reset_time
        raise Problem(429, retry_after=max(1, min(rate.get_expiry(), round(opens - now) + 1)))


def _values(scope: Scope, wanted: bytes) -> Iterator[str]:
    for name, value in scope["headers"]:
        if name == wanted:
            yield from (each.strip() for each in value.decode("latin-1").split(","))


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it, with or without a port."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _is_trusted(address: IPv4Address | IPv6Address | None, proxies: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in proxies)
