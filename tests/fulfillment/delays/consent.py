"""A shop whose customers are asked about late units, and an order of kettles that waits."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from fulfillment.models import DelayRequest, Shipment, ShipmentLine
from fulfillment.operations.delays.silence import DelayCounts, act_on_delays
from inventory.models import InventoryConfiguration, SalesChannel
from orders.models import OrderEmail
from tests.fulfillment.operations import paid_orders

NOW = paid_orders.NOW
TODAY = date(2026, 3, 2)
AGREED = date(2026, 3, 20)
SOON, LONG = date(2026, 4, 10), date(2026, 6, 1)


def open_shop(rule: str = "CONSENT", **options: Any) -> None:
    """One source with no kettle; what is ordered is paid for at once."""
    defaults = {"payment_action": "AUTHORIZE_AND_CAPTURE", "void_and_reauthorize": False}
    paid_orders.open_shop(**defaults, **options)
    SalesChannel.objects.filter(code="web").update(delay_rule=rule)


def configure(**options: Any) -> None:
    InventoryConfiguration.objects.update(**options)


def waiting(quantity: int = 4) -> Shipment:
    """Return the shipment of an order that waits, whose customer was promised 20 March."""
    order_id = paid_orders.buy(quantity)
    OrderEmail.objects.all().delete()
    shipment = Shipment.objects.get(order=order_id)
    shipment.lines.update(promised_on=AGREED, promise_told_at=NOW, agreed_on=AGREED)
    expect(shipment, AGREED)
    return shipment


def expect(shipment: Shipment, day: date | None) -> None:
    """Let known supply cover a shipment by a day; by none, let nothing be known of supply."""
    dates = {"expected_on": day or AGREED, "has_known_supply": day is not None}
    Shipment.objects.filter(pk=shipment.pk).update(**dates)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def run_job(day: date) -> DelayCounts:
    return act_on_delays(now=at(day))


def asked(day: date | None = SOON, quantity: int = 4, *, is_sent: bool = True) -> DelayRequest:
    """Return the request about an order that is late, opened on 4 March."""
    shipment = waiting(quantity)
    expect(shipment, day)
    run_job(date(2026, 3, 4) if day else AGREED - timedelta(days=7))
    if is_sent:
        send()
    return DelayRequest.objects.get()


def send() -> None:
    """Let the e-mails that ask have been sent."""
    emails = OrderEmail.objects.filter(kind="DELAYED", state="QUEUED")
    emails.update(state="SENT", sent_at=NOW, body="Please answer.")


def terms_of(request: DelayRequest) -> tuple[Any, ...]:
    request.refresh_from_db()
    return request.ordinal, request.new_on, request.silence, request.answer_by, request.state


def agreed_dates() -> list[date | None]:
    lines = ShipmentLine.objects.filter(quantity__gt=0).order_by("pk")
    return list(lines.values_list("agreed_on", flat=True))


def decisions(request: DelayRequest) -> list[Any]:
    return list(request.decisions.values_list("answer", "by", "agreed_on", "text", "note"))
