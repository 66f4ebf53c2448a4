"""Limits how often something is asked for; counted in the cache, per minute."""

from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

WINDOW_SECONDS = 60
# Of a connection that has none.
UNKNOWN_ADDRESS = "::"


def is_within_rate(name: str, who: str, *, per_minute: int, now: datetime) -> bool:
    """Count one more request of ``who`` for ``name``; return whether this minute allows it.

    Without a cache everything is allowed. The cache keeps a digest of ``who``, for a minute.
    """
    digest = sha256(who.encode()).hexdigest()
    key = f"rate:{name}:{digest}:{int(now.timestamp()) // WINDOW_SECONDS}"
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        return cache.incr(key) <= per_minute
    except ValueError:
        return True


def address_of(request: HttpRequest) -> str:
    """Return the address that a request came from; behind a proxy, the one that the proxy saw."""
    if settings.BEHIND_PROXY:
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
        if seen := forwarded.rpartition(",")[2].strip():
            return _bare(seen)
    return _bare(str(request.META.get("REMOTE_ADDR", "")))


def _bare(address: str) -> str:
    """Return an address without what some proxies add: a port, brackets, a network interface."""
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1 and "." in address:
        address = address.partition(":")[0]
    return address.partition("%")[0]


def ip_of(request: HttpRequest) -> str:
    """Return the address that a request came from, ``::`` where it is none of the internet's."""
    try:
        return str(ip_address(address_of(request)))
    except ValueError:
        return UNKNOWN_ADDRESS
