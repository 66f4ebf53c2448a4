"""A judge of units and money that knows nothing of how the back office counts them.

The bank keeps a statement of its own, and refuses what no bank would do. The units that came into
the shop are told by those who bring them; where they are now is summed in plain SQL.
"""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from orders.payments import gateways
from orders.payments.gateways import Gateway, GatewayAnswer, GatewayOutcome, GatewayRequest

NOTHING = Decimal(0)
# Units of a product on hand, on their way between sources, and with customers.
UNITS = """
SELECT product.sku,
    (SELECT COALESCE(SUM(quantity), 0) FROM inventory_sourceitem WHERE product_id = product.id)
  + (SELECT COALESCE(SUM(quantity - received_quantity), 0) FROM inventory_futuresupply
     WHERE product_id = product.id AND sent_from_id IS NOT NULL AND state = 'OPEN')
  + (SELECT COALESCE(SUM(part.quantity), 0) FROM fulfillment_shipmentline AS part
     JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
     WHERE part.product_id = product.id AND shipment.state = 'FULFILLED')
FROM inventory_product AS product
"""
OPERATIONS = """
SELECT operation.idempotency_key, payment.id, payment.captured_amount, payment.refunded_amount
FROM orders_paymentoperation AS operation
JOIN orders_payment AS payment ON payment.id = operation.payment_id
"""
# What units of an order are worth that were neither canceled nor paid back; of orders whose money
# was taken at once, where no answer of the bank, and no bill, is still to come or came to nothing.
KEPT = """
SELECT placed.id, COALESCE(SUM(line.total
    - COALESCE((SELECT SUM(amount) FROM orders_cancellationline
                WHERE order_line_id = line.id), 0)
    - COALESCE((SELECT SUM(amount) FROM orders_refundline
                WHERE order_line_id = line.id), 0)), 0)
FROM orders_order AS placed
JOIN orders_orderline AS line ON line.order_id = placed.id AND (
    line.change_id IS NULL OR EXISTS (
        SELECT FROM orders_orderchange WHERE id = line.change_id AND state = 'APPLIED'))
WHERE placed.status NOT IN ('PENDING_PAYMENT', 'PAYMENT_REVIEW')
  AND NOT EXISTS (
    SELECT FROM orders_payment WHERE order_id = placed.id AND action <> 'AUTHORIZE_AND_CAPTURE')
  AND NOT EXISTS (
    SELECT FROM orders_paymentoperation AS operation
    JOIN orders_payment AS payment ON payment.id = operation.payment_id
    WHERE payment.order_id = placed.id
      AND operation.state NOT IN ('SUCCEEDED')
      AND NOT (operation.state = 'DECLINED' AND operation.kind = 'AUTHORIZE'))
GROUP BY placed.id
"""


def rows_of(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


class Bank:
    """A gateway that answers as another does, and keeps its own statement of what it did.

    ``taken`` and ``given`` are amounts by the key of the operation.
    """

    payment_action: str | None = None

    def __init__(self, real: Gateway) -> None:
        self.real = real
        self.name = real.name
        self.taken: dict[str, Decimal] = {}
        self.given: dict[str, Decimal] = {}
        self.authorized: dict[str, Decimal] = {}
        self.voided: set[str] = set()
        self.captures: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
        self.refunds: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)

    def authorize(self, request: GatewayRequest, *, capture: bool, now: datetime) -> GatewayAnswer:
        answer = self.real.authorize(request, capture=capture, now=now)
        if answer.outcome is GatewayOutcome.SUCCEEDED:
            self.authorized[answer.reference] = request.amount
            if capture:
                self._take(request, answer.reference)
        return answer

    def capture(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        answer = self.real.capture(request, now=now)
        if answer.outcome is GatewayOutcome.SUCCEEDED:
            assert request.reference not in self.voided, "captured after it was voided"
            self._take(request, request.reference)
        return answer

    def void(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        answer = self.real.void(request, now=now)
        if answer.outcome is GatewayOutcome.SUCCEEDED:
            self.voided.add(request.reference)
        return answer

    def refund(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        answer = self.real.refund(request, now=now)
        if answer.outcome in (GatewayOutcome.SUCCEEDED, GatewayOutcome.DUE):
            refunds = self.refunds[request.reference]
            refunds[request.idempotency_key] = request.amount
            taken = sum(self.captures[request.reference].values())
            assert sum(refunds.values()) <= taken, "more is paid back than was taken"
        if answer.outcome is GatewayOutcome.SUCCEEDED:
            self.given[request.idempotency_key] = request.amount
        return answer

    def learn(self, kind: str, key: str, amount: Decimal, reference: str, action: str) -> None:
        """Note that an operation happened that was not answered, as a person learned it."""
        request = GatewayRequest(key, amount, "USD", reference=reference)
        if kind == "REFUND":
            self.given[key] = self.refunds[reference][key] = amount
        elif kind == "AUTHORIZE":
            self.authorized[key] = amount
            if action == "AUTHORIZE_AND_CAPTURE":
                self._take(request, key)
        elif kind == "CAPTURE":
            self._take(request, reference)

    def _take(self, request: GatewayRequest, reference: str) -> None:
        captures = self.captures[reference]
        assert captures.get(request.idempotency_key, request.amount) == request.amount
        captures[request.idempotency_key] = self.taken[request.idempotency_key] = request.amount
        allowed = self.authorized.get(reference)
        assert allowed is not None, "taken without an authorization"
        assert sum(captures.values()) <= allowed, "more is taken than was authorized"


class BookJudge:
    """What came into the shop, and what went through its banks.

    ``came`` are units by SKU; ``returned`` those of them that went to customers and came back to
    stock, though their shipments say that they left.
    """

    def __init__(self) -> None:
        self.came: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.returned: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.real = [gateways.gateway_named(name) for name in ("manual", "sandbox")]
        self.banks = {real.name: Bank(real) for real in self.real}
        for bank in self.banks.values():
            gateways.register(bank)

    def close(self) -> None:
        for real in self.real:
            gateways.register(real)

    def judge(self) -> None:
        """Check that no unit and no money is lost, and none is counted twice."""
        where = {sku: units - self.returned[sku] for sku, units in rows_of(UNITS)}
        assert where == {sku: self.came[sku] for sku in where}
        taken = {key: sum_ for bank in self.banks.values() for key, sum_ in bank.taken.items()}
        given = {key: sum_ for bank in self.banks.values() for key, sum_ in bank.given.items()}
        self._judge_payments(taken, given)
        self._judge_orders(taken, given)

    def _judge_payments(self, taken: dict[str, Decimal], given: dict[str, Decimal]) -> None:
        banked: defaultdict[int, list[Decimal]] = defaultdict(lambda: [NOTHING, NOTHING])
        booked = {}
        for key, payment, captured, refunded in rows_of(OPERATIONS):
            banked[payment][0] += taken.get(key, NOTHING)
            banked[payment][1] += given.get(key, NOTHING)
            booked[payment] = [captured, refunded]
        assert booked == banked

    def _judge_orders(self, taken: dict[str, Decimal], given: dict[str, Decimal]) -> None:
        order_of = dict(
            rows_of(
                "SELECT operation.idempotency_key, payment.order_id "
                "FROM orders_paymentoperation AS operation "
                "JOIN orders_payment AS payment ON payment.id = operation.payment_id"
            )
        )
        held: defaultdict[int, Decimal] = defaultdict(Decimal)
        for key, amount in taken.items():
            held[order_of[key]] += amount
        for key, amount in given.items():
            held[order_of[key]] -= amount
        kept = dict(rows_of(KEPT))
        assert {order: held[order] for order in kept} == kept
