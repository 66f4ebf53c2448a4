"""Queues e-mails to customers about their shipments, in the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q

from fulfillment.models import Shipment, ShipmentEvent, ShipmentLine
from inventory.models import Source
from orders.models import OrderEmail
from orders.notices.email_queue import Notice, line_facts, queue_emails, store_facts

Kind = ShipmentEvent.Kind
# What becomes READY may be held in the same act, for a reason of these.
BY_SYSTEM = (Shipment.HoldReason.PAYMENT, Shipment.HoldReason.REST)
# Before the shipment and its day, what names a reminder to collect.
COLLECT_KEY = "collect-"


def tell_being_prepared(shipments: Mapping[Shipment, str], *, now: datetime) -> None:
    """Queue the e-mails about units that customers were told to wait for, and that are ready now.

    ``shipments`` are READY and not held, each with the key of its event. Units that the customer
    was told nothing about are left out: the confirmation says what there is to say.

    Rule: Notices to customers, being prepared (§18).
    """
    facts = _facts(shipments, promise_told_at__isnull=False)
    notices = [
        Notice(shipment.order, key, {"lines": facts[shipment.pk], "shipments": [shipment.pk]})
        for shipment, key in shipments.items()
        if shipment.pk in facts
    ]
    queue_emails(notices, kind=OrderEmail.Kind.BEING_PREPARED, now=now)


def tell_of_lifted_holds(shipments: Collection[Shipment], *, now: datetime) -> None:
    """Queue the e-mails that READY shipments could not have while they were held.

    Left out are those that are still held, for another reason, and those that were not held when
    they became READY: their customers have that e-mail, unless it was left out because of the hold.

    Rule: Notices to customers, being prepared (§18).
    """
    ready = [one for one in shipments if one.state == Shipment.State.READY and not one.is_held]
    before = Q(created_at__lt=F("shipment__released_at"), kind__in=[Kind.HELD, Kind.HOLD_LIFTED])
    by_system = {"kind": Kind.HELD, "reason__in": BY_SYSTEM}
    with_it = Q(created_at=F("shipment__released_at"), **by_system)
    holds = ShipmentEvent.objects.filter(before | with_it, shipment__in=ready)
    last = holds.order_by("shipment", "-pk").distinct("shipment").values_list("shipment", "kind")
    were_held = {pk for pk, kind in last if kind == Kind.HELD} if ready else set()
    were_held |= _left_out_of(ready)
    tell_being_prepared(
        {
            one: f"lifted-{one.pk}-{one.released_at:%Y%m%d%H%M%S}"
            for one in ready
            if one.pk in were_held
        },
        now=now,
    )


def _left_out_of(shipments: Collection[Shipment]) -> set[int]:
    """Return the ids of shipments of which the last e-mail about being prepared was left out."""
    prepared = OrderEmail.objects.filter(
        order__in={shipment.order_id for shipment in shipments},
        kind=OrderEmail.Kind.BEING_PREPARED,
    )
    last = {
        pk: (state, reason)
        for state, reason, pks in prepared.order_by("pk").values_list(
            "state", "left_out_reason", "context__shipments"
        )
        for pk in pks or []
    }
    over = (OrderEmail.State.LEFT_OUT, OrderEmail.LeftOut.OVER)
    return {shipment.pk for shipment in shipments if last.get(shipment.pk) == over}


def tell_dispatched(shipments: Mapping[Shipment, str], *, now: datetime) -> None:
    """Queue the e-mails about units that have just left for their customers' addresses.

    ``shipments`` are given with the keys of their events. Those that are collected have no e-mail.

    Rule: Notices to customers, dispatched (§18).
    """
    sent = {one: key for one, key in shipments.items() if not one.is_pickup}
    facts = _facts(sent)
    notices = []
    for shipment, key in sent.items():
        context = {"lines": facts[shipment.pk], "shipments": [shipment.pk]}
        notices.append(Notice(shipment.order, key, context))
    queue_emails(notices, kind=OrderEmail.Kind.DISPATCHED, now=now)


def tell_tracking(shipments: Collection[Shipment], *, now: datetime) -> None:
    """Queue the e-mails that say how the parcels of shipments that have left can be followed.

    One is left out when it is written where an e-mail said so already.

    Rule: Notices to customers, dispatched (§18); parcels (§21).
    """
    events = ShipmentEvent.objects.filter(shipment__in=shipments).order_by()
    counts = dict(events.values_list("shipment").annotate(Count("pk")))
    facts = _facts(shipments)
    notices = [
        Notice(
            shipment.order,
            f"tracking-{shipment.pk}-{counts[shipment.pk]}",
            {"lines": facts[shipment.pk], "shipments": [shipment.pk]},
        )
        for shipment in shipments
    ]
    queue_emails(notices, kind=OrderEmail.Kind.TRACKING, now=now)


def tell_shipping_undone(shipment: Shipment, *, key: str, now: datetime) -> None:
    """Queue the e-mail about units that did not leave, though the customer was told they did.

    It is left out when it is written where no e-mail said so.

    Rule: Notices to customers, shipping undone (§18).
    """
    context = {"lines": _facts([shipment])[shipment.pk], "shipments": [shipment.pk]}
    notice = Notice(shipment.order, key, context)
    queue_emails([notice], kind=OrderEmail.Kind.SHIPPING_UNDONE, now=now)


def tell_ready_to_collect(shipments: Collection[Shipment], *, now: datetime) -> None:
    """Queue the e-mails about units that stores have just set aside for their customers.

    They name the store as it is now, and the last day on which the units are kept.

    Rule: Notices to customers, ready to collect (§18).
    """
    keys = {one: f"set-aside-{one.pk}-{now:%Y%m%d%H%M%S}" for one in shipments}
    _tell_of_pickups(keys, kind=OrderEmail.Kind.READY_TO_COLLECT, now=now)


def tell_not_collected(shipments: Collection[Shipment], *, now: datetime) -> None:
    """Queue the reminders of units that were kept for their customers until a day that is over.

    Rule: Notices to customers, ready to collect, one reminder (§18).
    """
    keys = {one: f"{COLLECT_KEY}{one.pk}-{one.collect_by}" for one in shipments}
    _tell_of_pickups(keys, kind=OrderEmail.Kind.COLLECT_REMINDER, now=now)


def _tell_of_pickups(
    shipments: Mapping[Shipment, str], *, kind: OrderEmail.Kind, now: datetime
) -> None:
    """Queue an e-mail of this kind about each shipment that is set aside, with its event's key."""
    stores = Source.objects.in_bulk({one.pickup_source_id for one in shipments})
    facts = _facts(shipments)
    notices = []
    for shipment, key in shipments.items():
        store = stores[shipment.pickup_source_id or 0]
        context = {
            "lines": facts[shipment.pk],
            "shipments": [shipment.pk],
            "stores": [store_facts(store)],
            "until": shipment.collect_by and shipment.collect_by.isoformat(),
        }
        notices.append(Notice(shipment.order, key, context))
    queue_emails(notices, kind=kind, now=now)


def _facts(shipments: Collection[Shipment], **lines: Any) -> dict[int, list[dict[str, Any]]]:
    """Return what an e-mail says of the units on shipments, by shipment id."""
    facts: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    if shipments:
        parts = ShipmentLine.objects.filter(shipment__in=shipments, quantity__gt=0, **lines)
        for part in parts.select_related("order_line").order_by("pk"):
            facts[part.shipment_id].append(line_facts(part.order_line, part.quantity))
    return facts
