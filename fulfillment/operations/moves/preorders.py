"""Moves waiting shipments with the release dates of their products."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from core.acts import Act
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.moves.expected_date import WITHOUT_PROMISE, keep_new_dates
from fulfillment.operations.shipments.locking import lock_shipments, set_columns

REASON = "RELEASE_DATE"


class PreorderDates(NamedTuple):
    """The dates of a shipment that waits for a release date, or did."""

    preorder_on: date | None
    expected_on: date | None
    is_expected_on_fixed: bool
    has_known_supply: bool


def move_preorders(product_ids: Collection[int], act: Act) -> None:
    """Give the shipments that wait for these products the release dates that they have now.

    A date that moves, moves what was expected on it; the customers are informed, a later date is a
    delay. Runs in the caller's transaction, which has written the products.

    Rule: Pre-orders, §23.
    """
    waiting = ShipmentLine.objects.filter(
        product__in=product_ids, quantity__gt=0, shipment__state__in=WITHOUT_PROMISE
    )
    ids = set(waiting.order_by().values_list("shipment_id", flat=True))
    shipments = [one for one in lock_shipments(ids) if one.state in WITHOUT_PROMISE]
    releases = _release_dates(shipments)
    today = timezone.localdate(act.at)
    formers = {shipment.pk: shipment.expected_on for shipment in shipments}
    moved: defaultdict[PreorderDates, list[Shipment]] = defaultdict(list)
    for shipment in shipments:
        stored = PreorderDates(*(getattr(shipment, name) for name in PreorderDates._fields))
        dates = moved_dates(stored, releases[shipment.pk], today=today)
        if dates != stored:
            moved[dates].append(shipment)
    for dates, group in moved.items():
        set_columns(group, dates._asdict())
    changed = [
        shipment
        for group in moved.values()
        for shipment in group
        if shipment.expected_on != formers[shipment.pk]
    ]
    keep_new_dates(changed, Act(act.at, act.actor_id, REASON), formers=formers)


def moved_dates(
    stored: PreorderDates, releases: Sequence[date | None], *, today: date
) -> PreorderDates:
    """Return the dates of a shipment with the ``releases`` of the products that it waits for.

    The last release date counts. What was expected on the former one, or before the new one, is
    expected on the new one: a person stands behind it where every product has one. A date that
    staff set for later stays. Pure.
    """
    last = max((day for day in releases if day is not None), default=None)
    if last is None or (stored.preorder_on is None and last <= today):
        is_freed = stored.expected_on is not None and stored.expected_on == stored.preorder_on
        is_fixed = stored.is_expected_on_fixed and not is_freed
        return stored._replace(preorder_on=None, is_expected_on_fixed=is_fixed)
    expected_on = max(last, today)
    follows = stored.expected_on is None or stored.expected_on in (stored.preorder_on, expected_on)
    if not follows and stored.expected_on is not None and stored.expected_on > expected_on:
        return stored._replace(preorder_on=last)
    is_fixed = last > today and None not in releases
    return PreorderDates(last, expected_on, is_fixed, has_known_supply=False)


def _release_dates(shipments: Collection[Shipment]) -> Mapping[int, list[date | None]]:
    """Return the release dates of what each shipment waits for, by its id; None for none."""
    lines = ShipmentLine.objects.filter(shipment__in=shipments, quantity__gt=0).order_by("pk")
    found: defaultdict[int, list[date | None]] = defaultdict(list)
    for shipment_id, day in lines.values_list("shipment_id", "product__release_on"):
        found[shipment_id].append(day)
    return found
