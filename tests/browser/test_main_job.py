"""The main job, as a merchant lives it: stock arrives in the admin, and backorders leave.

Real processes on the demo's data: the web server, a worker and beat under the supervisor, on
services of their own. Nobody calls the engine.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page

from config import local_services
from config.local_services.ports import free_port
from tests.invariants import INVARIANTS

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
RELEASE_SECONDS = 90

RELEASED_ORDERS = """
SELECT DISTINCT parent.number FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE shipment.released_at IS NOT NULL ORDER BY 1
"""
RELEASED_UNITS = """
SELECT COALESCE(sum(line.quantity), 0) FROM fulfillment_shipmentline AS line
JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
JOIN inventory_product AS product ON product.id = line.product_id
WHERE shipment.released_at IS NOT NULL AND shipment.state = 'READY' AND product.sku LIKE %s
"""
AVAILABLE = """
SELECT product.sku, sum(item.quantity - item.allocated) FROM inventory_sourceitem AS item
JOIN inventory_product AS product ON product.id = item.product_id GROUP BY 1 ORDER BY 1
"""
BACKORDERED = """
SELECT line.sku, sum(line.backordered_quantity) FROM orders_orderline AS line
WHERE line.backordered_quantity > 0 GROUP BY 1 ORDER BY 1
"""
SEATTLE_ITEM = """
SELECT item.id FROM inventory_sourceitem AS item
JOIN inventory_product AS product ON product.id = item.product_id
JOIN inventory_source AS source ON source.id = item.source_id
WHERE product.sku = %s AND source.code = 'seattle'
"""
FAST_SCHEDULE = """
WITH interval AS (
    INSERT INTO django_celery_beat_intervalschedule (every, period) VALUES (3, 'seconds')
    RETURNING id
), task AS (
    UPDATE django_celery_beat_periodictask SET interval_id = interval.id FROM interval
    WHERE name = 'Release backorders'
)
INSERT INTO django_celery_beat_periodictasks (ident, last_update) VALUES (1, now())
ON CONFLICT (ident) DO UPDATE SET last_update = now()
"""


class BackOffice:
    """A running back office, and questions to its database."""

    def __init__(self, var: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.var = var
        self.log = var.parent / "up.log"
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "REDIS_URL"}
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up"],
                cwd="/",
                env={**environment, "VAR_DIR": str(var), "PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_for_login_page()
        urls = local_services.ensure(var, {})
        self.database = psycopg.connect(urls["DATABASE_URL"], autocommit=True)

    def ask(self, statement: str, *parameters: object) -> list[tuple]:
        return self.database.execute(statement, parameters or None).fetchall()

    def until(self, statement: str, expected: object, *parameters: object) -> None:
        """Wait for one value to come out; say what it was when it does not."""
        deadline = time.monotonic() + RELEASE_SECONDS
        while (value := self.ask(statement, *parameters)[0][0]) != expected:
            assert time.monotonic() < deadline, (value, expected, self.log.read_text()[-3000:])
            time.sleep(0.3)

    def stop(self) -> int:
        self.database.close()
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)

    def _wait_for_login_page(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            try:
                with urllib.request.urlopen(f"{self.url}/admin/login/", timeout=2):  # noqa: S310 - ours
                    return
            except OSError:
                time.sleep(0.2)


@pytest.fixture
def back_office(tmp_path):
    office = BackOffice(tmp_path / "var")
    yield office
    if office.process.poll() is None:
        office.stop()
    local_services.remove(office.var)


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/login/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", "backorders")
    page.click("button[type=submit]")
    page.wait_for_url(f"{url}/admin/")


def receive(page: Page, office: BackOffice, sku: str, quantity: Decimal) -> None:
    """Add to what Seattle holds, on the source item's page, as a person does."""
    ((item_id,),) = office.ask(SEATTLE_ITEM, sku)
    page.goto(f"{office.url}/admin/inventory/sourceitem/{item_id}/change/")
    on_hand = Decimal(page.input_value("input[name=quantity]"))
    page.fill("input[name=quantity]", f"{on_hand + quantity:f}")
    page.click("button[name=_save], input[name=_save]")
    page.wait_for_url(f"{office.url}/admin/inventory/sourceitem/**")
    assert page.locator(".errorlist, .errornote").count() == 0, page.inner_text("body")


def left_running(var: Path) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            environment = (folder / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(var) in command or f"VAR_DIR={var}" in environment:
            found.append(command)
    return found


def test_stock_that_arrives_releases_what_waits_with_nobody_calling_the_engine(
    back_office, browser
):
    # given: Northwind as it is after placement, and a schedule that a test can wait for
    office = back_office
    after_placement = dict(office.ask(AVAILABLE))
    backordered = dict(office.ask(BACKORDERED))
    assert len(backordered) == 46
    assert sum(backordered.values()) == Decimal(3656)
    office.database.execute(FAST_SCHEDULE)
    page = browser.new_page()
    sign_in(page, office.url)

    # when: 100 units of product 21 arrive
    receive(page, office, "NW-021", Decimal(100))

    # then: exactly these three shipments leave
    office.until(RELEASED_UNITS, Decimal(97), "NW-021")
    office.until(
        "SELECT count(*) > 0 FROM fulfillment_releaserun "
        "WHERE trigger = 'SCHEDULE' AND state = 'COMPLETED'",
        True,
    )
    assert [number for (number,) in office.ask(RELEASED_ORDERS)] == ["10990", "11034", "11040"]
    assert dict(office.ask(AVAILABLE))["NW-021"] == after_placement["NW-021"] + 3

    # when: the rest of every short product arrives
    for sku, quantity in backordered.items():
        receive(page, office, sku, quantity - 100 if sku == "NW-021" else quantity)

    # then: everything has left, and what is available is what it was after placement
    office.until("SELECT count(*) FROM fulfillment_shipment WHERE state = 'BACKORDER'", 0)
    assert len(office.ask(RELEASED_ORDERS)) == 75
    assert dict(office.ask(AVAILABLE)) == after_placement
    assert {
        name: office.ask(query) for name, query in INVARIANTS.items() if office.ask(query)
    } == {}

    # and: Ctrl-C stops everything and leaves no process
    page.close()
    assert office.stop() == 0
    assert left_running(office.var) == []
