"""A filter keeps the rows whose column shows what it asks for, and no others."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fulfillment.models import Allocation, ReleaseDecision, ReleaseRun, Shipment
from fulfillment.review import shipment_conditions
from fulfillment.review.filters import shipments_matching
from fulfillment.review.reasons import REASON_LABELS
from fulfillment.review.review_rows import ReviewRow, count_reasons, rows_of
from inventory.models import SalesChannel, Source
from orders.models import Order, OrderLine
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY = date(2026, 3, 31)
UTC_ZONE = ZoneInfo("UTC")
DATED, OVERDUE, NO_DATE = "2026-03-31", "2026-03-30", None
KINDS = ("DATED", "OVERDUE", "NO_DATE", "NONE")


@pytest.fixture
def berlin() -> Source:
    return SourceFactory(code="berlin")


@pytest.fixture
def oslo() -> Source:
    return SourceFactory(code="oslo")


@pytest.fixture
def channel(berlin: Source, oslo: Source) -> SalesChannel:
    return SalesChannelFactory(stock=StockFactory(sources=[berlin, oslo]))


def expected(source: Source, *days: Any, **columns: Any) -> Any:
    """Return a product of which units are to come at a source on each of these days."""
    product = columns.pop("product", None) or ProductFactory()
    for day in days:
        FutureSupplyFactory(product=product, source=source, expected_on=day, **columns)
    return product


def waits(number: Any, channel: SalesChannel, *products: Any, **columns: Any) -> Shipment:
    placed = columns.pop("placed", {})
    order = OrderFactory(channel=channel, **placed)
    return BackorderFactory(number=number, order=order, lines=dict.fromkeys(products, 1), **columns)


def decided(shipment: Any, *shortages: tuple[str, str], outcome: str = "WAITING") -> None:
    run = ReleaseRun.objects.create(trigger="STAFF", created_at=NOON)
    short = [{"sku": sku, "missing": "1", "reasons": [why]} for sku, why in shortages]
    ReleaseDecision.objects.create(
        run=run,
        shipment=shipment,
        position=1,
        outcome=outcome,
        detail={"shortages": short},
        explains_wait=bool(short),
    )


def rows() -> dict[Any, ReviewRow]:
    shipments = Shipment.objects.select_related("order__channel", "stock", "source")
    found = rows_of(list(shipments.order_by("pk")), now=NOON, zone=UTC_ZONE)
    return {row.shipment.number: row for row in found}


def kind_shown(row: ReviewRow) -> Any:
    """Return the soonest kind that the column *Next supply* shows."""
    kinds = {"NONE"}
    for part in row.missing:
        if part.supply is not None:
            is_dated = part.supply.expected_on is not None
            kinds.add("OVERDUE" if part.supply.is_overdue else "DATED" if is_dated else "NO_DATE")
    return next(kind for kind in KINDS if kind in kinds)


def numbers_matching(querystring: str) -> list[Any]:
    found = shipments_matching(
        querystring, shipments=Shipment.objects.all(), today=TODAY, zone=UTC_ZONE
    )
    return sorted(found.values_list("number", flat=True))


@pytest.fixture(autouse=True, params=["rare kinds", "common kinds"])
def commonness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found through the supply first, and what is asked of each shipment, are the same."""
    if request.param == "common kinds":
        monkeypatch.setattr(shipment_conditions, "COMMON", 0)


def assert_agree(kinds: dict[str, str]) -> None:
    """Each shipment is of its kind, in the column and by the filter."""
    assert {number: kind_shown(row) for number, row in rows().items()} == kinds
    for kind in KINDS:
        named = sorted(number for number, found in kinds.items() if found == kind)
        assert numbers_matching(f"next_supply={kind}") == named


def test_the_soonest_of_what_is_to_come_is_what_counts(
    channel: SalesChannel, berlin: Source, oslo: Source
) -> None:
    elsewhere = SourceFactory(code="elsewhere")
    waits("ALL", channel, expected(berlin, NO_DATE, OVERDUE, DATED))
    waits("LATE", channel, expected(berlin, NO_DATE, OVERDUE))
    waits("SOMEDAY", channel, expected(oslo, NO_DATE))
    waits("NOTHING", channel, ProductFactory())
    waits("ELSEWHERE", channel, expected(elsewhere, DATED))
    waits("OVER", channel, expected(berlin, DATED, state="CANCELED"))
    waits("RECEIVED", channel, expected(berlin, DATED, received_quantity=Decimal(10)))
    waits("TWO", channel, expected(berlin, OVERDUE), expected(berlin, DATED))
    waits("CARE", channel, expected(berlin, DATED), state="CUSTOMER_CARE", care_reason="Call")
    gone = waits("GONE", channel, expected(berlin, DATED))
    Shipment.objects.filter(pk=gone.pk).update(state="CANCELED")
    free = waits("NEEDS-NONE", channel, expected(berlin, DATED))
    OrderLine.objects.filter(order=free.order).update(is_reserving=False)

    assert_agree(
        {
            "ALL": "DATED",
            "LATE": "OVERDUE",
            "SOMEDAY": "NO_DATE",
            "NOTHING": "NONE",
            "ELSEWHERE": "NONE",
            "OVER": "NONE",
            "RECEIVED": "NONE",
            "TWO": "DATED",
            "CARE": "DATED",
            "GONE": "NONE",
            "NEEDS-NONE": "NONE",
        }
    )


def test_for_pickup_only_its_source_counts(
    channel: SalesChannel, berlin: Source, oslo: Source
) -> None:
    placed = {"fulfillment_method": "PICKUP", "pickup_source": berlin}
    late_here = expected(berlin, OVERDUE, product=expected(oslo, DATED))
    waits("HERE", channel, expected(berlin, DATED), placed=placed)
    waits("THERE", channel, expected(oslo, DATED), placed=placed)
    waits("LATE-HERE", channel, late_here, placed=placed)
    waits("HOME", channel, late_here)

    assert_agree({"HERE": "DATED", "THERE": "NONE", "LATE-HERE": "OVERDUE", "HOME": "DATED"})


def test_what_is_promised_counts_by_its_own_supply(channel: SalesChannel, berlin: Source) -> None:
    for number, day in (("SOON", DATED), ("LATE", OVERDUE), ("SOMEDAY", NO_DATE)):
        product = expected(berlin, day)
        supply = product.future_supply.get()
        # Sooner supply of it is another's.
        expected(berlin, DATED, product=product)
        shipment = waits(number, channel, product)
        line = shipment.lines.get()
        Allocation.objects.create(
            order_line=line.order_line, shipment_line=line, future_supply=supply, quantity=1
        )
        Shipment.objects.filter(pk=shipment.pk).update(state="FUTURE", source=berlin)

    assert_agree({"SOON": "DATED", "LATE": "OVERDUE", "SOMEDAY": "NO_DATE"})


def test_what_the_last_run_found_covered_is_not_missing(
    channel: SalesChannel, berlin: Source
) -> None:
    wheel, bell = expected(berlin, DATED), ProductFactory()
    for number, short in (("BELL", [bell]), ("WHEEL", [wheel]), ("BOTH", [wheel, bell])):
        shipment = waits(number, channel, wheel, bell)
        # An older run found otherwise.
        decided(shipment, (wheel.sku, "NO_STOCK"), (bell.sku, "NO_STOCK"))
        decided(shipment, *((product.sku, "NOT_ENOUGH_STOCK") for product in short))
    waits("UNPLANNED", channel, wheel, bell)
    decided(waits("UNKNOWN", channel, wheel, bell), outcome="RELEASED")

    found = rows()
    assert {
        number: ([part.sku for part in row.missing], row.reasons) for number, row in found.items()
    } == {
        "BELL": ([bell.sku], ["NOT_ENOUGH_STOCK"]),
        "WHEEL": ([wheel.sku], ["NOT_ENOUGH_STOCK"]),
        "BOTH": ([wheel.sku, bell.sku], ["NOT_ENOUGH_STOCK"]),
        "UNPLANNED": ([wheel.sku, bell.sku], ["NO_STOCK"]),
        "UNKNOWN": ([wheel.sku, bell.sku], ["NO_STOCK"]),
    }
    assert_agree(
        {
            "BELL": "NONE",
            "WHEEL": "DATED",
            "BOTH": "DATED",
            "UNPLANNED": "DATED",
            "UNKNOWN": "DATED",
        }
    )


def test_one_reason_comes_before_another_in_the_column_and_in_the_filter(
    channel: SalesChannel, berlin: Source
) -> None:
    product = ProductFactory()
    unpaid = {"status": Order.Status.PENDING_PAYMENT}
    by_staff = {"is_held": True, "hold_reason": "STAFF"}
    for_payment = {"is_held": True, "hold_reason": "PAYMENT"}
    shown = {
        "STAFF": (waits("STAFF", channel, product, **by_staff), ["HELD"]),
        "STAFF-UNPAID": (
            waits("STAFF-UNPAID", channel, product, placed=unpaid, **by_staff),
            ["HELD"],
        ),
        "MONEY": (waits("MONEY", channel, product, **for_payment), ["PAYMENT"]),
        "UNPAID": (waits("UNPAID", channel, product, placed=unpaid), ["PAYMENT"]),
        "REFUSED": (waits("REFUSED", channel, product, awaits_payment=True), ["PAYMENT"]),
        "PLAIN": (waits("PLAIN", channel, product), ["SAFETY_STOCK", "SPLIT_LIMIT"]),
        "CARE": (
            waits("CARE", channel, product, state="CUSTOMER_CARE", care_reason="Call"),
            [],
        ),
        "OVER": (waits("OVER", channel, product, placed=unpaid), []),
    }
    for shipment, _reasons in shown.values():
        decided(shipment, (product.sku, "SAFETY_STOCK"), (product.sku, "SPLIT_LIMIT"))
    plain = shown["PLAIN"][0]
    ReleaseDecision.objects.filter(shipment=plain).update(
        detail={
            "shortages": [
                {
                    "sku": product.sku,
                    "missing": "1",
                    "reasons": ["SAFETY_STOCK", "SPLIT_LIMIT"],
                },
                # Of what is not on it any more, nothing is said.
                {"sku": "GONE", "missing": "1", "reasons": ["FUTURE_OVERDUE"]},
            ]
        }
    )
    shown["UNPLANNED"] = waits("UNPLANNED", channel, product), ["NO_STOCK"]
    Shipment.objects.filter(number="OVER").update(state="CANCELED")

    found = {number: row.reasons for number, row in rows().items()}

    assert found == {number: reasons for number, (_shipment, reasons) in shown.items()}
    for reason in REASON_LABELS:
        named = sorted(number for number, reasons in found.items() if reason in reasons)
        assert numbers_matching(f"reason={reason}") == named


def test_what_is_not_released_yet_waits_for_its_date_whatever_a_run_found(
    channel: SalesChannel,
) -> None:
    tomorrow = TODAY + timedelta(days=1)
    game, out = ProductFactory(release_on=tomorrow), ProductFactory(release_on=TODAY)
    mug = ProductFactory()
    waits("GAME", channel, game)
    waits("BOTH", channel, game, mug)
    decided(waits("FOUND", channel, game, mug), (game.sku, "NO_STOCK"), (mug.sku, "SAFETY_STOCK"))
    waits("OUT", channel, out)
    # No run has planned it since the day came.
    decided(waits("STALE", channel, out), (out.sku, "BEFORE_RELEASE_DATE"))
    waits("HELD", channel, game, is_held=True, hold_reason="STAFF")

    found = {number: row.reasons for number, row in rows().items()}

    assert found == {
        "GAME": ["BEFORE_RELEASE_DATE"],
        "BOTH": ["BEFORE_RELEASE_DATE", "NO_STOCK"],
        "FOUND": ["BEFORE_RELEASE_DATE", "SAFETY_STOCK"],
        "OUT": ["NO_STOCK"],
        "STALE": ["NO_STOCK"],
        "HELD": ["HELD"],
    }
    for reason in REASON_LABELS:
        named = sorted(number for number, reasons in found.items() if reason in reasons)
        assert numbers_matching(f"reason={reason}") == named
    states = dict(Shipment.objects.values_list("pk", "state"))
    assert count_reasons(states, today=TODAY) == {
        "BEFORE_RELEASE_DATE": 3,
        "NO_STOCK": 3,
        "SAFETY_STOCK": 1,
        "HELD": 1,
    }
