"""A cache without its server is an empty cache, and costs one wait, not one a question."""

from typing import Any

import pytest
from django.core.cache import caches
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
    assert (away.delete_many(["a"]), away.clear()) == (None, True)
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
