"""Ends delay requests whose units have all left, in the transaction in which they do."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from fulfillment.models import DelayRequest, Shipment, ShipmentLine
from orders.models import OrderEmail

State = DelayRequest.State


def end_requests_without_units(order_ids: Collection[int], *, now: datetime) -> None:
    """Close the open delay requests of orders that are about no unit any more.

    Runs in the caller's transaction, which has locked the orders and moved units. What ships,
    or is set aside for the customer, closes its part of a request; canceled units leave it.

    Rule: Delays, §18a.
    """
    lines = ShipmentLine.objects.filter(delay_request=OuterRef("pk"), quantity__gt=0)
    has_left = Q(shipment__state=Shipment.State.FULFILLED) | Q(shipment__set_aside_at__isnull=False)
    shipped = lines.filter(has_left)
    ended = DelayRequest.objects.filter(
        ~Exists(lines.with_units_to_leave()), order__in=order_ids, state=State.OPEN
    )
    found = list(ended.annotate(has_shipped=Exists(shipped)).order_by("pk"))
    for request in found:
        state = State.SHIPPED if request.has_shipped else State.LAPSED
        close_requests([request], state, now=now)


def close_requests(
    requests: Collection[DelayRequest], state: DelayRequest.State, *, now: datetime
) -> None:
    """Give open requests the state in which they end; their e-mails ask no more."""
    for request in requests:
        request.state, request.closed_at = state, now
        request.save(update_fields=["state", "closed_at"])
    forget_emails(request.email_id for request in requests if request.email_id is not None)


def forget_emails(email_ids: Iterable[int]) -> None:
    """Leave out e-mails that ask about nothing any more, where nobody has begun to send them."""
    asking = DelayRequest.objects.filter(email=OuterRef("pk"), state=State.OPEN)
    unsent = OrderEmail.objects.filter(pk__in=list(email_ids), state=OrderEmail.State.QUEUED)
    unsent.filter(~Exists(asking)).delete()
