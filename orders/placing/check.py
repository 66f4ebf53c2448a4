"""Whether the lines of an order that is still being entered could be sold; writes nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core.quantities import ZERO
from inventory.queries.salability_facts import (
    context_of_channel,
    context_of_stock,
    items_with_facts,
)
from inventory.salability import SalabilityFacts, SalableProduct
from orders import ports
from orders.placing.assessment import assess, routing_problems
from orders.placing.errors import UNKNOWN_CHANNEL, UNKNOWN_STOCK
from orders.placing.request import OrderRequest
from orders.placing.validation import MAXIMUM_LINES, OrderProblem, problems_of
from orders.routed_order import AssessedOrder


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """The outcome of one line if it were placed; ``number`` counts from 1.

    ``product`` and ``facts`` are None where no product has the SKU. ``backordered`` units would
    be accepted without units to cover them.
    """

    number: int
    problems: Sequence[OrderProblem]
    product: SalableProduct | None = None
    facts: SalabilityFacts | None = None
    backordered: Decimal = ZERO

    @property
    def notifies_customer(self) -> bool:
        """Whether the answer to the customer says how many are backordered."""
        return self.facts is not None and self.facts.policy.notifies_customer

    @property
    def preorder_on(self) -> date | None:
        """The release date that its units wait for."""
        return None if self.facts is None else self.facts.preorder_on


@dataclass(frozen=True, slots=True)
class CheckedLines:
    """The outcome of each line, and the problems of the order itself."""

    problems: Sequence[OrderProblem]
    lines: Sequence[CheckedLine]


def check_lines(request: OrderRequest, *, today: date, stock: str | None = None) -> CheckedLines:
    """Decide each line of ``request`` as placing it now would, in spite of other problems.

    ``today`` is the date of the site. ``stock`` replaces the stock of the channel where it is
    given. Lines that cannot be sold take nothing from those that can. Locks nothing: by the time
    the order is placed another may have taken the units.

    Rule: Placing an order.
    """
    found = problems_of(request)
    of_order = [problem for problem in found if problem.line is None]
    of_lines: defaultdict[int, list[OrderProblem]] = defaultdict(list)
    for problem in found:
        if problem.line is not None:
            of_lines[problem.line].append(problem)
    skus = {line.sku for line in request.lines}
    context = context_of_channel(request.channel, skus, today=today)
    if stock is not None:
        context = context_of_stock(stock, skus, today=today)
    if context is None:
        shop = UNKNOWN_CHANNEL if stock is None else UNKNOWN_STOCK
        return CheckedLines([shop, *of_order], _bare(request, of_lines))
    if len(request.lines) > MAXIMUM_LINES:
        return CheckedLines(of_order, [])
    items, facts = items_with_facts(context, lock=False)
    backordered: Mapping[int, Decimal] = {}
    if len(of_lines) < len(request.lines):
        assessed, problems = assess(request, context, items, facts, unsound=set(of_lines))
        for problem in problems:
            (of_order if problem.line is None else of_lines[problem.line]).append(problem)
        backordered = _routed(request, assessed, of_lines)
    return CheckedLines(
        of_order,
        [
            CheckedLine(
                number,
                tuple(of_lines[number]),
                context.products.get(line.sku),
                facts.get(line.sku),
                backordered.get(number, ZERO),
            )
            for number, line in enumerate(request.lines, start=1)
        ],
    )


def _bare(
    request: OrderRequest, of_lines: Mapping[int, Sequence[OrderProblem]]
) -> Sequence[CheckedLine]:
    numbers = range(1, min(len(request.lines), MAXIMUM_LINES) + 1)
    return [CheckedLine(number, tuple(of_lines.get(number, ()))) for number in numbers]


def _routed(
    request: OrderRequest, assessed: AssessedOrder, of_lines: defaultdict[int, list[OrderProblem]]
) -> Mapping[int, Decimal]:
    """Route the lines that can be sold; add the problems of routing, return backordered units."""
    lines = [line for line in assessed.lines if not of_lines.get(line.number)]
    if not lines or (request.pickup_source is not None and assessed.pickup_source_id is None):
        return {}
    placeable = replace(assessed, lines=lines)
    routed = ports.current().route_order(placeable)
    for problem in routing_problems(placeable, routed):
        if problem.line is not None:
            of_lines[problem.line].append(problem)
    return routed.backordered
