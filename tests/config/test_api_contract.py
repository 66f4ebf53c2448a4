"""The description of the HTTP API is valid, committed as it is, and kept by the server."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.servers.basehttp import WSGIRequestHandler
from pytest_django.live_server_helper import LiveServer

from core.acts import Act
from core.api.access import UserThrottle
from core.clock import today
from core.operations.api_keys import issue_key
from inventory.models import InventoryConfiguration, Stock
from inventory.models.source import DEFAULT_CODE
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIMIT_SECONDS = 1800


def described() -> str:
    written = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=written)
    return written.getvalue()


def test_the_description_is_valid_and_committed_as_it_is() -> None:
    committed = (ROOT / "docs/openapi.yaml").read_text()

    assert described() == committed, "Run `make openapi`, and commit docs/openapi.yaml."


def test_every_number_in_a_query_is_described_with_its_bounds() -> None:
    parameters = [
        (address, parameter["name"], parameter["schema"])
        for address, methods in yaml.safe_load(described())["paths"].items()
        for method in methods.values()
        for parameter in method.get("parameters", [])
        if parameter["in"] == "query" and parameter["schema"]["type"] in {"number", "integer"}
    ]

    assert len(parameters) > 8
    assert [entry for entry in parameters if not {"minimum", "maximum"} <= entry[2].keys()] == []


def make_rows() -> None:
    """Make something behind every address, so that requests reach what they are about."""
    # It comes with the migrations, and a test before this one may have emptied the tables.
    Stock.objects.get_or_create(code=DEFAULT_CODE)
    source = SourceFactory(code="east", is_pickup_location=True, street="1", city="T", phone="1")
    SalesChannelFactory(code="web", stock=StockFactory(code="shop", sources=[source]))
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0"}
    )
    product = ProductFactory(sku="A")
    SourceItemFactory(source=source, product=product, quantity=Decimal(4))
    FutureSupplyFactory(source=source, product=product, expected_on=today() + timedelta(days=5))
    for number in ("W-1", "W-2"):
        place_order(
            OrderRequest(
                address=HOME,
                number=number,
                channel="web",
                customer=Customer("Ada Example", "ada@example.com"),
                lines=(LineRequest("A", Decimal(3), Decimal("2.50")),),
            ),
            Act(NOW),
        )


@pytest.mark.parametrize(
    ("phases", "examples"),
    [
        ("examples,fuzzing,stateful", 3),
        pytest.param("examples,coverage,fuzzing,stateful", 5, marks=pytest.mark.long),
    ],
)
def test_the_server_keeps_what_the_description_promises(
    live_server: LiveServer,
    transactional_db: None,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    phases: str,
    examples: int,
) -> None:
    """All checks of schemathesis, as a user who may do everything: no failure, no 500."""
    monkeypatch.setattr(UserThrottle, "rate", "1000000/min", raising=False)
    # Else each answer waits 40 ms for the client to acknowledge its headers.
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
    # Every address is asked with wrong keys, which are counted.
    settings.LOG_IN_FAILURES = 10_000
    make_rows()
    user = User.objects.create(username="contract", is_superuser=True)
    _key, secret = issue_key(user.pk, name="contract", now=NOW)

    run = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            f"--config-file={ROOT / 'tests/schemathesis.toml'}",
            "run",
            ROOT / "docs/openapi.yaml",
            f"--url={live_server.url}",
            f"--header=Authorization: Bearer {secret}",
            "--checks=all",
            f"--phases={phases}",
            f"--max-examples={examples}",
            "--request-timeout=60",
            "--workers=2",
            "--seed=1",
            "--generation-database=none",
            "--continue-on-failure",
            "--no-color",
        ],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert_invariants()
