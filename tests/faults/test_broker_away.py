"""Without the broker, all but background work goes on."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from core.models import BulkChange, Job
from fulfillment.models import ReleaseRun
from inventory.models import ImportFile, Product, SourceItem
from orders.models import Order
from tests.factories.inventory import FutureSupplyFactory
from tests.faults.shop import Shop, adjustment, reread
from tests.faults.stack import Stack
from tests.inventory.bulk_pages import status_page
from tests.orders.addresses import HOME_BODY
from tests.pages import make_telling_rows, pages
from tests.present import present
from tests.test_roles import make_every_row

STATES = ("killed", "hanging", "full")


@pytest.fixture(scope="module")
def walked(stack: Stack) -> list[Any]:
    """Every page of the admin, and every endpoint that answers GET."""
    make_every_row()
    make_telling_rows(stack.user)
    return [*pages(stack.user), *endpoints()]


def endpoints() -> list[str]:
    """Return the address of every list of the API, and of one row of each."""
    row = {
        "code": "depot",
        "sku": present(Product.objects.order_by("-pk").first()).sku,
        "number": present(Order.objects.order_by("-pk").first()).number,
    }
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [
        path.format_map(Defaults(row))
        for path, methods in paths.items()
        if "get" in methods and "availability" not in path
    ]


class Defaults(dict[str, str]):
    def __missing__(self, _name: str) -> str:
        return "1"


def order_of(item: SourceItem) -> dict[str, Any]:
    return {
        "channel": "depot-web",
        "customer": {"name": "Ada Example", "email": "ada@example.com"},
        "address": HOME_BODY,
        "lines": [{"sku": item.product.sku, "quantity": "1", "unit_price": "2.50"}],
        "payment": {"gateway": "manual"},
    }


def job_of(stack: Stack, name: str) -> Job:
    """Return the job to check a file that a person has just brought in."""
    rows = "".join(f"depot,{sku},1\n" for sku in ("DEPOT-1", "DEPOT-2", "DEPOT-3"))
    text = f"source_code,sku,quantity\n{rows}".encode()
    file = SimpleUploadedFile(f"{name}.csv", text)
    sent = stack.post(
        reverse("admin:inventory_sourceitem_import"), {"file": file, "behavior": "APPEND"}
    )
    assert sent.status == 302, sent.body
    kept = ImportFile.objects.get(name=f"{name}.csv")
    job = Job.objects.get(kind="inventory.check_file", parameters__import_file=kept.pk)
    assert job.state == "QUEUED"
    return job


def bulk_change_of(stack: Stack, *items: SourceItem) -> BulkChange:
    """Return a bulk change that a person has just confirmed, too large to be made at once."""
    address = status_page(ids="%2C".join(str(item.pk) for item in items))
    [shown] = re.findall(r'name="snapshot" value="(\w+)"', stack.get(address).body)
    sent = stack.post(address, {"snapshot": shown})
    assert sent.status == 302, sent.body
    change = BulkChange.objects.select_related("job").latest("pk")
    assert (change.chosen_count, present(change.job).state) == (len(items), "QUEUED")
    return change


@pytest.mark.parametrize(
    "state", [STATES[0], *(pytest.param(state, marks=pytest.mark.long) for state in STATES[1:])]
)
def test_without_the_broker_all_but_background_work_goes_on(
    stack: Stack, shop: Shop, walked: list[Any], state: str
) -> None:
    item = shop.item(quantity=Decimal(0))
    waiting = shop.waiting(item)
    listed = [shop.item(quantity=Decimal(3)) for _ in range(2)]
    supply = FutureSupplyFactory(product=item.product, source=shop.source, quantity=5)
    workers = {name: stack.processes[name].pid for name in ("first", "second", "beat")}

    with stack.broker_that_is(state):
        # then: it is said where a proxy, an operator and a person read it
        ready = [stack.get("/health/ready/") for _ in range(3)]
        work = stack.get("/health/work/")
        assert {answer.status for answer in ready} == {200}
        assert {"broker"} <= set(ready[0].json["degraded"])
        assert min(answer.seconds for answer in ready) < 5
        assert work.status == 503
        assert stack.get("/metrics").status == 200
        board = stack.get(reverse("admin:fulfillment_release_board")).body
        assert ("The broker is full" if state == "full" else "The broker does not answer") in board

        # and: people and programs do their work
        placed = stack.post("/api/v1/orders/", order_of(item), **{"Idempotency-Key": state})
        assert placed.status == 201, placed.body
        received = stack.post(f"/api/v1/future-supply/{supply.pk}/receive/", {"quantity": "2"})
        assert received.status == 200, received.body
        adjusted = stack.post("/api/v1/source-items/adjust/", adjustment(item))
        assert adjusted.status == 200, adjusted.body
        asked = stack.post("/api/v1/release-runs/", {"dry_run": False})
        assert asked.status == 202, asked.body
        assert asked.json["state"] == "QUEUED"
        by_hand = stack.post(reverse("admin:fulfillment_release_board_run"), {"kind": "release"})
        assert by_hand.status == 302, by_hand.body
        job = job_of(stack, state)
        bulk = bulk_change_of(stack, *listed)
        assert max(a.seconds for a in (placed, received, adjusted, asked, by_hand)) < 30

        # and: every page and endpoint answers
        addresses = walked if state == "killed" else walked[:: len(walked) // 12]
        answers = {address: stack.get(address) for address in addresses}
        assert len(addresses) > (80 if state == "killed" else 10)
        failed = {name: got.status for name, got in answers.items() if not 0 < got.status < 500}
        assert failed == {}

    # then: once it is back, the same processes do what was asked for meanwhile
    stack.until(lambda: stack.get("/health/work/").status == 200)
    run = ReleaseRun.objects.get(pk=asked.json["id"])
    stack.until(lambda: reread(run).state == "COMPLETED")
    stack.until(lambda: reread(job).state == "COMPLETED")
    stack.until(lambda: reread(bulk.job).state == "COMPLETED")
    assert {reread(one).status for one in listed} == {"OUT_OF_STOCK"}
    stack.until(lambda: reread(waiting).state != "BACKORDER")
    stack.until(lambda: not ReleaseRun.objects.filter(state__in=["QUEUED", "RUNNING"]).exists())
    assert reread(supply).received_quantity == 2
    for name, pid in workers.items():
        assert (stack.processes[name].poll(), stack.processes[name].pid) == (None, pid), name
