"""The books of the shop against what was ordered, came and left: sums in plain SQL."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

from tests.simulation.judge import Judge

ON_HAND = """
    SELECT product.sku, sum(item.quantity), sum(item.allocated), bool_or(allocated > quantity)
    FROM inventory_sourceitem AS item JOIN inventory_product AS product
      ON product.id = item.product_id
    GROUP BY product.sku
"""
RESERVED = """
    SELECT product.sku, sum(entry.quantity)
    FROM inventory_reservation AS entry JOIN inventory_product AS product
      ON product.id = entry.product_id
    GROUP BY product.sku
"""
ON_SHIPMENTS = """
    SELECT product.sku, sum(line.quantity) FILTER (WHERE shipment.state <> 'FULFILLED'),
        sum(line.quantity) FILTER (WHERE shipment.state = 'FULFILLED')
    FROM fulfillment_shipmentline AS line
    JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
    JOIN inventory_product AS product ON product.id = line.product_id
    GROUP BY product.sku
"""
PAID = """
    SELECT placed.number, sum(payment.captured_amount - payment.refunded_amount)
    FROM orders_order AS placed JOIN orders_payment AS payment ON payment.order_id = placed.id
    GROUP BY placed.number
"""


def wrong_sums(judge: Judge) -> Iterator[str]:
    """Yield each sum of the database that is not what the judge counted."""
    shipped: Counter[str] = Counter()
    still_open: Counter[str] = Counter()
    for buyer in judge.buyers.values():
        shipped.update(unit.sku for unit in buyer.units if unit.end == "SHIPPED")
        still_open.update(unit.sku for unit in buyer.units if not unit.end)
    for sku, quantity, allocated, is_too_much in _rows(ON_HAND):
        yield from _unequal(f"on hand of {sku}", quantity, judge.on_hand[sku])
        if is_too_much:
            yield f"{allocated} of {quantity} × {sku} are set aside"
    reserved = {sku: -quantity for sku, quantity in _rows(RESERVED)}
    yield from _all_unequal("reserved", reserved, still_open)
    waiting = {sku: quantity or 0 for sku, quantity, _ in _rows(ON_SHIPMENTS)}
    yield from _all_unequal("on open shipments", waiting, still_open)
    gone = {sku: quantity or 0 for sku, _, quantity in _rows(ON_SHIPMENTS)}
    yield from _all_unequal("shipped", gone, shipped)
    for number, paid in _rows(PAID):
        buyer = judge.buyers[number]
        kept = sum(unit.end != "CANCELED" for unit in buyer.units)
        yield from _unequal(f"money of {number}", paid, buyer.price * kept)


def _all_unequal(what: str, found: Mapping[str, Any], counted: Mapping[str, int]) -> Iterator[str]:
    for sku in sorted({*found, *counted}):
        yield from _unequal(f"{what} of {sku}", found.get(sku, 0), counted.get(sku, 0))


def _unequal(what: str, found: Any, counted: Any) -> Iterator[str]:
    if found != counted:
        yield f"{what}: {found} in the books, {counted} counted"


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
