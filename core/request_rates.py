"""Limits how often something is asked for; counted in the cache, per minute."""

from datetime import datetime
from hashlib import sha256

from django.core.cache import cache

WINDOW_SECONDS = 60


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
