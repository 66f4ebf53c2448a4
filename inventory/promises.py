"""Which promises a change of future supply breaks; PURE."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core.quantities import ZERO


@dataclass(frozen=True, slots=True)
class Promise:
    """What one shipment is still to get from a record of future supply."""

    shipment_id: int
    shipment_number: str
    order_number: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class DateMove:
    """The date of supply before and after; ``later`` is None where no date is known any more.

    ``is_cut``: fewer units come than before.
    """

    former: date | None
    later: date | None
    is_cut: bool = False

    @property
    def may_lose(self) -> bool:
        """Whether a shipment dated by the supply may have lost it."""
        return self.former is not None and (self.is_cut or self.former != self.later)


@dataclass(frozen=True, slots=True)
class PromisePlan:
    """Promises that a change keeps, and those that it breaks; in queue order."""

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


def fitted_promises(
    promises: Mapping[int, Sequence[Promise]], outstanding: Mapping[int, Decimal]
) -> dict[int, PromisePlan]:
    """Plan, record by record, as :func:`plan_promises`; both are by the id of a record.

    A shipment loses its promises whole, so one that breaks at a record keeps none at another.
    """
    plans: dict[int, PromisePlan] = {}
    gone: set[int] = set()
    for supply_id in sorted(outstanding):
        left = [one for one in promises[supply_id] if one.shipment_id not in gone]
        plans[supply_id] = plan_promises(left, outstanding[supply_id])
        gone |= {one.shipment_id for one in plans[supply_id].broken}
    return {
        supply_id: replace(
            plan, kept=tuple(one for one in plan.kept if one.shipment_id not in gone)
        )
        for supply_id, plan in plans.items()
    }


def broken_shipments(plans: Iterable[PromisePlan]) -> set[str]:
    """Return the numbers of the shipments that lose a promise."""
    return {promise.shipment_number for plan in plans for promise in plan.broken}


def plan_receipt(
    promises: Sequence[Promise], quantity: Decimal, *, outstanding: Decimal
) -> PromisePlan:
    """Return the promises that stay, and those that break, once units were received.

    The ``quantity`` received goes to promised shipments in queue order; those it covers are in
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


@dataclass(frozen=True, slots=True)
class ServedShipment:
    """A shipment that a receipt served and that still has units at its source.

    ``promised`` are those that the receipt gave it for a promise; 0 where it was served from
    what became on hand. ``held`` is all that it has there.
    """

    shipment_id: int
    shipment_number: str
    order_number: str
    promised: Decimal
    held: Decimal

    def losing(self, quantity: Decimal) -> Promise:
        return Promise(self.shipment_id, self.shipment_number, self.order_number, quantity)


@dataclass(frozen=True, slots=True)
class TakeBackPlan:
    """What taking units of a receipt back does; ``broken`` and ``kept`` are in queue order.

    ``kept`` are promised the incoming units again, ``broken`` wait with their age.
    ``possible_quantity`` is how many units could leave.
    """

    quantity: Decimal
    possible_quantity: Decimal
    kept: tuple[Promise, ...] = ()
    broken: tuple[Promise, ...] = ()

    @property
    def is_possible(self) -> bool:
        return 0 < self.quantity <= self.possible_quantity


def plan_take_back(
    served: Sequence[ServedShipment],
    quantity: Decimal,
    *,
    received: Decimal,
    unallocated: Decimal,
    promisable: Decimal,
) -> TakeBackPlan:
    """Take ``quantity`` units of a receipt of which ``received`` are left.

    The ``unallocated`` units of its source item leave first, then those of the ``served``
    shipments, last in queue order first. As many units as are ``promisable`` on the record are
    promised again; a shipment that cannot be promised its units again loses all that it has there.

    Rule: Future supply over time, a receipt taken back.
    """
    could_leave = sum((one.promised or one.held for one in served), unallocated)
    possible = min(received, could_leave)
    if not 0 < quantity <= possible:
        return TakeBackPlan(quantity, possible)
    left = quantity - min(quantity, unallocated)
    kept: list[Promise] = []
    broken: list[Promise] = []
    for one in served:
        if left <= 0:
            break
        again = min(one.promised, left)
        if 0 < again <= promisable:
            promisable -= again
            left -= again
            kept.append(one.losing(again))
        else:
            left -= one.held
            broken.append(one.losing(one.held))
    return TakeBackPlan(quantity, possible, tuple(reversed(kept)), tuple(reversed(broken)))
