"""Follows units that customers collect: set aside where no staff do, reminded of once."""

from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.set_aside import can_be_set_aside, set_aside_shipments
from fulfillment.operations.shipments.locking import lock_shipments
from fulfillment.operations.shipments.notices import COLLECT_KEY, tell_not_collected
from inventory.models import InventoryConfiguration
from inventory.resolution import resolve
from orders.models import OrderEmail

BATCH_SIZE = 200


def follow_pickups(*, now: datetime) -> int:
    """Set aside what is ready for pickup where no staff do so, and remind customers to collect.

    Returns how many shipments were set aside, and how many customers reminded.

    Rule: Notices to customers, ready to collect (§18).
    """
    return set_pickups_aside(now=now) + remind_to_collect(now=now)


def set_pickups_aside(*, now: datetime) -> int:
    """Set READY pickup shipments aside; return how many. Does so where no staff set them aside.

    Their customers are told at once. Held ones are left out, and those of orders whose payment is
    not decided. Opens a transaction a batch, which looks again under the locks: a second worker
    finds nothing left to do.

    Rule: Notices to customers, ready to collect (§18).
    """
    configuration = InventoryConfiguration.load().overrides()
    if not resolve("pickup_without_setting_aside", configuration=configuration).value:
        return 0
    ready = Shipment.objects.to_ship().filter(pickup_source__isnull=False)
    found = list(ready.order_by("pk").values_list("pk", flat=True))
    count = 0
    for start in range(0, len(found), BATCH_SIZE):
        with transaction.atomic():
            shipments = [
                shipment
                for shipment in lock_shipments(found[start : start + BATCH_SIZE])
                if can_be_set_aside(shipment)
            ]
            set_aside_shipments(shipments, Act(now))
        count += len(shipments)
    return count


def remind_to_collect(*, now: datetime) -> int:
    """Queue the e-mails about units that were not collected in time; return how many.

    Once for the day until which they were kept. Opens the transaction; two workers tell it once.

    Rule: Notices to customers, ready to collect, one reminder (§18).
    """
    key = Concat(
        Value(COLLECT_KEY),
        Cast(OuterRef("pk"), CharField()),
        Value("-"),
        Cast(OuterRef("collect_by"), CharField()),
    )
    told = OrderEmail.objects.filter(
        order=OuterRef("order"), kind=OrderEmail.Kind.COLLECT_REMINDER, event_key=key
    )
    late = Shipment.objects.not_collected(today=timezone.localdate(now)).filter(~Exists(told))
    with transaction.atomic():
        found = late.exclude(order__customer_email="").select_related("order")
        shipments = list(found.order_by("collect_by", "pk")[:BATCH_SIZE])
        tell_not_collected(shipments, now=now)
    return len(shipments)
