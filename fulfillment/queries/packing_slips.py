"""What packing slips say; the same number of statements for any number of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.clock import site_zone
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.queries.order_shipments import shipments_of_orders
from inventory.queries.decimals import whole_items
from inventory.resolution import resolve
from orders.models import OrderLine
from orders.ports import OrderShipment


@dataclass(frozen=True, slots=True)
class SlipLine:
    """Units of a product in the parcel; ``in_one_piece``: they are packed uncut (§2)."""

    sku: str
    name: str
    barcode: str
    quantity: Decimal
    in_one_piece: bool


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """What the packing slip of a shipment says; ``later`` are the shipments that follow it."""

    shipment: Shipment
    lines: Sequence[SlipLine]
    later: Sequence[OrderShipment]
    order_lines: Mapping[int, OrderLine]
    today: date


def slips_of(shipment_ids: Collection[int], *, now: datetime) -> list[SlipFacts]:
    """Return what the packing slips of shipments say, in the order of the ids.

    Rule: Picking and shipping, packing slip (§21).
    """
    rows = Shipment.objects.select_related("order", "source", "pickup_source")
    shipments = rows.in_bulk(list(shipment_ids))
    order_ids = {shipment.order_id for shipment in shipments.values()}
    of_orders = shipments_of_orders(order_ids)
    order_lines: defaultdict[int, dict[int, OrderLine]] = defaultdict(dict)
    placed = OrderLine.objects.in_force().filter(order__in=order_ids)
    for order_line in placed.order_by("order", "number"):
        order_lines[order_line.order_id][order_line.pk] = order_line
    lines = _lines(shipments)
    return [
        SlipFacts(
            shipment=shipments[key],
            lines=lines[key],
            later=[
                other
                for other in of_orders[shipments[key].order_id]
                if other.shipment_id != key
                and other.is_open
                and other.units.keys() & order_lines[shipments[key].order_id].keys()
            ],
            order_lines=order_lines[shipments[key].order_id],
            today=now.astimezone(site_zone()).date(),
        )
        for key in shipment_ids
    ]


def _lines(shipments: Mapping[int, Shipment]) -> Mapping[int, Sequence[SlipLine]]:
    found = ShipmentLine.objects.filter(shipment__in=shipments, quantity__gt=0)
    parts = list(found.select_related("order_line", "product").order_by("order_line__number"))
    keys = {part.pk: _item_key(part, shipments) for part in parts}
    whole = whole_items(set(keys.values()))
    lines: defaultdict[int, list[SlipLine]] = defaultdict(list)
    for part in parts:
        product = part.product
        may_be_cut = resolve(
            "allow_multiple_boxes", configuration={}, product=product.overrides()
        ).value
        lines[part.shipment_id].append(
            SlipLine(
                sku=part.order_line.sku,
                name=part.order_line.name,
                barcode=product.barcode or "",
                quantity=part.quantity,
                in_one_piece=keys[part.pk] not in whole and not may_be_cut,
            )
        )
    return lines


def _item_key(part: ShipmentLine, shipments: Mapping[int, Shipment]) -> tuple[int, int]:
    """Return the source item that the units of a line are taken from, by product and source."""
    source_id = shipments[part.shipment_id].source_id
    if source_id is None:
        raise ValueError(f"{shipments[part.shipment_id].number} has no source.")
    return part.product_id, source_id
