"""The main job, as a merchant lives it: stock arrives in the admin, and backorders leave.

Real processes on the demo's data: the web server, a worker and beat under the supervisor, on
services of their own. Nobody calls the engine.
"""

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from config import local_services
from tests.browser.back_office import BackOffice, receive, receive_file, sign_in
from tests.invariants import INVARIANTS

RELEASED_ORDERS = """
SELECT DISTINCT parent.number FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE shipment.released_at IS NOT NULL AND parent.number NOT LIKE 'DEMO-%' ORDER BY 1
"""
RELEASED_UNITS = """
SELECT COALESCE(sum(line.quantity), 0) FROM fulfillment_shipmentline AS line
JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
JOIN inventory_product AS product ON product.id = line.product_id
WHERE shipment.released_at IS NOT NULL AND shipment.state = 'READY' AND product.sku LIKE %s
"""
AVAILABLE = """
SELECT product.sku, sum(item.quantity - item.allocated) FROM inventory_sourceitem AS item
JOIN inventory_product AS product ON product.id = item.product_id
WHERE product.sku LIKE 'NW-%' GROUP BY 1 ORDER BY 1
"""
BACKORDERED = """
SELECT line.sku, sum(line.backordered_quantity) FROM orders_orderline AS line
WHERE line.backordered_quantity > 0 AND line.sku LIKE 'NW-%' GROUP BY 1 ORDER BY 1
"""
WAITING = """
SELECT count(*) FROM fulfillment_shipment
WHERE state = 'BACKORDER' AND number NOT LIKE 'DEMO-%'
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
# The roles that the processes of the back office work as, and what the two may.
ROLES = """
SELECT DISTINCT usename, rolsuper FROM pg_stat_activity JOIN pg_roles ON rolname = usename
WHERE application_name LIKE 'backoffice %' ORDER BY 1
"""


@pytest.fixture
def back_office(tmp_path: Path) -> Iterator[BackOffice]:
    office = BackOffice(tmp_path / "var")
    yield office
    if office.process.poll() is None:
        office.stop()
    local_services.remove(office.var)


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


def test_stock_that_arrives_releases_backorders_by_itself(
    back_office: BackOffice, browser: Browser, tmp_path: Path
) -> None:
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
        "SELECT count(*) > 0 FROM fulfillment_releaserun JOIN core_job ON id = job_id "
        "WHERE trigger = 'SCHEDULE' AND state = 'COMPLETED'",
        True,
    )
    assert [number for (number,) in office.ask(RELEASED_ORDERS)] == ["10990", "11034", "11040"]
    assert dict(office.ask(AVAILABLE))["NW-021"] == after_placement["NW-021"] + 3

    # when: the rest of every short product arrives, in a file
    backordered["NW-021"] -= 100
    receive_file(page, office, backordered, tmp_path / "stock.csv")

    # then: everything has left, and what is available is what it was after placement
    office.until(WAITING, 0)
    assert len(office.ask(RELEASED_ORDERS)) == 75
    assert dict(office.ask(AVAILABLE)) == after_placement
    assert {
        name: office.ask(query) for name, query in INVARIANTS.items() if office.ask(query)
    } == {}

    # and: all of it was done by a role that changes no table
    assert office.ask(ROLES) == [("backoffice_app", False)]

    # and: Ctrl-C stops everything and leaves no process
    page.close()
    assert office.stop() == 0
    until = time.monotonic() + 60
    while left_running(office.var) and time.monotonic() < until:
        time.sleep(0.2)
    assert left_running(office.var) == []
