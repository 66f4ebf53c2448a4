"""The rows that the page of one shipment shows; a constant number of statements."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from fulfillment.models import Allocation, Shipment, ShipmentEvent, ShipmentLine

Kind = ShipmentEvent.Kind


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """A shipment in the tree of those that came of one; ``depth`` 0 is the first."""

    shipment: Shipment
    depth: int


def lines_with_allocations() -> QuerySet[ShipmentLine]:
    """Return lines of shipments by their number in the order, with what is set aside for them."""
    allocations = Allocation.objects.select_related("source_item__source", "future_supply__source")
    lines = ShipmentLine.objects.select_related("order_line", "product")
    set_aside = Prefetch("allocations", allocations.order_by("pk"))
    return lines.prefetch_related(set_aside).order_by("order_line__number")


def family_of(shipment: Shipment) -> list[FamilyMember]:
    """Return the shipment's tree: the first it descends from, and all that came of that."""
    of_order = list(
        Shipment.objects.filter(order=shipment.order_id).select_related("source").order_by("pk")
    )
    by_id = {other.pk: other for other in of_order}
    children: defaultdict[int | None, list[Shipment]] = defaultdict(list)
    for other in of_order:
        children[other.parent_id].append(other)
    root = by_id[shipment.pk]
    while root.parent_id is not None:
        root = by_id[root.parent_id]

    def walk(branch: Shipment, depth: int) -> Iterator[FamilyMember]:
        yield FamilyMember(branch, depth)
        for child in children[branch.pk]:
            yield from walk(child, depth + 1)

    return list(walk(root, 0))


def events_of(shipment: Shipment) -> list[ShipmentEvent]:
    """Return the shipment's timeline, the newest first; that of its parents before it was.

    A date that a run gave to what it left on the parent is not the shipment's.
    """
    of_order = Shipment.objects.filter(order=shipment.order_id)
    by_id = {other.pk: other for other in of_order.only("parent_id", "created_at")}
    wanted = Q(shipment=shipment)
    child = by_id[shipment.pk]
    while child.parent_id is not None:
        of_the_rest = Q(kind=Kind.EXPECTED_DATE_SET, created_at=child.created_at)
        before = Q(shipment=child.parent_id, created_at__lte=child.created_at)
        wanted |= before & ~of_the_rest
        child = by_id[child.parent_id]
    events = ShipmentEvent.objects.filter(wanted)
    return list(events.select_related("actor", "shipment").order_by("-created_at", "-pk"))
