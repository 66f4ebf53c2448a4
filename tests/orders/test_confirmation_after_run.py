"""The run that follows an order, and the confirmation that waits for it, a minute at most."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.acts import Act
from fulfillment.models import ArrivalNotice, ReleaseRun, Shipment
from fulfillment.operations.shipments.arrivals import send_confirmations
from fulfillment.release.runs.arrivals import release_arrivals
from inventory.models import FutureSupply
from orders.models import OrderEmail
from orders.notices.send import send_queued
from orders.payments.outcome_inquiry import ask_due
from orders.placing.batch import place_orders
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.inbox import text_of
from tests.orders.addresses import HOME
from tests.orders.kettles import NOW, configure, open_shop, place, release, supply_comes

pytestmark = pytest.mark.django_db
SOON = date(2026, 3, 9)
MINUTE = timedelta(minutes=1)
# The gateway answers when it is asked again.
LATE = "late"
DATED = "On backorder: 2. We expect to send this by 9 Mar 2026."


@pytest.fixture(autouse=True)
def shop(sends_at_once: None) -> None:
    open_shop()


def run_that_follows(now: Any = NOW) -> ReleaseRun | None:
    return release_arrivals(now=now, zone=ZoneInfo("UTC"))


@pytest.mark.parametrize("promises", [True, False])
def test_the_confirmation_states_the_date_that_the_run_found(
    inbox: list[Any], promises: bool
) -> None:
    configure(future_inventory=promises)
    supply_comes(SOON)
    place()
    assert send_queued(now=NOW) == 0

    run = run_that_follows()

    assert run is not None
    assert (run.trigger, run.state) == ("ARRIVAL", "COMPLETED")
    assert run_that_follows() is None
    assert send_queued(now=NOW) == 1
    assert DATED in text_of(inbox[0])


def test_a_worker_that_is_stopped_costs_the_date_and_not_the_confirmation(
    inbox: list[Any],
) -> None:
    configure(future_inventory=True)
    supply_comes(SOON)
    place()
    assert send_queued(now=NOW + timedelta(seconds=59)) == 0

    assert send_queued(now=NOW + MINUTE) == 1

    assert "We do not know yet when we can send this." in text_of(inbox[0])
    # The run comes all the same; its date is the agreed one, and no delay.
    run_that_follows(NOW + 2 * MINUTE)
    assert send_queued(now=NOW + 2 * MINUTE) == 1
    assert inbox[1]["Subject"] == "A new date for your order 1001"
    line = Shipment.objects.get(state="FUTURE").lines.get()
    assert (line.promised_on, line.agreed_on) == (SOON, SOON)


@pytest.mark.parametrize("count", [2, 9])
def test_what_waits_of_many_orders_is_looked_at_once(
    count: int, django_capture_on_commit_callbacks: Any
) -> None:
    configure(future_inventory=True)
    supply_comes(SOON)
    requests = [
        OrderRequest(
            address=HOME,
            channel="web",
            customer=Customer("Ada", "ada@example.com"),
            lines=(LineRequest("KTP", Decimal(6), Decimal("2.50")),),
            number=f"{number}",
            payment=PaymentRequest("sandbox", "decline" if number == 1 else ""),
        )
        for number in range(count)
    ]
    with django_capture_on_commit_callbacks() as after:
        place_orders(requests, Act(NOW))

    with CaptureQueriesContext(connection) as asked:
        for callback in after:
            callback()

    looks = [query["sql"] for query in asked if "supply.received_quantity" in (query["sql"] or "")]
    moves = [query["sql"] for query in asked if 'SET "next_attempt_at"' in (query["sql"] or "")]
    assert (len(looks), len(moves)) == (1, 1)
    assert ArrivalNotice.objects.count() == 1
    waiting = OrderEmail.objects.filter(kind="CONFIRMATION", next_attempt_at=NOW + MINUTE)
    # The declined order has no confirmation.
    assert waiting.count() == count - 1


def nothing_comes() -> None:
    pass


def it_is_overdue() -> None:
    supply_comes(date(2026, 2, 27))


def it_has_no_date() -> None:
    supply_comes(None)


def it_is_promised() -> None:
    supply_comes(SOON)
    FutureSupply.objects.update(allocated_quantity=2)


def runs_are_off() -> None:
    supply_comes(SOON)
    configure(release_enabled=False)


@pytest.mark.parametrize(
    "supply", [nothing_comes, it_is_overdue, it_has_no_date, it_is_promised, runs_are_off]
)
def test_a_confirmation_waits_for_no_run_that_could_find_nothing(
    inbox: list[Any], supply: Any
) -> None:
    supply()
    place()

    assert not ArrivalNotice.objects.exists()
    assert send_queued(now=NOW) == 1


def test_an_order_that_waits_for_nothing_is_confirmed_at_once(inbox: list[Any]) -> None:
    supply_comes(SOON)
    place(quantity=4)

    assert not ArrivalNotice.objects.exists()
    assert send_queued(now=NOW) == 1


def test_the_run_follows_the_answer_of_the_payment(inbox: list[Any]) -> None:
    supply_comes(SOON)
    place(token=LATE)
    assert not ArrivalNotice.objects.exists()

    ask_due(now=NOW + 9 * MINUTE)

    assert ArrivalNotice.objects.count() == 1
    email = OrderEmail.objects.get()
    assert email.next_attempt_at == NOW + 10 * MINUTE


def test_an_order_that_comes_during_a_run_waits_for_the_next(inbox: list[Any]) -> None:
    supply_comes(SOON)
    place()

    # The run before it ends, and the order is not in it.
    send_confirmations()
    assert send_queued(now=NOW) == 0

    ArrivalNotice.objects.all().delete()
    release()
    send_confirmations()
    assert send_queued(now=NOW) == 1
    assert DATED in text_of(inbox[0])
