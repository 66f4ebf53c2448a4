"""Expected dates and promises fall on the working days of their source."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection

from core.acts import Act
from fulfillment.admin.reasons import sentences
from fulfillment.models import Shipment
from fulfillment.operations.delays.later_dates import tell_later_dates
from fulfillment.operations.moves.reassignment import reassign, reroute
from fulfillment.operations.shipments.dates import DateRules
from fulfillment.operations.supply.closed_dates import ON_CLOSED_DAYS
from fulfillment.release.explanation import explain
from fulfillment.release.runs import engine
from inventory.models import ClosedDay, FutureSupply, Product, SalesChannel, Source
from inventory.operations.closed_days import renew_closed_days
from inventory.operations.future_supply import NewSupply, cancel_supply, change_supply
from inventory.operations.stocks import save_source
from orders.models import OrderEmail
from tests.factories.fulfillment import promise
from tests.factories.inventory import FutureSupplyFactory
from tests.fulfillment.release.waiting_orders import NOW, TODAY, UTC_ZONE, World, configure, release

pytestmark = pytest.mark.django_db

# TODAY is Tuesday, 28 April.
WEDNESDAY, THURSDAY, FRIDAY = date(2026, 4, 29), date(2026, 4, 30), date(2026, 5, 1)
SATURDAY, MONDAY = date(2026, 5, 2), date(2026, 5, 4)
WORKWEEK = ["MON", "TUE", "WED", "THU", "FRI"]


def works(source: Source, **calendar: Any) -> None:
    for name, value in calendar.items():
        setattr(source, name, value)
    source.full_clean()
    save_source(source, today=TODAY, changed=calendar)


def comes(source: Source, product: Product, on: date, units: int = 5) -> FutureSupply:
    found: FutureSupply = FutureSupplyFactory(
        source=source, product=product, quantity=units, expected_on=on
    )
    return found


def now(shipment: Shipment) -> Any:
    shipment.refresh_from_db()
    return shipment.state, shipment.expected_on


def test_supply_of_a_closed_day_is_promised_for_the_next_working_day(
    world: World, kettle: Product
) -> None:
    configure(future_inventory=True)
    works(world.a, work_days=WORKWEEK)
    comes(world.a, kettle, SATURDAY)
    shipment = world.backorder({kettle: 3}, number="1001")
    promise(shipment, None)

    release()

    child = shipment.children.get()
    assert now(child) == ("FUTURE", MONDAY)
    assert child.lines.get().promised_on == MONDAY
    assert OrderEmail.objects.get().context["expected_on"] == MONDAY.isoformat()


def test_a_source_that_works_every_day_promises_the_day_of_its_supply(
    world: World, kettle: Product
) -> None:
    configure(future_inventory=True)
    works(world.b, work_days=WORKWEEK)
    comes(world.a, kettle, SATURDAY)
    shipment = world.backorder({kettle: 3}, number="1001")

    release()

    assert now(shipment.children.get()) == ("FUTURE", SATURDAY)


def test_the_earlier_of_two_sources_is_the_one_that_works_first(
    world: World, kettle: Product
) -> None:
    configure(future_inventory=True)
    works(world.a, work_days=WORKWEEK)
    comes(world.a, kettle, SATURDAY)
    comes(world.b, kettle, SATURDAY + timedelta(1))
    shipment = world.backorder({kettle: 3}, number="1001")

    release()

    child = shipment.children.get()
    assert (child.source, child.expected_on) == (world.b, date(2026, 5, 3))


def test_supply_that_is_not_promised_dates_what_waits_on_a_working_day(
    world: World, kettle: Product
) -> None:
    works(world.a, work_days=WORKWEEK)
    comes(world.a, kettle, SATURDAY)
    shipment = world.backorder({kettle: 3}, number="1001")

    release()

    assert now(shipment) == ("BACKORDER", MONDAY)


@pytest.mark.parametrize(
    ("cut_off", "expected_on"),
    [
        (None, TODAY),
        (time(12, 1), TODAY),
        (time(12), date(2026, 4, 29)),
        (time(8), date(2026, 4, 29)),
    ],
)
def test_after_the_cut_off_time_what_comes_today_leaves_on_the_next_working_day(
    world: World, kettle: Product, cut_off: time | None, expected_on: date
) -> None:
    works(world.a, cut_off_time=cut_off)
    comes(world.a, kettle, TODAY)
    shipment = world.backorder({kettle: 3}, number="1001")

    release()

    assert now(shipment)[1] == expected_on


def test_an_estimate_without_supply_falls_on_the_first_day_that_a_source_works(
    world: World, kettle: Product
) -> None:
    # Fourteen days after Tuesday is 12 May, and no order was agreed for a later day.
    configure(promise_days=1)
    works(world.a, closed_days=[date(2026, 5, 12), date(2026, 5, 13)])
    works(world.b, closed_days=[date(2026, 5, 12)])
    supply = comes(world.a, kettle, FRIDAY)
    shipment = world.backorder({kettle: 3}, number="1001", days=0)
    release()
    assert now(shipment)[1] == FRIDAY

    cancel_supply(supply.pk, Act(NOW))

    assert now(shipment)[1] == date(2026, 5, 13)


def test_after_the_cut_off_time_days_are_counted_from_the_next_working_day(
    world: World, kettle: Product
) -> None:
    configure(promise_days=1)
    for source in (world.a, world.b):
        works(source, cut_off_time=time(11), closed_days=[date(2026, 4, 29)])
    supply = comes(world.a, kettle, FRIDAY)
    shipment = world.backorder({kettle: 3}, number="1001", days=0)
    release()

    cancel_supply(supply.pk, Act(NOW))

    assert now(shipment)[1] == date(2026, 5, 14)


def test_a_promise_moves_along_with_its_supply_to_a_working_day(
    world: World, kettle: Product
) -> None:
    configure(future_inventory=True)
    works(world.a, work_days=WORKWEEK)
    supply = comes(world.a, kettle, THURSDAY)
    shipment = world.backorder({kettle: 3}, number="1001")
    release()
    child = shipment.children.get()
    assert now(child) == ("FUTURE", THURSDAY)

    change_supply(supply.pk, NewSupply(supply.quantity, SATURDAY), Act(NOW), today=TODAY)

    assert now(child) == ("FUTURE", MONDAY)


def test_promises_leave_days_that_have_become_closed(world: World, kettle: Product) -> None:
    configure(future_inventory=True)
    comes(world.a, kettle, FRIDAY)
    shipment = world.backorder({kettle: 3}, number="1001")
    release()
    child = shipment.children.get()

    works(world.a, closed_days=[FRIDAY, SATURDAY])
    engine.renew_dates(now=NOW, zone=UTC_ZONE)

    assert now(child) == ("FUTURE", date(2026, 5, 3))


def test_what_is_ready_leaves_days_that_have_become_closed(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 20)
    ready, fixed, collected = (
        world.backorder({kettle: 3}, number=number) for number in ("1001", "1002", "1003")
    )
    release()
    dates = Shipment.objects.filter(state="READY")
    dates.update(expected_on=FRIDAY, has_known_supply=True)
    dates.filter(pk=fixed.pk).update(is_expected_on_fixed=True)
    dates.filter(pk=collected.pk).update(pickup_source=world.a, set_aside_at=NOW)
    OrderEmail.objects.all().delete()
    promise(ready, FRIDAY)

    works(world.b, closed_days=[FRIDAY])
    engine.renew_dates(now=NOW, zone=UTC_ZONE)
    assert now(ready) == ("READY", FRIDAY)
    works(world.a, closed_days=[FRIDAY, SATURDAY])
    engine.renew_dates(now=NOW, zone=UTC_ZONE)
    engine.renew_dates(now=NOW, zone=UTC_ZONE)

    assert now(ready) == ("READY", date(2026, 5, 3))
    assert now(fixed) == now(collected) == ("READY", FRIDAY)
    [event] = ready.events.filter(kind="EXPECTED_DATE_SET")
    assert (event.detail["from"], event.detail["to"]) == ("2026-05-01", "2026-05-03")
    assert event.reason == "CALENDAR"
    assert OrderEmail.objects.get().context["expected_on"] == "2026-05-03"
    assert ready.lines.get().promised_on == date(2026, 5, 3)


def test_an_estimate_leaves_a_day_on_which_all_that_could_serve_it_are_closed(
    world: World, kettle: Product
) -> None:
    shipment = world.backorder({kettle: 3}, number="1001")
    fixed = world.backorder({kettle: 3}, number="1002")
    Shipment.objects.update(expected_on=FRIDAY)
    Shipment.objects.filter(pk=fixed.pk).update(is_expected_on_fixed=True)

    works(world.a, closed_days=[FRIDAY, SATURDAY])
    engine.renew_dates(now=NOW, zone=UTC_ZONE)
    assert now(shipment) == ("BACKORDER", FRIDAY)
    works(world.b, closed_days=[FRIDAY])
    engine.renew_dates(now=NOW, zone=UTC_ZONE)

    assert now(shipment) == ("BACKORDER", SATURDAY)
    assert now(fixed) == ("BACKORDER", FRIDAY)
    assert not OrderEmail.objects.exists()


def test_the_days_of_estimates_are_looked_at_once_for_all_of_a_stock(
    world: World, kettle: Product
) -> None:
    for number in range(1001, 1021):
        world.backorder({kettle: 3}, number=str(number))
    Shipment.objects.update(expected_on=FRIDAY)
    works(world.a, closed_days=[FRIDAY])

    def plan(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield node
        for child in node.get("Plans", ()):
            yield from plan(child)

    with connection.cursor() as cursor:
        explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {ON_CLOSED_DAYS}"
        cursor.execute(explained, {"now": NOW, "zone": "UTC"})
        [[[found]]] = cursor.fetchall()

    nodes = list(plan(found["Plan"]))
    loops = [
        node["Actual Loops"] for node in nodes if node.get("Relation Name") == "inventory_source"
    ]
    assert loops == [1]


def test_what_another_source_sends_by_hand_is_expected_on_a_working_day_of_it(
    world: World, kettle: Product
) -> None:
    world.item(world.a, kettle, 6)
    shipment = world.backorder({kettle: 3}, number="1001")
    fixed = world.backorder({kettle: 3}, number="1002")
    release()
    Shipment.objects.update(expected_on=FRIDAY, has_known_supply=True)
    Shipment.objects.filter(pk=fixed.pk).update(is_expected_on_fixed=True)
    OrderEmail.objects.all().delete()
    promise(shipment, FRIDAY)
    works(world.b, closed_days=[FRIDAY])
    world.item(world.b, kettle, 20)

    [child] = reassign(shipment.pk, Act(NOW, reason="Closer"), source_code="b").ready
    [kept] = reassign(fixed.pk, Act(NOW, reason="Closer"), source_code="b").ready

    assert now(child) == ("READY", SATURDAY)
    assert now(kept) == ("READY", FRIDAY)
    [event] = child.events.filter(kind="EXPECTED_DATE_SET")
    assert (event.reason, event.detail["to"]) == ("Closer", "2026-05-02")
    assert OrderEmail.objects.get().context["expected_on"] == "2026-05-02"


def test_what_waited_and_is_moved_by_hand_is_expected_on_a_working_day(
    world: World, kettle: Product
) -> None:
    shipment = world.backorder({kettle: 3}, number="1001")
    passed = world.backorder({kettle: 3}, number="1002")
    Shipment.objects.update(expected_on=FRIDAY)
    Shipment.objects.filter(pk=passed.pk).update(expected_on=date(2026, 4, 24))
    world.item(world.b, kettle, 20)
    works(world.b, closed_days=[date(2026, 4, 25), FRIDAY], cut_off_time=time(8))

    reassign(shipment.pk, Act(NOW), source_code="b")
    reroute(passed.pk, Act(NOW))

    assert now(shipment) == ("READY", SATURDAY)
    assert not shipment.events.filter(kind="EXPECTED_DATE_SET").exists()
    # One that passed unkept is still to be counted.
    assert now(passed) == ("READY", date(2026, 4, 24))


def test_what_is_released_is_expected_on_a_working_day_of_its_source(
    world: World, kettle: Product
) -> None:
    works(world.a, closed_days=[FRIDAY])
    world.item(world.a, kettle, 5)
    shipment = world.backorder({kettle: 3}, number="1001")
    fixed = world.backorder({kettle: 2}, number="1002")
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=FRIDAY)
    Shipment.objects.filter(pk=fixed.pk).update(expected_on=FRIDAY, is_expected_on_fixed=True)

    release()

    assert now(shipment) == ("READY", SATURDAY)
    assert now(fixed) == ("READY", FRIDAY)


def test_an_explanation_names_the_closed_days(world: World, kettle: Product) -> None:
    works(world.a, work_days=WORKWEEK, closed_days=[MONDAY])
    comes(world.a, kettle, SATURDAY)
    shipment = world.backorder({kettle: 3}, number="1001")

    found = explain([shipment.pk], now=NOW, zone=UTC_ZONE, with_remedies=True)[shipment.pk]

    assert found.detail["expected_on"] == "2026-05-05"
    assert found.detail["closed"] == (
        {
            "source": "a",
            "days": ["2026-05-02", "2026-05-03", "2026-05-04"],
            "is_past_cut_off": False,
        },
    )
    assert sentences(found.detail)[-1] == "a is closed on 2 May 2026, 3 May 2026, 4 May 2026."


def test_an_explanation_names_the_cut_off_time(world: World, kettle: Product) -> None:
    works(world.a, cut_off_time=time(12), closed_days=[date(2026, 4, 29)])
    comes(world.a, kettle, TODAY)
    shipment = world.backorder({kettle: 3}, number="1001")

    found = explain([shipment.pk], now=NOW, zone=UTC_ZONE, with_remedies=True)[shipment.pk]

    assert found.detail["expected_on"] == "2026-04-30"
    assert sentences(found.detail)[-2:] == [
        "Today’s cut-off time of a has passed.",
        "a is closed on 29 Apr 2026.",
    ]


def test_public_holidays_of_the_country_are_closed(world: World) -> None:
    works(world.a, country="US", postcode="98101", is_closed_on_holidays=True)

    days = ClosedDay.objects.filter(source=world.a, closed_on__year=2026).order_by("closed_on")

    assert [day.isoformat() for day in days.values_list("closed_on", flat=True)] == [
        "2026-05-25",
        "2026-06-19",
        "2026-07-03",
        "2026-07-04",
        "2026-09-07",
        "2026-10-12",
        "2026-11-11",
        "2026-11-26",
        "2026-12-25",
    ]


def test_closed_days_are_worked_out_further_each_day(world: World) -> None:
    works(world.a, work_days=WORKWEEK)
    last = ClosedDay.objects.filter(source=world.a).latest("closed_on").closed_on
    untouched = set(ClosedDay.objects.values_list("pk", flat=True))

    renew_closed_days(today=TODAY + timedelta(7))

    assert ClosedDay.objects.filter(source=world.a).latest("closed_on").closed_on == (
        last + timedelta(7)
    )
    assert len(untouched - set(ClosedDay.objects.values_list("pk", flat=True))) == 2
    renew_closed_days(today=TODAY + timedelta(7))
    works(world.a, work_days=["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])
    assert not ClosedDay.objects.exists()


def test_units_that_are_there_leave_today_before_the_cut_off_time(
    world: World, kettle: Product
) -> None:
    morning = datetime(2026, 4, 28, 9, tzinfo=UTC)
    works(world.a, cut_off_time=time(12))
    comes(world.a, kettle, TODAY)
    shipment = world.backorder({kettle: 3}, number="1001")

    found = explain([shipment.pk], now=morning, zone=UTC_ZONE, with_remedies=True)[shipment.pk]

    assert (found.detail["expected_on"], found.detail.get("closed")) == ("2026-04-28", None)


@pytest.mark.parametrize("move", ["calendar", "another source"])
def test_a_delay_of_what_is_ready_is_told_when_it_stood_for_a_day(
    world: World, kettle: Product, move: str
) -> None:
    SalesChannel.objects.update(delay_rule="NOTIFY")
    agreed = TODAY + timedelta(days=20)
    world.item(world.a, kettle, 20)
    shipment, early = (world.backorder({kettle: 3}, number=number) for number in ("1001", "1002"))
    release()
    for one in (shipment, early):
        promise(one, agreed)
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=agreed, has_known_supply=True)
    # It was to come later, and is there before its customer was told.
    later = agreed + timedelta(days=9)
    Shipment.objects.filter(pk=early.pk).update(expected_on=later, has_known_supply=True)
    OrderEmail.objects.all().delete()

    if move == "calendar":
        works(world.a, closed_days=[agreed])
        engine.renew_dates(now=NOW, zone=UTC_ZONE)
    else:
        works(world.b, closed_days=[agreed])
        world.item(world.b, kettle, 20)
        reassign(shipment.pk, Act(NOW, reason="Closer"), source_code="b")
    told = [
        tell_later_dates(DateRules.in_force(), now=NOW + timedelta(hours=hours))
        for hours in (0, 23, 24, 25)
    ]

    assert told == [0, 0, 1, 0]
    [email] = OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED")
    assert email.order == shipment.order
    assert email.context["expected_on"] == str(agreed + timedelta(days=1))


def test_what_is_set_aside_by_then_is_told_no_later_day(world: World, kettle: Product) -> None:
    SalesChannel.objects.update(delay_rule="NOTIFY")
    agreed = TODAY + timedelta(days=20)
    world.item(world.a, kettle, 20)
    shipment = world.backorder({kettle: 3}, number="1001")
    release()
    promise(shipment, agreed)
    Shipment.objects.update(expected_on=agreed, has_known_supply=True)
    works(world.a, closed_days=[agreed])
    engine.renew_dates(now=NOW, zone=UTC_ZONE)

    Shipment.objects.update(pickup_source=world.a, set_aside_at=NOW)

    day_after = NOW + timedelta(hours=30)
    assert tell_later_dates(DateRules.in_force(), now=day_after) == 0
    Shipment.objects.update(pickup_source=None, set_aside_at=None)
    assert tell_later_dates(DateRules.in_force(), now=day_after) == 1
