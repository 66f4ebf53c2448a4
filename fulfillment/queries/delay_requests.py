"""Delay requests with their units."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db.models import Prefetch, Q, QuerySet

from core.clock import today
from core.formats import quantity
from fulfillment.models import DelayDecision, DelayRequest, Shipment, ShipmentLine
from inventory.models import InventoryConfiguration
from orders.models import OrderEmail


def delay_requests() -> QuerySet[DelayRequest]:
    """Return delay requests with what their bodies and pages show; four statements in all.

    Their ``lines`` are the units that did not leave.
    """
    decisions = DelayDecision.objects.select_related("actor").order_by("pk")
    return with_units(DelayRequest.objects.all()).prefetch_related(Prefetch("decisions", decisions))


def with_units(requests: QuerySet[DelayRequest]) -> QuerySet[DelayRequest]:
    """Return requests whose ``lines`` are the units that did not leave; one statement more."""
    lines = ShipmentLine.objects.with_units_to_leave().select_related("order_line", "shipment")
    return requests.select_related("order", "shipment", "email").prefetch_related(
        Prefetch("lines", lines.order_by("order_line__number", "pk"))
    )


def requests_of_order(order_id: int) -> Sequence[DelayRequest]:
    """Return the delay requests of an order that were not closed by its units, oldest first."""
    undecided = Q(state__in=DelayRequest.UNDECIDED)
    return list(delay_requests().filter(undecided, order=order_id).order_by("pk"))


def delay_requests_of(order_id: int) -> Sequence[DelayRequest]:
    """Return all delay requests of an order, the newest first, as :func:`delay_requests`."""
    return list(delay_requests().filter(order=order_id).order_by("-pk"))


def delay_requests_about(shipments: Collection[Shipment]) -> Sequence[DelayRequest]:
    """Return the delay requests that were opened for shipments, the newest first."""
    return list(delay_requests().filter(shipment__in=shipments).order_by("-pk"))


def units_of(request: DelayRequest) -> list[str]:
    """Return the units of a request of :func:`with_units` that did not leave, in words."""
    return [f"{quantity(line.quantity)} × {line.order_line.sku}" for line in request.lines.all()]


def emails_sent_about(request: DelayRequest) -> QuerySet[OrderEmail]:
    """Return the e-mails that were sent about a request, oldest first."""
    named = {"context__delays__contains": [{"request": request.pk}]}
    emails = OrderEmail.objects.filter(order=request.order_id, kind=OrderEmail.Kind.DELAYED)
    return emails.filter(sent_at__isnull=False, **named).order_by("pk")


def due_within(days: int) -> Q:
    """Match open requests whose last day for an answer is at most ``days`` from today."""
    last_day = today() + timedelta(days=days)
    return Q(state=DelayRequest.State.OPEN, answer_by__lte=last_day)


def not_emailed() -> Q:
    """Match open requests whose e-mail failed or came back, or whose customer has no address."""
    is_lacking = Q(email=None) | Q(email__state__in=OrderEmail.TROUBLED)
    return Q(state=DelayRequest.State.OPEN) & is_lacking


def needs_call() -> Q:
    """Match open requests about which a person has to call the customer.

    Too few days are left for an e-mail alone, or none reaches the customer: then at once.

    Rule: Delays, listed for a call; an e-mail that could not be sent (§18a).
    """
    days = InventoryConfiguration.load().in_force("delay_answer_days")
    are_few = Q(answer_by__lt=today() + timedelta(days=days))
    return (Q(state=DelayRequest.State.OPEN) & are_few) | not_emailed()
