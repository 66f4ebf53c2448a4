"""A cache that does not answer is a cache that is empty; its values are JSON.

Whoever can write to its server can change what pages count, and run nothing: Django's own cache
unpickles what it finds.
"""

import json
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from core.broker import BrokerAwayError, circuit_breaker

# How many keys are looked at at once.
BATCH = 500


class JSONSerializer:
    """Writes values as JSON: lists, dictionaries, texts, numbers, yes, no and none."""

    def dumps(self, value: Any) -> bytes:
        """Return a value as the server keeps it, which can count a whole number.

        :raises TypeError: for what JSON does not have, as a date or a model.
        :raises ValueError: for what is no number.
        """
        return json.dumps(value, allow_nan=False).encode()

    def loads(self, text: Any) -> Any:
        """Return what is kept.

        :raises ValueError: for what is no JSON.
        """
        return json.loads(text)


class ForgivingClient(RedisCacheClient):
    """Answers as an empty cache does while the server is away, and for what is no JSON; a full one
    keeps nothing new."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, serializer=JSONSerializer, **options)
        self._address = servers[0]

    def _answer(self, otherwise: Any, ask: Callable[..., Any], *arguments: Any) -> Any:
        try:
            with circuit_breaker(self._address):
                return ask(*arguments)
        except (BrokerAwayError, RedisError, UnicodeDecodeError, json.JSONDecodeError):
            return otherwise

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return bool(self._answer(True, super().add, key, value, timeout))

    def get(self, key: Any, default: Any) -> Any:
        return self._answer(default, super().get, key, default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        self._answer(None, super().set, key, value, timeout)

    def touch(self, key: Any, timeout: Any) -> bool:
        return bool(self._answer(False, super().touch, key, timeout))

    def delete(self, key: Any) -> bool:
        return bool(self._answer(False, super().delete, key))

    def get_many(self, keys: Any) -> dict[Any, Any]:
        return dict(self._answer({}, super().get_many, keys))

    def has_key(self, key: Any) -> bool:
        return bool(self._answer(False, super().has_key, key))

    def incr(self, key: Any, delta: Any) -> int:
        number = self._answer(None, super().incr, key, delta)
        if number is None:
            raise ValueError(f"Key '{key}' not found.")
        return int(number)

    def set_many(self, data: Any, timeout: Any) -> None:
        self._answer(None, super().set_many, data, timeout)

    def delete_many(self, keys: Any) -> None:
        self._answer(None, super().delete_many, keys)

    def clear_below(self, prefix: str) -> None:
        """Delete every key that begins with ``prefix``: others may keep theirs beside."""
        self._answer(None, self._clear_below, prefix)

    def _clear_below(self, prefix: str) -> None:
        client = self.get_client(None, write=True)
        for key in client.scan_iter(match=f"{prefix}*", count=BATCH):
            client.unlink(key)


class ForgivingRedisCache(RedisCache):
    """Django's cache in Redis; without its server everything works, only slower."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient

    def clear(self) -> None:
        """Delete what this cache keeps; Django's own empties the database, the broker's, too."""
        client: Any = self._cache
        client.clear_below(f"{self.key_prefix}:")
