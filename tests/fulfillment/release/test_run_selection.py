"""Who a run looks at again, who it passes over, and the dates it keeps true."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.acts import Act
from fulfillment.models import ReleaseRun
from fulfillment.operations.delays.later_dates import tell_later_dates
from fulfillment.operations.shipments.dates import DateRules
from fulfillment.release.runs.arrivals import release_arrivals
from inventory.models import Product
from inventory.operations.future_supply import cancel_supply
from orders.models import OrderEmail
from tests.factories.fulfillment import promise
from tests.factories.inventory import (
    FutureSupplyFactory,
)
from tests.fulfillment.release.waiting_orders import NOW, World, configure, release

pytestmark = pytest.mark.django_db


def considered(run: ReleaseRun) -> list[Any]:
    return list(run.decisions.order_by("position").values_list("shipment__number", flat=True))


def test_what_waited_before_and_is_not_covered_by_all_that_is_left_is_passed_over(
    world: World, kettle: Product
) -> None:
    item = world.item(world.a, kettle, 2)
    world.backorder({kettle: 3}, number="1001", days=9)
    assert considered(release()) == ["1001-1"]
    world.backorder({kettle: 5}, number="1002", days=1)

    second = release()
    shown = release(is_dry_run=True)
    item.quantity = 3
    item.save()
    third = release()

    assert considered(second) == ["1002-1"]
    assert considered(shown) == ["1001-1", "1002-1"]
    assert (considered(third), third.released_count) == (["1001-1"], 1)


def test_what_dated_supply_may_date_is_looked_at_in_every_run(
    world: World, kettle: Product
) -> None:
    future = FutureSupplyFactory(
        product=kettle, source=world.a, quantity=9, expected_on=date(2026, 6, 1)
    )
    waiting = world.backorder({kettle: 3}, number="1001")
    release()
    future.expected_on = date(2026, 6, 15)
    future.save()

    release()

    waiting.refresh_from_db()
    assert waiting.expected_on == date(2026, 6, 15)


def test_a_date_that_lost_its_supply_stays_for_staff_with_a_notice(
    world: World, kettle: Product
) -> None:
    configure(default_backorder_days=21)
    future = FutureSupplyFactory(
        product=kettle, source=world.a, quantity=9, expected_on=date(2026, 7, 1)
    )
    waiting = world.backorder({kettle: 3}, number="1001", days=1)
    release()
    promise(waiting, date(2026, 5, 4))
    cancel_supply(future.pk, Act(NOW))

    release_arrivals(now=NOW, zone=ZoneInfo("UTC"))
    # The supply took its date back: the daily job informs the customer, a day later.
    assert not OrderEmail.objects.exists()
    told_at = NOW + timedelta(days=1, minutes=1)
    tell_later_dates(DateRules.in_force(), now=told_at)

    waiting.refresh_from_db()
    assert (waiting.expected_on, waiting.has_known_supply) == (date(2026, 7, 1), False)
    email = OrderEmail.objects.get(kind="EXPECTED_DATE_CHANGED")
    assert (email.context["former_expected_on"], email.context["expected_on"]) == (
        "2026-05-04", None,
    )  # fmt: skip
    assert waiting.lines.values_list("promised_on", "promise_told_at").get() == (None, told_at)


def test_no_notice_names_a_date_in_the_past(world: World, kettle: Product) -> None:
    configure(default_backorder_days=3)
    world.item(world.a, kettle, 1)
    waiting = world.backorder({kettle: 3}, number="1001", days=9)
    promise(waiting, date(2026, 5, 2))

    release()

    # The usual date passed before today.
    waiting.refresh_from_db()
    assert waiting.expected_on == date(2026, 4, 28)
    assert not OrderEmail.objects.exists()


def test_a_shipment_with_kept_units_is_not_passed_over(world: World, kettle: Product) -> None:
    configure(release_policy="STRICT")
    world.item(world.a, kettle, 2)
    world.backorder({kettle: 3}, number="1001", days=9)
    release()
    world.backorder({kettle: 2}, number="1002", days=1)

    run = release()

    assert (considered(run), run.released_count) == (["1001-1", "1002-1"], 0)


def test_nobody_is_passed_over_who_may_leave_in_part(world: World, kettle: Product) -> None:
    configure(release_mode="BY_QUANTITY")
    item = world.item(world.a, kettle, 2, status="OUT_OF_STOCK", is_status_automatic=False)
    world.backorder({kettle: 3}, number="1001")
    release()
    item.status = "IN_STOCK"
    item.save()

    assert release().released_count == 1
