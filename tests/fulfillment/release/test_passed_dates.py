"""Expected dates that pass before their shipments leave: counted once, replaced, and told."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from core.acts import Act
from core.operations.bulk.row_plans import BulkRow, Shift
from fulfillment.models import ReleaseRun, Shipment, ShipmentEvent
from fulfillment.operations.delays.silence import act_on_delays
from fulfillment.operations.moves.expected_date import set_expected_date
from fulfillment.operations.shipments import dates
from fulfillment.release.runs import engine, passed_dates
from fulfillment.release.runs.scope import walk_scope
from inventory.models import FutureSupply, Product
from inventory.operations.bulk import take_back_supply
from inventory.operations.future_supply import NewSupply, cancel_supply, change_supply
from inventory.operations.receipts import receive_supply
from inventory.operations.source_items import ItemChange, set_items
from inventory.queries.row_changes import RowChange
from orders.models import OrderEmail
from orders.notices.email_queue import Notice, queue_emails
from orders.ports import PromisedLine
from tests.beside import beside
from tests.factories.fulfillment import promise
from tests.factories.inventory import FutureSupplyFactory, SourceFactory
from tests.fulfillment.release.waiting_orders import NOW, TODAY, UTC_ZONE, World, configure, release
from tests.inventory.files.imports import written

YESTERDAY = TODAY - timedelta(days=1)
IN_14_DAYS = date(2026, 5, 12)
# Two workers need two sessions.
two_sessions = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db


def close_short(supply_id: int, act: Act) -> None:
    receive_supply(supply_id, act, quantity=Decimal(0), is_last=True)


def renew(now: datetime = NOW) -> int | None:
    """Let the jobs of dates and delays have their turn; return how many dates were replaced."""
    count = engine.renew_dates(now=now, zone=UTC_ZONE)
    act_on_delays(now=now)
    return count


def dates_of(shipment: Shipment) -> tuple[Any, ...]:
    shipment.refresh_from_db()
    known = shipment.has_known_supply
    return shipment.expected_on, known, shipment.missed_promise_count


def told() -> list[Any]:
    """Return the dates that e-mails gave customers, in order; None is no date yet."""
    emails = OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED").order_by("pk")
    return [email.context["expected_on"] for email in emails]


def passed(world: World, kettle: Product, *, number: str = "1001", **values: Any) -> Shipment:
    """Return a shipment expected yesterday, of which its customer knows."""
    shipment = world.backorder({kettle: 3}, number=number, days=9)
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=YESTERDAY, **values)
    promise(shipment, YESTERDAY)
    return shipment


def test_a_date_that_passes_is_counted_once_and_replaced_for_staff(
    world: World, kettle: Product
) -> None:
    shipment = passed(world, kettle)
    today = world.backorder({kettle: 3}, number="1002", days=9)
    Shipment.objects.filter(pk=today.pk).update(expected_on=TODAY)

    assert (renew(), renew()) == (1, 0)

    assert dates_of(shipment) == (IN_14_DAYS, False, 1)
    assert dates_of(today) == (TODAY, False, 0)
    event = ShipmentEvent.objects.get()
    assert (event.kind, event.detail) == (
        "EXPECTED_DATE_SET",
        {"from": "2026-04-27", "to": "2026-05-12", "is_missed": True},
    )
    # The customer is given no date: neither supply nor a person stands behind the new one.
    assert told() == [None]
    line = shipment.lines.get()
    assert (line.promised_on, line.promise_told_at, line.agreed_on) == (None, NOW, YESTERDAY)


def test_no_date_yet_is_told_again_after_so_many_days(world: World, kettle: Product) -> None:
    configure(default_backorder_days=7, delay_retell_days=30)
    shipment = passed(world, kettle)

    for day in range(41):
        renew(NOW + timedelta(days=day))

    # The dates passed on days 0, 8, 16, 24, 32 and 40: told on the first, and after 30 days.
    assert dates_of(shipment)[2] == 6
    emails = OrderEmail.objects.order_by("pk").values_list("created_at", flat=True)
    assert list(emails) == [NOW, NOW + timedelta(days=32)]
    assert told() == [None, None]


def test_a_customer_who_was_given_nothing_gets_no_notice(world: World, kettle: Product) -> None:
    shipment = passed(world, kettle)
    shipment.lines.update(promised_on=None, promise_told_at=None)

    renew()

    assert dates_of(shipment) == (IN_14_DAYS, False, 1)
    assert told() == []


def test_the_date_of_known_supply_replaces_it_and_is_told(world: World, kettle: Product) -> None:
    shipment = passed(world, kettle)
    FutureSupplyFactory(product=kettle, source=world.a, quantity=9, expected_on=date(2026, 7, 1))

    renew()

    assert dates_of(shipment) == (date(2026, 7, 1), True, 1)
    assert told() == ["2026-07-01"]
    assert shipment.lines.get().promised_on == date(2026, 7, 1)
    # A later date is no agreement.
    assert shipment.lines.get().agreed_on == YESTERDAY


def test_what_the_next_run_releases_is_left_to_its_own_notice(
    world: World, kettle: Product
) -> None:
    shipment = passed(world, kettle)
    world.item(world.a, kettle, 3)

    renew()

    assert dates_of(shipment) == (TODAY, True, 1)
    assert told() == []


@pytest.mark.parametrize(
    ("values", "is_counted"),
    [
        ({"is_held": True, "hold_reason": "STAFF"}, True),
        ({"is_expected_on_fixed": True}, True),
        ({"state": "CUSTOMER_CARE", "care_reason": "Address"}, True),
        ({"state": "READY"}, True),
        ({"state": "FULFILLED", "fulfilled_at": NOW}, False),
        ({"state": "REASSIGNED"}, False),
    ],
)
def test_every_open_shipment_is_counted(
    world: World, kettle: Product, values: dict[str, Any], is_counted: bool
) -> None:
    shipment = passed(world, kettle)
    at_source = {"source": world.a} if values.get("state") in {"READY", "FULFILLED"} else {}
    Shipment.objects.filter(pk=shipment.pk).update(**values, **at_source)

    assert renew() == int(is_counted)

    after = (IN_14_DAYS, False, 1) if is_counted else (YESTERDAY, False, 0)
    assert dates_of(shipment) == after
    shipment.refresh_from_db()
    assert not (is_counted and shipment.is_expected_on_fixed)


@pytest.mark.parametrize(("set_aside_at", "expected"), [(NOW, 0), (None, 1)])
def test_units_that_are_set_aside_for_pickup_keep_their_promise(
    world: World, kettle: Product, set_aside_at: datetime | None, expected: int
) -> None:
    shipment = passed(world, kettle)
    there = {"source": world.a, "pickup_source": world.a, "set_aside_at": set_aside_at}
    Shipment.objects.filter(pk=shipment.pk).update(state="READY", **there)

    assert renew() == expected


def test_children_inherit_promise_and_count(world: World, kettle: Product) -> None:
    configure(future_inventory=True, release_mode="BY_QUANTITY")
    world.item(world.a, kettle, 1)
    FutureSupplyFactory(product=kettle, source=world.b, quantity=1, expected_on=date(2026, 5, 9))
    shipment = world.backorder({kettle: 3}, number="1001", days=9)
    expected = date(2026, 5, 20)
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=expected, missed_promise_count=2)
    promise(shipment, date(2026, 5, 9))

    release()

    found = Shipment.objects.order_by("state").values_list(
        "state", "expected_on", "has_known_supply", "missed_promise_count",
        "lines__promised_on", "lines__agreed_on",
    )  # fmt: skip
    day = date(2026, 5, 9)
    assert list(found) == [
        ("BACKORDER", expected, False, 2, day, day),
        ("FUTURE", day, True, 2, day, day),
        ("READY", expected, False, 2, day, day),
    ]
    assert told() == []


def test_a_scheduled_run_replaces_passed_dates_first(world: World, kettle: Product) -> None:
    configure(release_enabled=False)
    shipment = passed(world, kettle)

    release()
    assert dates_of(shipment) == (YESTERDAY, False, 0)
    engine.run_release(act=Act(NOW), zone=UTC_ZONE, trigger=ReleaseRun.Trigger.SCHEDULE)

    assert dates_of(shipment) == (IN_14_DAYS, False, 1)


def test_the_first_date_after_a_confirmation_without_one_is_the_agreed_date(
    world: World, kettle: Product
) -> None:
    soon = world.backorder({kettle: 3}, number="1001", days=9)
    late = world.backorder({kettle: 3}, number="1002", days=31)
    for shipment in (soon, late):
        promise(shipment, None)
    FutureSupplyFactory(product=kettle, source=world.a, quantity=9, expected_on=date(2026, 7, 1))

    release()

    # After the 30 days on which the second customer counted, another date needs an agreement.
    assert soon.lines.get().agreed_on == date(2026, 7, 1)
    assert late.lines.get().agreed_on is None
    assert {line.promised_on for line in (soon.lines.get(), late.lines.get())} == {date(2026, 7, 1)}


@two_sessions
def test_two_workers_count_a_date_once(world: World, kettle: Product) -> None:
    shipment = passed(world, kettle)
    replace = partial(passed_dates.replace_passed_dates, now=NOW, zone=UTC_ZONE)

    with ExitStack() as stack, transaction.atomic():
        replace()
        # The second has seen the date before the first commits.
        stack.enter_context(beside(replace))

    assert dates_of(shipment) == (IN_14_DAYS, False, 1)
    assert told() == [None]


def test_a_date_is_not_replaced_by_supply_that_is_canceled_meanwhile(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply, shipment = dated_order(world, kettle)
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=YESTERDAY)
    promise(shipment, YESTERDAY)
    plan = walk_scope

    def planned_before_it_goes(*arguments: Any, **values: Any) -> Any:
        walk, batches = plan(*arguments, **values)
        decided = list(walk.over(batches))
        FutureSupply.objects.filter(pk=supply.pk).update(state="CANCELED")
        stub = SimpleNamespace(over=lambda _batches: decided, supply=walk.supply)
        return stub, batches

    monkeypatch.setattr(passed_dates, "walk_scope", planned_before_it_goes)
    assert renew() == 0
    assert (dates_of(shipment), told()) == ((YESTERDAY, False, 0), [])

    monkeypatch.undo()
    assert renew() == 1
    assert (dates_of(shipment), told()) == ((IN_14_DAYS, False, 1), [None])


@pytest.mark.parametrize(
    ("release_enabled", "expected", "given"),
    [
        (False, (date(2026, 5, 9), True, 0), ["2026-05-09"]),
        # A run follows the loss, and dates it.
        (True, (date(2026, 5, 19), False, 0), []),
    ],
)
@pytest.mark.parametrize("future_inventory", [False, True])
def test_other_supply_dates_what_lost_its_supply_while_no_run_does(
    world: World,
    kettle: Product,
    release_enabled: bool,
    future_inventory: bool,
    expected: Any,
    given: list[str],
) -> None:
    configure(release_enabled=release_enabled)
    supply, shipment = dated_order(world, kettle)
    FutureSupplyFactory(product=kettle, source=world.b, quantity=9, expected_on=date(2026, 5, 9))
    release()
    promise(shipment, date(2026, 5, 2))
    shipment.lines.update(agreed_on=date(2026, 5, 19))
    cancel_supply(supply.pk, Act(NOW))
    assert dates_of(shipment) == (date(2026, 5, 19), False, 0)

    configure(future_inventory=future_inventory)
    for _ in range(2):
        renew()

    assert (dates_of(shipment), told()) == (expected, given)


@two_sessions
def test_a_worker_that_dies_between_two_batches_leaves_the_rest_for_the_next(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipments = [passed(world, kettle, number=f"100{each}") for each in (1, 2, 3)]
    monkeypatch.setattr(passed_dates, "BATCH_SIZE", 1)
    tell = dates.tell_dates
    batches: list[Any] = []

    def dying(keys: Any, rules: Any, **values: Any) -> None:
        tell(keys, rules, **values)
        batches.append(keys)
        if len(batches) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(passed_dates, "tell_dates", dying)
    with pytest.raises(KeyboardInterrupt):
        renew()
    assert [dates_of(shipment)[2] for shipment in shipments] == [1, 0, 0]

    assert renew() == 2

    assert [dates_of(shipment) for shipment in shipments] == [(IN_14_DAYS, False, 1)] * 3
    assert told() == [None] * 3


def test_units_that_fall_back_are_expected_from_today(world: World, kettle: Product) -> None:
    item = world.item(world.a, kettle, 3)
    shipment = world.backorder({kettle: 3}, number="1001", days=9)
    release()
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=None)

    change = ItemChange(item.product_id, item.source_id, {"quantity": Decimal(2)})
    set_items([change], Act(NOW))

    assert dates_of(shipment) == (IN_14_DAYS, False, 0)
    event = ShipmentEvent.objects.get(kind="BACKORDERED")
    assert event.detail == {"from": None, "to": "2026-05-12"}


def test_a_date_that_lost_its_supply_is_told_after_a_day(world: World, kettle: Product) -> None:
    configure(future_inventory=True, release_enabled=False)
    supply = FutureSupplyFactory(
        product=kettle, source=world.a, quantity=3, expected_on=date(2026, 5, 9)
    )
    world.backorder({kettle: 3}, number="1001", days=9)
    release()
    shipment = Shipment.objects.get(state="FUTURE")
    promise(shipment, date(2026, 5, 9))

    cancel_supply(supply.pk, Act(NOW))

    # 14 days from today, which is later than the agreed date.
    assert dates_of(shipment) == (IN_14_DAYS, False, 0)
    event = ShipmentEvent.objects.get(kind="BACKORDERED")
    assert event.detail == {"from": "2026-05-09", "to": "2026-05-12"}
    renew(NOW + timedelta(hours=23))
    assert told() == []
    for hours in (25, 49):
        renew(NOW + timedelta(hours=hours))
    assert told() == [None]
    assert dates_of(shipment)[2] == 0


def test_units_of_which_the_confirmation_said_nothing_are_told_once_they_are_late(
    world: World, kettle: Product
) -> None:
    shipment = world.backorder({kettle: 3}, number="1001", days=9)
    confirmed = Notice(shipment.order, "placed", {})
    queue_emails([confirmed], kind=OrderEmail.Kind.CONFIRMATION, now=NOW)
    # Its customer counts on 19 May.
    for day, body in ((date(2026, 5, 20), ""), (date(2026, 5, 19), "Thank you")):
        OrderEmail.objects.update(body=body)
        Shipment.objects.filter(pk=shipment.pk).update(expected_on=day)
        renew()
        assert told() == []

    Shipment.objects.filter(pk=shipment.pk).update(expected_on=date(2026, 5, 20))
    for _again in range(2):
        renew()

    assert told() == [None]
    line = shipment.lines.get()
    assert (line.promised_on, line.promise_told_at, line.agreed_on) == (
        None, NOW, date(2026, 5, 19),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("later", "is_freed"),
    [(date(2026, 5, 5), False), (date(2026, 5, 6), True), (None, True)],
)
def test_a_date_set_by_staff_gives_way_to_supply_that_moves_beyond_it(
    world: World, kettle: Product, later: date | None, is_freed: bool
) -> None:
    supply = FutureSupplyFactory(
        product=kettle, source=world.a, quantity=9, expected_on=date(2026, 5, 2)
    )
    elsewhere = FutureSupplyFactory(
        product=kettle, source=SourceFactory(), quantity=9, expected_on=date(2026, 5, 2)
    )
    shipment = world.backorder({kettle: 3}, number="1001", days=9)
    set_expected_date(shipment.pk, Act(NOW), expected_on=date(2026, 5, 5), today=TODAY)

    # Supply at a source that does not serve it has no part in its date.
    change_supply(elsewhere.pk, NewSupply(Decimal(9), later), Act(NOW), today=TODAY)
    shipment.refresh_from_db()
    assert shipment.is_expected_on_fixed
    change_supply(supply.pk, NewSupply(Decimal(9), later), Act(NOW), today=TODAY)

    shipment.refresh_from_db()
    # Without it: 30 days after the order, the date on which its customer counts.
    after = (date(2026, 5, 19), False) if is_freed else (date(2026, 5, 5), True)
    assert (shipment.expected_on, shipment.is_expected_on_fixed) == after


def undate(supply: FutureSupply, act: Act) -> None:
    change_supply(supply.pk, NewSupply(supply.quantity, None), act, today=TODAY)


def import_without_date(supply: FutureSupply, _act: Act) -> None:
    row = f"{supply.product.sku},{supply.source.code},{supply.quantity},,{supply.reference}\n"
    written(f"sku,source_code,quantity,expected_on,reference\n{row}", format_code="FUTURE_SUPPLY")


def take_back_date(supply: FutureSupply, act: Act) -> None:
    row = RowChange(supply.pk, {"expected_on": None}, {"expected_on": supply.expected_on})
    shift = Shift("expected_on", supply.expected_on, None)
    planned = BulkRow(supply.pk, (), (shift,))
    take_back_supply.lock([row])
    take_back_supply.write([(row, planned)], act, today=TODAY)


def take_back_record(supply: FutureSupply, act: Act) -> None:
    row = RowChange(supply.pk, None, {})
    take_back_supply.lock([row])
    take_back_supply.write([(row, BulkRow(supply.pk, ()))], act, today=TODAY)


LOSSES: list[Callable[[FutureSupply, Act], Any]] = [
    lambda supply, act: cancel_supply(supply.pk, act),
    lambda supply, act: close_short(supply.pk, act),
    undate,
    import_without_date,
    take_back_date,
    take_back_record,
]


def dated_order(world: World, kettle: Product) -> tuple[FutureSupply, Shipment]:
    supply = FutureSupplyFactory(
        product=kettle, source=world.a, quantity=9, expected_on=date(2026, 5, 2), reference="PO-1"
    )
    return supply, world.backorder({kettle: 3}, number="1001", days=9)


@pytest.mark.parametrize("lose", LOSSES)
def test_a_date_set_by_staff_gives_way_to_supply_that_never_comes(
    world: World, kettle: Product, lose: Callable[[FutureSupply, Act], Any]
) -> None:
    supply, shipment = dated_order(world, kettle)
    set_expected_date(shipment.pk, Act(NOW), expected_on=date(2026, 5, 5), today=TODAY)

    lose(supply, Act(NOW))

    shipment.refresh_from_db()
    assert not shipment.is_expected_on_fixed


def move_into_the_past(supply: FutureSupply, act: Act) -> None:
    change_supply(supply.pk, NewSupply(supply.quantity, YESTERDAY), act, today=TODAY)


def cut_down(supply: FutureSupply, act: Act) -> None:
    change_supply(supply.pk, NewSupply(Decimal(2), supply.expected_on), act, today=TODAY)


def import_fewer(supply: FutureSupply, _act: Act) -> None:
    row = f"{supply.product.sku},{supply.source.code},2,{supply.expected_on},{supply.reference}\n"
    written(f"sku,source_code,quantity,expected_on,reference\n{row}", format_code="FUTURE_SUPPLY")


@pytest.mark.parametrize("lose", [*LOSSES, move_into_the_past, cut_down, import_fewer])
def test_no_confirmation_names_the_date_of_supply_that_is_gone(
    world: World, kettle: Product, lose: Callable[[FutureSupply, Act], Any]
) -> None:
    configure(release_enabled=False)
    supply, shipment = dated_order(world, kettle)
    shipment.order.lines.update(backordered_quantity=3, has_backorder_notice=True)
    release()
    assert dates_of(shipment) == (date(2026, 5, 2), True, 0)

    lose(supply, Act(NOW))

    # 30 days after the order, the date on which its customer counts; no run has looked since.
    assert dates_of(shipment) == (date(2026, 5, 19), False, 0)
    [stated] = dates.confirm_dates(shipment.order_id, now=NOW).values()
    assert stated == PromisedLine(Decimal(3), None)


def test_supply_that_comes_earlier_or_in_time_keeps_its_dates(
    world: World, kettle: Product
) -> None:
    supply, shipment = dated_order(world, kettle)
    release()

    for day in (date(2026, 5, 1), date(2026, 5, 2)):
        change_supply(supply.pk, NewSupply(Decimal(9), day), Act(NOW), today=TODAY)

    assert dates_of(shipment) == (date(2026, 5, 2), True, 0)
