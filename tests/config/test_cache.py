"""A cache without its server is an empty cache, and costs one wait, not one a question. Its values
are JSON, and its keys its own."""

import pickle
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.cache import cache, caches
from pytest_django import Settings

from config.local_services.network_ports import free_port
from core import broker


@pytest.fixture
def away(settings: Settings) -> Any:
    """A cache whose server is away."""
    address = f"redis://127.0.0.1:{free_port()}/0"
    settings.CACHES = {
        **settings.CACHES,
        "away": {**settings.CACHES["default"], "LOCATION": address},
    }
    return caches["away"]


def test_a_cache_that_does_not_answer_is_empty(away: Any) -> None:
    assert away.get("a") is None
    assert away.get("a", 7) == 7
    assert away.get_many(["a", "b"]) == {}
    assert away.get_or_set("a", lambda: 5) == 5
    assert "a" not in away
    assert away.add("a", 1) is True
    assert away.set("a", 1) is None
    assert away.set_many({"a": 1}) == []
    assert (away.touch("a"), away.delete("a")) == (False, False)
    assert (away.delete_many(["a"]), away.clear()) == (None, None)
    with pytest.raises(ValueError, match="not found"):
        away.incr("a")


def test_its_silence_is_remembered_for_a_moment(
    away: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        away.get("a")
    assert caplog.text.count("The broker does not answer") == 1

    # The moment has passed.
    monkeypatch.setattr(broker, "_silent_until", {})
    away.get("a")

    assert caplog.text.count("The broker does not answer") == 2


class Intruder:
    """Makes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self._path,))


def server(settings: Settings) -> redis.Redis:
    return redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (7, b"7"),
        (0, b"0"),
        (True, b"true"),
        (None, b"null"),
        (1.5, b"1.5"),
        ("12", b'"12"'),
        ([1700000000.5, 3], b"[1700000000.5, 3]"),
        ({"count": 2}, b'{"count": 2}'),
    ],
)
def test_a_value_is_kept_as_json(settings: Settings, value: Any, kept: bytes) -> None:
    cache.set("kept", value, 60)

    assert server(settings).get("backoffice-cache:1:kept") == kept
    assert cache.get("kept", "none") == value
    assert type(cache.get("kept", "none")) is type(value)


def test_what_json_does_not_have_is_refused() -> None:
    cache.set("kept", 1, 60)

    with pytest.raises(TypeError, match="date is not JSON serializable"):
        cache.set("kept", date(2026, 3, 2), 60)
    with pytest.raises(ValueError, match="Out of range float"):
        cache.set("kept", float("nan"), 60)
    assert cache.get("kept") == 1


def test_what_somebody_else_put_there_is_never_run(settings: Settings, tmp_path: Path) -> None:
    pickled = pickle.dumps(Intruder(tmp_path / "run"))
    server(settings).set("backoffice-cache:1:kept", pickled)

    assert cache.get("kept", 7) == 7
    assert cache.get_many(["kept"]) == {}
    assert list(tmp_path.iterdir()) == []


def test_clearing_leaves_what_the_broker_holds(settings: Settings) -> None:
    beside = ("celery-beside", "backoffice-cachex:1:a", "other:backoffice-cache:1:a")
    for key in beside:
        server(settings).set(key, "1", ex=60)
    cache.set_many({f"kept-{number}": number for number in range(1200)}, 60)

    cache.clear()

    assert cache.get("kept-7") is None
    assert server(settings).keys("backoffice-cache:*") == []
    assert server(settings).delete(*beside) == 3
