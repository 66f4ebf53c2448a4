"""The indexes of shipments, each for who reads it."""

from django.db import models
from django.db.models import F, Q

INDEXES = [
    # The release queue, read in its order by every run and by the review list.
    models.Index(
        F("priority").desc(),
        F("backordered_since"),
        F("id"),
        name="shipment_queue",
        condition=Q(state__in=["BACKORDER", "FUTURE"]),
    ),
    # The review list by age, value and expected date.
    models.Index(
        name="shipment_waiting_by_age",
        fields=["backordered_since", "id"],
        condition=Q(state__in=["BACKORDER", "FUTURE", "CUSTOMER_CARE"]),
    ),
    models.Index(
        name="shipment_waiting_by_value",
        fields=["amount", "id"],
        condition=Q(state__in=["BACKORDER", "FUTURE", "CUSTOMER_CARE"]),
    ),
    models.Index(
        name="shipment_waiting_by_expected",
        fields=["expected_on", "id"],
        condition=Q(state__in=["BACKORDER", "FUTURE", "CUSTOMER_CARE"]),
    ),
    # Expected dates that have passed: the job that replaces them.
    models.Index(
        name="shipment_open_by_expected",
        fields=["expected_on", "id"],
        condition=Q(
            state__in=["READY", "BACKORDER", "FUTURE", "CUSTOMER_CARE"],
            expected_on__isnull=False,
        ),
    ),
    # Dates set by staff that supply may move beyond.
    models.Index(
        name="shipment_date_fixed",
        fields=["id"],
        condition=Q(is_expected_on_fixed=True, state="BACKORDER"),
    ),
    # The shipment list's tabs of those with something to do, by each column that sorts
    # them and has no index of its own above: few beside all that were sent.
    models.Index(
        name="shipment_open_newest",
        fields=["id"],
        condition=Q(state__in=["READY", "BACKORDER", "FUTURE", "CUSTOMER_CARE"]),
    ),
    models.Index(
        name="shipment_open_by_number",
        fields=["number", "id"],
        condition=Q(state__in=["READY", "BACKORDER", "FUTURE", "CUSTOMER_CARE"]),
    ),
    models.Index(
        name="shipment_open_by_held",
        fields=["is_held", "id"],
        condition=Q(state__in=["READY", "BACKORDER", "FUTURE", "CUSTOMER_CARE"]),
    ),
    # The shipment list by state, newest first.
    models.Index(name="shipment_by_state", fields=["state", "id"]),
    # The order list's tab of orders to ship.
    models.Index(
        name="shipment_to_ship",
        fields=["order"],
        condition=Q(state="READY", is_held=False),
    ),
    # What was not collected in time: My work, the list, and the job of reminders.
    models.Index(
        name="shipment_to_be_collected",
        fields=["collect_by", "id"],
        condition=Q(state="READY", is_held=False, collect_by__isnull=False),
    ),
    # What is held, and for what: the dashboard's exceptions.
    models.Index(name="shipment_held", fields=["hold_reason", "id"], condition=Q(is_held=True)),
    # Released, and to be authorized again.
    models.Index(
        name="shipment_awaiting_payment",
        fields=["payment_retry_at"],
        condition=Q(awaits_payment=True),
    ),
    # What is assigned to a person: the review, and My work.
    models.Index(
        name="shipment_assigned",
        fields=["assignee", "id"],
        condition=Q(assignee__isnull=False),
    ),
    # What leaves a source: the shipment list and pick lists by source. None where it waits.
    models.Index(
        name="shipment_by_source",
        fields=["source"],
        condition=Q(source__isnull=False),
    ),
    # What is collected at a source: whether it may be deleted.
    models.Index(
        name="shipment_by_pickup_source",
        fields=["pickup_source"],
        condition=Q(pickup_source__isnull=False),
    ),
    # The children of a shipment: its page, and the number of the next child.
    models.Index(
        name="shipment_by_parent",
        fields=["parent"],
        condition=Q(parent__isnull=False),
    ),
    # Releases per day.
    models.Index(
        name="shipment_by_release",
        fields=["released_at"],
        condition=Q(released_at__isnull=False),
    ),
    # What was sent in a time: the page of kept promises.
    models.Index(
        name="shipment_by_fulfillment",
        fields=["fulfilled_at"],
        condition=Q(state="FULFILLED"),
    ),
]
