"""A part that is away takes away what needs it, and nothing else."""

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Max, Min
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from drf_spectacular.generators import SchemaGenerator

from config.local_services.broker import Broker
from core.models import Job
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.queries.product_jobs import JOB_OF
from inventory.models import BulkChange, ImportFile, InventoryConfiguration, Product, SourceItem
from orders.models import Order
from tests.core.frozen import frozen
from tests.database import copied
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.faults.stack import Answer, Stack, process_of
from tests.fulfillment.scheduling.schedules import insert_odd_rows, set_interval
from tests.invariants import assert_invariants
from tests.inventory.bulk_pages import status_page
from tests.orders.addresses import HOME_BODY
from tests.pages import make_telling_rows, pages
from tests.test_roles import make_every_row

PEOPLE = 12
STATES = ("killed", "hanging", "full")
SESSIONS = "SELECT application_name, pid FROM pg_stat_activity WHERE datname = current_database()"
WORKERS = f"{SESSIONS} AND starts_with(application_name, 'backoffice worker ')"
WEBS = f"{SESSIONS} AND starts_with(application_name, 'backoffice web ')"
WAITING_WORKER = f"{WORKERS} AND wait_event_type = 'Lock'"
WAITING_WEB = f"{WEBS} AND wait_event_type = 'Lock'"


class Shop:
    """What the stack sells: a product at a source, of which some orders wait."""

    def __init__(self) -> None:
        self.source = SourceFactory(code="depot")
        self.channel = SalesChannelFactory(
            code="depot-web", stock=StockFactory(code="depot-stock", sources=[self.source])
        )
        self.asked = 0
        InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})

    def item(self, **values) -> SourceItem:
        self.asked += 1
        product = ProductFactory(
            sku=f"DEPOT-{self.asked}", backorders="ALLOW_QTY_BELOW_0", out_of_stock_threshold=0
        )
        return SourceItemFactory(product=product, source=self.source, **values)

    def waiting(self, item: SourceItem) -> Shipment:
        order = OrderFactory(channel=self.channel, number=f"depot-{item.product.sku}")
        return BackorderFactory(
            number=f"depot-{item.product.sku}-1", order=order, lines={item.product: 1}
        )


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), copied("backoffice_without"):
        yield Shop()


@pytest.fixture(scope="module")
def stack(shop, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    broker = Broker(folder / "broker", is_throwaway=True)
    broker.start()
    running = Stack(folder, broker)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        broker.stop()


@pytest.fixture(scope="module")
def walked(stack):
    """Every page of the admin, and every endpoint that answers GET."""
    make_every_row()
    make_telling_rows(stack.user)
    return [*pages(stack.user), *endpoints()]


def endpoints() -> list[str]:
    """Return the address of every list of the API, and of one row of each."""
    row = {
        "code": "depot",
        "sku": Product.objects.order_by("-pk").first().sku,
        "number": Order.objects.order_by("-pk").first().number,
    }
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [
        path.format_map(Defaults(row))
        for path, methods in paths.items()
        if "get" in methods and "availability" not in path
    ]


class Defaults(dict):
    def __missing__(self, _name: str) -> str:
        return "1"


def order_of(item: SourceItem) -> dict:
    return {
        "channel": "depot-web",
        "customer": {"name": "Ada Example", "email": "ada@example.com"},
        "address": HOME_BODY,
        "lines": [{"sku": item.product.sku, "quantity": "1", "unit_price": "2.50"}],
        "payment": {"gateway": "manual"},
    }


def adjustment(item: SourceItem, by: str = "1") -> list[dict]:
    return [{"sku": item.product.sku, "source": "depot", "by": by, "reason": "Counted"}]


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
    shown = re.search(r'name="fingerprint" value="(\d+)"', stack.get(address).body)
    sent = stack.post(address, {"fingerprint": shown[1]})
    assert sent.status == 302, sent.body
    change = BulkChange.objects.select_related("job").latest("pk")
    assert (change.chosen_count, change.job.state) == (len(items), "QUEUED")
    return change


@contextmanager
def locked(item: SourceItem) -> Iterator[psycopg.Connection]:
    """Have somebody else hold a row within this."""
    with psycopg.connect(**connection.get_connection_params()) as somebody:
        somebody.execute("SELECT 1 FROM inventory_sourceitem WHERE id = %s FOR UPDATE", [item.pk])
        yield somebody


@contextmanager
def odd_rows() -> Iterator[dict[str, str | None]]:
    """Have every odd row in the schedule within this; give the kind of fault of each by name."""
    faults = insert_odd_rows()
    try:
        yield faults
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM django_celery_beat_periodictask WHERE name = ANY(%s)", [list(faults)]
            )
        set_interval(every=15, period="minutes")


def test_one_locked_row_never_takes_all_threads(stack, shop):
    item = shop.item(quantity=Decimal(5))
    answers = []

    def adjust():
        answers.append(stack.post("/api/v1/source-items/adjust/", adjustment(item)))

    threads = [threading.Thread(target=adjust) for _ in range(12)]
    with locked(item):
        for thread in threads:
            thread.start()
        stack.until(lambda: len(rows_of(WAITING_WEB)) == 8 or len(answers) == 12)
        other = stack.get("/api/v1/sources/")
        for thread in threads:
            thread.join()
        assert stack.get("/health/ready/").status == 200

    assert other.status == 200
    assert [(answer.status, answer.headers["Retry-After"]) for answer in answers] == [
        (409, "2")
    ] * 12
    assert stack.post("/api/v1/source-items/adjust/", adjustment(item)).status == 200
    assert reread(item).quantity == 6


def test_no_row_of_the_schedule_stops_what_others_schedule(stack):
    # given: every odd row, all that can run overdue, and a scheduler that starts with them
    with odd_rows() as faults:
        jobs = PeriodicTask.objects.exclude(name__in=faults)
        runnable = {name for name, fault in faults.items() if fault is None}
        runnable |= set(jobs.values_list("name", flat=True))
        jobs.update(last_run_at=None)
        now = timezone.now()
        PeriodicTask.objects.update(date_changed=now - timedelta(days=400))
        stack.start_beat()
        beat = stack.processes["beat"]
        stack.until(lambda: beat.pid in [process_of(name) for name, _session in rows_of(WORKERS)])

        # then: all that can run starts within a minute, and nothing else
        started = PeriodicTask.objects.filter(last_run_at__gt=now)
        stack.until(
            lambda: (
                beat.poll() is not None or runnable <= set(started.values_list("name", flat=True))
            )
        )
        assert set(started.values_list("name", flat=True)) == runnable, stack.logs()
        times = started.aggregate(first=Min("last_run_at"), last=Max("last_run_at"))
        assert times["last"] - times["first"] < timedelta(minutes=1)
        assert len(runnable) == len(JOB_OF) + 8

        # and: workers do it, again and again, by a schedule that is changed meanwhile
        done = ReleaseRun.objects.filter(trigger="SCHEDULE", state="COMPLETED", created_at__gt=now)
        set_interval(every=1, period="seconds")
        stack.until(lambda: beat.poll() is not None or done.count() >= 3)
        assert beat.poll() is None, stack.logs()

        # and: each row that cannot run is logged once, and counted in the answer about health
        faulty = [name for name, fault in faults.items() if fault]
        said = {name: stack.log("beat").count(f"Not scheduled: {name}: ") for name in faulty}
        assert said == dict.fromkeys(faulty, 1)
        stack.until(lambda: f"{len(faulty)} cannot run" in stack.get("/health/work/").body)

    stack.until(lambda: stack.get("/health/work/").status == 200)


def test_a_database_that_stands_still_holds_no_request_for_ever(stack):
    # given: a web server of its own, whose threads have sessions
    with stack.another_web(workers=1, DATABASE_STATEMENT_SECONDS="2") as web:
        everybody(web, "/api/v1/sources/")
        own = [f" {pid}" for pid in children(web.processes["web"].pid)]
        backends = [pid for name, pid in rows_of(WEBS) if name.endswith(tuple(own))]
        assert backends

        # when: these sessions stand still, and their machine does not; other tests share the server
        with frozen(*backends), ThreadPoolExecutor() as people:
            waiting = people.submit(everybody, web, "/api/v1/sources/")
            stack.until(lambda: connections_of(web) >= PEOPLE)
            health = [web.get(f"/health/{check}/") for check in ("live", "ready", "work") * 2]
            assert not waiting.done()
            answers = waiting.result()

        # then: health checks are answered meanwhile
        assert health[0].status == health[3].status == 200
        assert {answer.status for answer in health} <= {200, 503}

        # and: a thread gives up a session that answers nothing for 2 + 5 seconds, for a new one
        assert {answer.status for answer in answers} == {200}
        assert max(answer.seconds for answer in answers) > 7
        assert max(answer.seconds for answer in answers) < 120

        # and: a health check says so where the server answers nobody, also no new session
        web.relays["web"].drop()
        without = web.get("/health/ready/")
        web.relays["web"].flow()
        assert (without.status, without.json["database"]) == (503, "does not answer")
        web.until(lambda: web.get("/api/v1/sources/").status == 200)
    stack.until(lambda: stack.get("/health/work/").status == 200)


@pytest.mark.parametrize("trouble", ["frozen", "cut off"])
def test_the_run_of_a_worker_that_shows_no_life_is_taken_up_by_another(stack, shop, trouble):
    # given: a worker in the middle of a batch, with the rows of shipments under lock
    item = shop.item(quantity=Decimal(1))
    waiting = shop.waiting(item)
    with locked(item):
        asked = stack.post("/api/v1/release-runs/", {"shipments": [waiting.number]})
        assert asked.status == 202, asked.body
        ((name, session),) = stack.until(lambda: rows_of(WAITING_WORKER))
        worker = worker_of(stack, process_of(name))
        if trouble == "frozen":
            os.killpg(stack.processes[worker].pid, signal.SIGSTOP)
        else:
            stack.relays[worker].drop()
        since = time.monotonic()

    # then: another does what it was at, within about a minute, and its session is gone
    stack.until(lambda: reread(waiting).state != "BACKORDER")
    took = time.monotonic() - since
    lost = ReleaseRun.objects.get(pk=asked.json["id"])
    assert (lost.state, lost.message_code) == ("FAILED", "WORKER_STOPPED")
    (again,) = ReleaseRun.objects.filter(replaces=lost)
    stack.until(lambda: reread(again).state == "COMPLETED")
    assert session not in [pid for _name, pid in rows_of(WORKERS)]
    assert took < 120
    assert reread(item).allocated == 1

    # and: one that is cut off knows it, and waits for nothing any more
    if trouble == "cut off":
        stack.until(lambda: "its sessions are given up" in stack.log(worker))

    # and: it comes back to itself, and does what it is given
    os.killpg(stack.processes[worker].pid, signal.SIGCONT)
    stack.relays[worker].flow()
    stack.until(lambda: any(name.endswith(f" {pid}") for name, _session in rows_of(WORKERS)
                            for pid in children(stack.processes[worker].pid)))  # fmt: skip
    assert stack.processes[worker].poll() is None
    done = stack.log(worker).count(" succeeded in ")
    stack.until(lambda: stack.log(worker).count(" succeeded in ") > done)
    assert_invariants()


@pytest.mark.parametrize("state", STATES)
def test_without_the_broker_all_but_background_work_goes_on(stack, shop, walked, state):
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


def rows_of(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def everybody(web: Stack, address: str) -> list[Answer]:
    """Return what is answered to more people at once than there are threads."""
    with ThreadPoolExecutor(PEOPLE) as people:
        return list(people.map(web.get, [address] * PEOPLE))


def connections_of(web: Stack) -> int:
    """Return how many clients are connected to a web server."""
    open_at_port = re.compile(rf"\S+:{web.port:04X} \S+ 01 ")
    return len(open_at_port.findall(Path("/proc/net/tcp").read_text()))


def children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def worker_of(stack: Stack, pid: int) -> str:
    """Return which worker started a process."""
    return next(name for name in ("first", "second") if pid in children(stack.processes[name].pid))


def reread(row):
    row.refresh_from_db()
    return row
