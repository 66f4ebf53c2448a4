"""Web and worker as in production: a worker is seen; a request's id goes with its task."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from config.local_services.network_ports import free_port
from core.operations.api_keys import issue_key
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import SourceItemFactory, StockFactory
from tests.factories.orders import OrderFactory

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 240


class Process:
    """A program of the project in production's settings, its log in a file."""

    def __init__(self, log: Path, *arguments: str, environment: dict[str, str]) -> None:
        self.log = log
        with log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def entries(self) -> list[dict[str, Any]]:
        return [
            json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")
        ]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(240)


@pytest.fixture
def production(tmp_path: Path, transactional_db: None) -> Iterator[tuple[int, Process, Process]]:
    """A web server and a worker on the test's database, with a queue of their own."""
    port = free_port()
    environment = {
        "ENVIRONMENT": "production",
        "SECRET_KEY": "of-this-test-alone-Ohf6quai2ahW0eephu5bIeShahd4uu3aeR9",
        "ALLOWED_HOSTS": "shop.example.com",
        "BEHIND_PROXY": "yes",
        "DATABASE_URL": re.sub(
            r"/[^/]*$", f"/{connection.settings_dict['NAME']}", settings.DATABASE_URL
        ),
        "DATABASE_POOL": "no",
        "REDIS_URL": re.sub(r"/\d+$", "/15", settings.REDIS_URL),
    }
    web = Process(
        tmp_path / "web.log", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi",
        "--bind", f"127.0.0.1:{port}", "--no-control-socket", environment=environment,
    )  # fmt: skip
    worker = Process(
        tmp_path / "worker.log", "celery", "-A", "config", "worker", "--concurrency", "1",
        "--loglevel", "info", environment=environment,
    )  # fmt: skip
    yield port, web, worker
    web.stop()
    worker.stop()


def until(found: Callable[..., Any]) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return value


def ask(port: int, path: str, *, key: str = "", body: object = None) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Host": "shop.example.com",
            "X-Forwarded-Proto": "https",
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - our own server
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, {}


def test_a_worker_is_seen_and_the_id_of_a_request_goes_with_its_task(
    production: tuple[int, Process, Process],
) -> None:
    # given: a shipment that waits, and both processes ready
    port, web, worker = production
    item = SourceItemFactory(quantity=Decimal(0))
    stock = StockFactory(sources=[item.source])
    BackorderFactory(order=OrderFactory(channel__stock=stock), lines={item.product: 1})
    user = User.objects.create_superuser("program")
    _row, key = issue_key(user.pk, name="test", now=datetime.now(UTC))
    until(lambda: ask(port, "/health/ready/")[0] == 200)

    # when: units arrive over the API
    status, _answer = ask(
        port,
        "/api/v1/source-items/adjust/",
        key=key,
        body=[{"sku": item.product.sku, "source": item.source.code, "by": "1", "reason": "Found"}],
    )
    assert status == 200

    # then: every line is JSON, and the worker's lines carry the id of the request
    ended = until(
        lambda: [
            entry
            for entry in worker.entries()
            if entry["event"].startswith("Arrival run") and "COMPLETED" in entry["event"]
        ]
    )
    asked = next(
        entry
        for entry in web.entries()
        if entry["event"] == "request_started" and "adjust" in str(entry["request"])
    )
    assert ended[0]["request_id"] == asked["request_id"]
    assert not re.search("^(?!{).*(INFO|WARNING|ERROR)", worker.log.read_text(), re.MULTILINE)
    assert not re.search("^(?!{).*(INFO|WARNING|ERROR)", web.log.read_text(), re.MULTILINE)
    assert {"timestamp", "level", "logger", "task_id"} <= set(ended[0])

    # and: a worker that stops is not counted any more
    worker.stop()
    assert ask(port, "/health/work/")[1]["workers"] == "none seen"
    assert "workers" in ask(port, "/health/ready/")[1]["degraded"]
