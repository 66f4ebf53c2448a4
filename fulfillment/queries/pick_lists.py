"""What a pick list shows; a constant number of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.postgres.aggregates import BoolAnd
from django.db.models import Case, F, Max, OuterRef, Q, Subquery, When

from core.quantities import ZERO
from fulfillment.models import PickLine, PickList, Shipment


@dataclass(frozen=True, slots=True)
class PickListRows:
    """The picks of a list by SKU and shipment; ``put_back`` must return to the shelf."""

    picks: Sequence[PickLine]
    put_back: Sequence[PickLine]

    @property
    def open(self) -> Sequence[PickLine]:
        """Those whose shipment is neither shipped nor taken off."""
        return [pick for pick in self.picks if pick.is_open]

    @property
    def picked_shipments(self) -> Sequence[int]:
        """Shipments to pack, by id, of which everything is picked."""
        missing = {one.shipment_id for one in self.open if one.picked_quantity < one.quantity}
        picked = {one.shipment_id for one in self.open if one.shipment.is_to_pack}
        return sorted(picked - missing)

    @property
    def units(self) -> Decimal:
        """How many units are to be fetched."""
        return sum((pick.quantity for pick in self.picks), ZERO)

    @property
    def picked(self) -> Decimal:
        """How many of them are."""
        return sum((pick.picked_quantity for pick in self.picks), ZERO)


def on_open_lists(shipments: Collection[Shipment]) -> set[int]:
    """Return those of shipments that are on an open pick list, by id."""
    picks = PickLine.objects.filter(shipment__in=shipments, is_open=True)
    return set(picks.order_by().values_list("shipment_id", flat=True))


def picked_at() -> Subquery:
    """Return when the last unit of each shipment was picked, by its last pick list, to annotate.

    Null for what was on none, misses units there, or left it without being sent.

    Rule: Picking and shipping, picked (§21).
    """
    own = PickLine.objects.order_by()
    last = own.filter(shipment=OuterRef("shipment")).order_by("-pick_list").values("pick_list")[:1]
    picks = own.filter(shipment=OuterRef("pk"), is_put_back=False, pick_list=Subquery(last))
    is_picked = BoolAnd(Q(picked_quantity=F("quantity")))
    counted = picks.values("shipment").annotate(is_picked=is_picked, at=Max("counted_at"))
    return Subquery(counted.values_list(Case(When(is_picked=True, then="at"))))


def rows_of_list(pick_list: PickList) -> PickListRows:
    """Return the picks of a list, each with its shipment, order line and product."""
    picks = pick_list.picks.select_related(
        "shipment__order", "shipment_line__order_line", "shipment_line__product"
    ).order_by("shipment_line__order_line__sku", "shipment__number", "pk")
    found = list(picks)
    return PickListRows(
        picks=[pick for pick in found if not pick.is_put_back],
        put_back=[pick for pick in found if pick.is_put_back and pick.picked_quantity > 0],
    )
