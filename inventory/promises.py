"""Which promises a change of future supply breaks; PURE."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Promise:
    """What one shipment is still to get from a record of future supply."""

    shipment_id: int
    shipment_number: str
    order_number: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class PromisePlan:
    """Whom a change hits: promises that stay, and those that go back to wait; in queue order."""

    kept: tuple[Promise, ...]
    broken: tuple[Promise, ...]


def may_be_promised(expected_on: date | None, *, today: date, horizon: date) -> bool:
    """Whether units expected then may be promised: not overdue, and not beyond the limit.

    Rule: Future date limit.
    """
    return expected_on is not None and today <= expected_on <= horizon


def plan_promises(promises: Sequence[Promise], outstanding: Decimal) -> PromisePlan:
    """Break promises, last in queue order first and whole, until the rest fit what still comes.

    Rule: Future supply over time.
    """
    kept = list(promises)
    total = sum((promise.quantity for promise in kept), ZERO)
    broken: list[Promise] = []
    while total > outstanding:
        last = kept.pop()
        total -= last.quantity
        broken.append(last)
    return PromisePlan(tuple(kept), tuple(reversed(broken)))


def plan_receipt(
    promises: Sequence[Promise], quantity: Decimal, *, outstanding: Decimal
) -> PromisePlan:
    """Return who of those still promised something stays, and who goes back, once units came.

    The ``quantity`` that came goes to the promised in queue order; whom it covers whole is in
    neither list. ``outstanding`` is what still comes afterwards (0 closes the record).

    Rule: Future supply over time, received.
    """
    left = quantity
    waiting = []
    for promise in promises:
        given = min(left, promise.quantity)
        left -= given
        if given < promise.quantity:
            waiting.append(replace(promise, quantity=promise.quantity - given))
    return plan_promises(waiting, outstanding)
