"""A cache that does not answer is a cache that is empty."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from core.broker import BrokerAwayError, circuit_breaker


class ForgivingClient(RedisCacheClient):
    """Answers as an empty cache does while the server is away; a full one keeps nothing new."""

    def __init__(self, servers: list[str], *arguments: Any, **options: Any) -> None:
        super().__init__(servers, *arguments, **options)
        self._address = servers[0]

    def _answer(self, otherwise: Any, ask: Callable[..., Any], *arguments: Any) -> Any:
        try:
            with circuit_breaker(self._address):
                return ask(*arguments)
        except (BrokerAwayError, RedisError):
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

    def clear(self) -> bool:
        return bool(self._answer(True, super().clear))


class ForgivingRedisCache(RedisCache):
    """Django's cache in Redis; without its server everything works, only slower."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient
