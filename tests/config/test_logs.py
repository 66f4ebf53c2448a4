"""What the log says of an error: where it was, and nothing that a variable held."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog
from django.test import RequestFactory
from pytest_django import Settings

from config.logs import logging_settings
from config.request_log import RequestLogMiddleware

HIDDEN = "password-that-nobody-may-read"


def lines_of(*, is_production: bool) -> str:
    """Return what is logged of an error in a function whose variables hold a secret."""
    configuration = logging_settings(is_production=is_production)["formatters"]["line"]
    formatter: logging.Formatter = configuration["()"](
        processors=configuration["processors"], foreign_pre_chain=configuration["foreign_pre_chain"]
    )
    with pytest.raises(ZeroDivisionError) as raised:
        connect(HIDDEN)
    trouble = (raised.type, raised.value, raised.tb)
    return formatter.format(
        logging.LogRecord("test", logging.ERROR, __file__, 1, "It failed\nand more", None, trouble)
    )


def connect(password: str) -> Any:
    keys = {"Authorization": f"Bearer {password}"}
    return len(keys) / 0


@pytest.mark.parametrize("is_production", [True, False])
def test_an_error_is_logged_without_local_variables(is_production: bool) -> None:
    line = lines_of(is_production=is_production)

    assert "ZeroDivisionError" in line
    assert "connect" in line
    assert HIDDEN not in line


def test_in_production_an_error_is_one_line_of_json() -> None:
    (line,) = lines_of(is_production=True).splitlines()

    assert json.loads(line)["event"] == "It failed\nand more"
    assert datetime.fromisoformat(json.loads(line)["timestamp"]).utcoffset() == timedelta(0)
    (trouble,) = json.loads(line)["exception"]
    assert trouble["exc_type"] == "ZeroDivisionError"
    assert [frame["name"] for frame in trouble["frames"]] == ["lines_of", "connect"]


@pytest.mark.parametrize(("is_production", "level"), [(True, "WARNING"), (False, "ERROR")])
def test_at_a_terminal_a_page_that_is_not_there_is_no_news(is_production: bool, level: str) -> None:
    loggers = logging_settings(is_production=is_production, level="WARNING")["loggers"]

    assert loggers["django.request"]["level"] == level


@pytest.mark.parametrize(
    ("is_behind_proxy", "logged"), [(False, "198.51.100.7"), (True, "203.0.113.5")]
)
def test_a_clients_address_is_taken_from_the_proxy_alone(
    rf: RequestFactory, settings: Settings, is_behind_proxy: bool, logged: str
) -> None:
    settings.BEHIND_PROXY = is_behind_proxy
    request = rf.get(
        "/admin/",
        REMOTE_ADDR="198.51.100.7",
        headers={"X-Forwarded-For": "192.0.2.1, 203.0.113.5", "X-Real-IP": "192.0.2.2"},
    )

    with structlog.contextvars.bound_contextvars():
        RequestLogMiddleware.bind_ip(request)
        assert structlog.contextvars.get_contextvars()["ip"] == logged
        structlog.contextvars.unbind_contextvars("ip")
