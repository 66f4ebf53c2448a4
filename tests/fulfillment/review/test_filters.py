from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from fulfillment.admin.review import cell_texts
from fulfillment.models import (
    DelayRequest,
    ReleaseDecision,
    ReleaseRun,
    Shipment,
    ShipmentLine,
)
from fulfillment.release.planning.values import WaitReason
from fulfillment.review.filters import shipments_matching
from fulfillment.review.reasons import REASON_LABELS
from fulfillment.review.review_rows import rows_of
from orders.models import Order, Payment
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

TODAY = date(2026, 3, 31)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def queue() -> None:
    """Four shipments: OLD of Zoë for pickup; HELD; LATE, unpaid; NEW, in READY."""
    source = SourceFactory(code="berlin")
    stock = StockFactory(code="europe", sources=[source])
    channel = SalesChannelFactory(code="web", stock=stock)
    other = SalesChannelFactory(code="fair")
    wheel, bell = ProductFactory(sku="WHEEL-1"), ProductFactory(sku="BELL-1")
    FutureSupplyFactory(product=wheel, source=source, expected_on=date(2026, 4, 9))
    FutureSupplyFactory(product=bell, source=source, expected_on=date(2026, 3, 30))
    zoe = OrderFactory(
        number="1000-A",
        channel=channel,
        customer_name="Zoë Ångström",
        customer_email="zoe@shop.example",
        fulfillment_method="PICKUP",
        pickup_source=source,
    )
    ada = OrderFactory(number="2000", channel=channel)
    unpaid = OrderFactory(number="3000", channel=other, status=Order.Status.PENDING_PAYMENT)
    Payment.objects.create(
        order=ada,
        gateway="manual",
        action="AUTHORIZE",
        state="AUTHORIZED",
        currency="USD",
        amount=Decimal(9),
        expires_at=datetime(2026, 4, 2, 21, 59, tzinfo=UTC),
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    BackorderFactory(
        number="OLD",
        order=zoe,
        lines={wheel: 3},
        # The 28th of February in UTC is the 1st of March in Stockholm: 30 days ago.
        backordered_since=datetime(2026, 2, 28, 23, 30, tzinfo=UTC),
        expected_on=date(2026, 4, 9),
    )
    held = BackorderFactory(
        number="HELD",
        order=ada,
        lines={bell: 1},
        is_held=True,
        hold_reason="STAFF",
        backordered_since=datetime(2026, 3, 24, 12, tzinfo=UTC),
        expected_on=date(2026, 3, 30),
    )
    BackorderFactory(
        number="LATE",
        order=unpaid,
        lines={ProductFactory(sku="LAMP-1"): 20},
        backordered_since=datetime(2026, 2, 1, tzinfo=UTC),
    )
    Shipment.objects.create(
        number="NEW",
        order=ada,
        stock=stock,
        source=source,
        state="READY",
        created_at=held.created_at,
        backordered_since=datetime(2026, 3, 23, 12, tzinfo=UTC),
    )


def numbers(querystring: str) -> set[Any]:
    found = shipments_matching(
        querystring, shipments=Shipment.objects.all(), today=TODAY, zone=STOCKHOLM
    )
    return set(found.values_list("number", flat=True))


@pytest.mark.parametrize(
    ("querystring", "found"),
    [
        ("", {"OLD", "HELD", "LATE", "NEW"}),
        ("state=READY", {"NEW"}),
        ("state=READY,FUTURE", {"NEW"}),
        ("state=BACKORDER&state=READY", {"OLD", "HELD", "LATE", "NEW"}),
        ("held=true", {"HELD"}),
        ("held=false", {"OLD", "LATE", "NEW"}),
        ("method=PICKUP", {"OLD"}),
        ("method=SHIP_TO_HOME", {"HELD", "LATE", "NEW"}),
        ("sku=WHEEL-1", {"OLD"}),
        ("sku=WHEEL-1,BELL-1", {"OLD", "HELD"}),
        ("sku=WHEEL", set()),
        ("order=2000", {"HELD", "NEW"}),
        ("channel=fair", {"LATE"}),
        ("stock=europe", {"OLD", "HELD", "NEW"}),
        ("source=berlin", {"NEW"}),
        ("pickup_source=berlin", {"OLD"}),
        ("age=WEEK", {"HELD"}),
        ("age=FORTNIGHT", {"NEW"}),
        ("age=MONTH", {"OLD"}),
        ("age=OLDER", {"LATE"}),
        ("age_days_min=30", {"OLD", "LATE"}),
        ("age_days_min=31", {"LATE"}),
        ("age_days_max=7", {"HELD"}),
        ("age_days_max=30", {"OLD", "HELD", "NEW"}),
        ("age_days_max=29", {"HELD", "NEW"}),
        ("expected_before=2026-03-30", {"HELD"}),
        ("expected_after=2026-03-31", {"OLD"}),
        ("overdue=true", {"HELD"}),
        ("overdue=false", {"OLD", "LATE", "NEW"}),
        ("value_min=10.01", {"OLD", "LATE"}),
        ("value_min=30&value_max=30", {"OLD"}),
        ("currency=USD", {"OLD", "HELD", "LATE", "NEW"}),
        ("currency=EUR", set()),
        ("expires_before=2026-04-02", {"HELD", "NEW"}),
        ("expires_before=2026-04-01", set()),
        ("expires_after=2026-04-02", {"HELD", "NEW"}),
        ("expires_after=2026-04-03", set()),
        ("customer=zoë", {"OLD"}),
        ("customer=angstrom", {"OLD"}),
        ("customer=nobody", set()),
        ("customer=ZOE@shop", {"OLD"}),
        ("customer=ada+exam", {"HELD", "LATE", "NEW"}),
        ("q=1000", {"OLD"}),
        ("q=bell", {"HELD"}),
        ("q=la", {"LATE"}),
        ("q=zo", {"OLD"}),
        ("q=%21%26", set()),
        ("q=2000&state=BACKORDER", {"HELD"}),
        ("reason=HELD", {"HELD"}),
        ("reason=PAYMENT", {"LATE"}),
        ("reason=NO_STOCK", {"OLD"}),
        ("next_supply=DATED", {"OLD"}),
        ("next_supply=OVERDUE", {"HELD"}),
        ("next_supply=NO_DATE", set()),
        ("next_supply=NONE", {"LATE", "NEW"}),
    ],
)
def test_each_filter_keeps_what_it_says(queue: None, querystring: str, found: Any) -> None:
    assert numbers(querystring) == found


@pytest.mark.parametrize(
    "querystring",
    [
        "state=SOMEWHERE",
        "held=perhaps",
        "age=OLD",
        "age_days_min=-1",
        "age_days_min=1000000000",
        "age_days_min=x",
        "expected_before=tomorrow",
        "reason=BAD_LUCK",
        "value_min=NaN",
        "value_min=-0.01",
        "value_max=1000000000000",
        "q=%00",
    ],
)
def test_a_filter_that_is_not_understood_is_refused(querystring: str) -> None:
    with pytest.raises(ValidationError):
        numbers(querystring)


def test_the_reason_is_that_of_the_last_decision(queue: None) -> None:
    shipment = Shipment.objects.get(number="OLD")
    for reason in ("SAFETY_STOCK", "SPLIT_LIMIT"):
        run = ReleaseRun.objects.create(trigger="STAFF", created_at=shipment.created_at)
        ReleaseDecision.objects.create(
            run=run,
            shipment=shipment,
            position=1,
            outcome="WAITING",
            explains_wait=True,
            detail={"shortages": [{"sku": "WHEEL-1", "reasons": ["TAKEN_BY_EARLIER", reason]}]},
        )

    assert numbers("reason=SAFETY_STOCK") == set()
    assert numbers("reason=SPLIT_LIMIT") == {"OLD"}
    assert numbers("reason=NO_STOCK") == set()


def test_every_reason_has_a_name() -> None:
    assert set(REASON_LABELS) == {reason.value for reason in WaitReason}


@pytest.mark.parametrize(
    ("querystring", "found"),
    [
        ("promised=DATE", {"DATED"}),
        # A line without a date counts first, as in the column.
        ("promised=NO_DATE", {"PARTLY"}),
        ("promised=NOTHING", {"UNTOLD"}),
        ("promised_after=2026-04-10", {"DATED", "PARTLY"}),
        ("promised_after=2026-04-11", set()),
        ("promised_before=2026-04-10", {"DATED", "PARTLY"}),
        ("promised_before=2026-04-09", set()),
        # Told at 23:30 in Stockholm on 28 March.
        ("informed_after=2026-03-28", {"DATED", "PARTLY"}),
        ("informed_after=2026-03-29", set()),
        ("informed_before=2026-03-28", {"DATED", "PARTLY"}),
        ("informed_before=2026-03-27", set()),
        ("missed_promises_min=2", {"PARTLY"}),
        ("missed_promises_min=3", set()),
    ],
)
def test_promises_and_missed_ones_are_found(querystring: str, found: set[str]) -> None:
    told_at = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    for number in ("DATED", "PARTLY", "UNTOLD"):
        BackorderFactory(number=number, lines={ProductFactory(): 1, ProductFactory(): 1})
    for number in ("DATED", "PARTLY"):
        lines = Shipment.objects.get(number=number).lines
        lines.update(promised_on=date(2026, 4, 10), promise_told_at=told_at)
    undated = Shipment.objects.get(number="PARTLY").lines.order_by("pk")[:1]
    ShipmentLine.objects.filter(pk__in=undated.values("pk")).update(promised_on=None)
    Shipment.objects.filter(number="PARTLY").update(missed_promise_count=2)

    assert numbers(querystring) == found


def request_about(shipment: Shipment, **values: Any) -> DelayRequest:
    columns = {
        "ordinal": 1,
        "agreed_on": date(2026, 4, 5),
        "silence": "CANCELS",
        "answer_by": date(2026, 4, 3),
        "opened_at": datetime(2026, 3, 28, tzinfo=UTC),
        **values,
    }
    request = DelayRequest.objects.create(order=shipment.order, shipment=shipment, **columns)
    shipment.lines.update(delay_request=request, agreed_on=request.agreed_on)
    return request


@pytest.fixture
def delays() -> None:
    """ASKED a second time, to answer by 3 April; AGREED to a late request; QUIET, never asked."""
    # In Stockholm it is the 1st of March: 30 days later are the 31st.
    placed_at = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    made = {
        number: BackorderFactory(
            number=number, order=OrderFactory(placed_at=placed_at), lines={ProductFactory(): 1}
        )
        for number in ("ASKED", "AGREED", "QUIET")
    }
    request_about(made["ASKED"])
    request_about(made["ASKED"], ordinal=2)
    request_about(
        made["AGREED"],
        agreed_on=date(2026, 4, 20),
        is_asked_too_late=True,
        state="AGREED",
        closed_at=placed_at,
    )


@pytest.mark.parametrize(
    ("querystring", "found"),
    [
        ("unanswered=true", {"ASKED"}),
        ("unanswered=false", {"AGREED", "QUIET"}),
        ("answer_days_max=3", {"ASKED"}),
        ("answer_days_max=2", set()),
        ("asked_too_late=true", {"AGREED"}),
        ("asked_too_late=false", {"ASKED", "QUIET"}),
        ("request_number_min=1", {"ASKED", "AGREED"}),
        ("request_number_min=2", {"ASKED"}),
        ("agreed_after=2026-04-05", {"ASKED", "AGREED"}),
        ("agreed_after=2026-04-06", {"AGREED"}),
        ("agreed_before=2026-04-05", {"ASKED", "QUIET"}),
        # Nothing was stated: the usual days after the order.
        ("agreed_before=2026-03-31", {"QUIET"}),
        ("agreed_before=2026-03-30", set()),
        ("agreed_after=0001-01-01", {"ASKED", "AGREED", "QUIET"}),
    ],
)
def test_delays_are_found(delays: None, querystring: str, found: set[str]) -> None:
    assert numbers(querystring) == found


def test_delays_are_shown_as_they_are_found(delays: None) -> None:
    shipments = list(Shipment.objects.with_names().order_by("pk"))
    names = ("agreed", "request", "request_number", "answer_by")
    noon = datetime(2026, 3, 31, 12, tzinfo=UTC)

    rows = rows_of(shipments, now=noon, zone=STOCKHOLM)

    shown = {
        row.shipment.number: [cell_texts.lines_of(row, name) for name in names] for row in rows
    }
    assert shown == {
        "ASKED": [["5 Apr 2026"], ["Open"], ["2"], ["3 Apr 2026"]],
        "AGREED": [["20 Apr 2026"], ["Customer agreed", "Asked too late"], ["1"], []],
        "QUIET": [["31 Mar 2026"], [], [], []],
    }
