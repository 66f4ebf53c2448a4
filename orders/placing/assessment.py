"""Whether each line of an order can be sold, with every reason why not."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.text import gettext_noop
from inventory.options import NotAvailableMessage
from inventory.queries.availability import effective_configuration, facts_by_sku
from inventory.salability import SalabilityFacts, refusals
from inventory.selling import SalableItem, SalableProduct, SellingContext
from orders.payments.registry import gateway_names
from orders.placing.request import LineRequest, OrderRequest
from orders.placing.validation import LARGEST_MONEY, OrderProblem, line_total


@dataclass(frozen=True, slots=True)
class AssessedLine:
    """A line that can be sold, with what was decided for it; ``number`` counts from 1."""

    number: int
    request: LineRequest
    product: SalableProduct
    unit_price: Decimal
    total: Decimal
    is_reserving: bool
    takes_backorders: bool


@dataclass(frozen=True, slots=True)
class AssessedOrder:
    """An order with the facts it was assessed on; with ``problems`` it cannot be placed."""

    context: SellingContext
    configuration: Mapping[str, object]
    items: Sequence[SalableItem]
    pickup_source_id: int | None
    lines: Sequence[AssessedLine]
    problems: Sequence[OrderProblem]


def assess(
    request: OrderRequest,
    context: SellingContext,
    items: Sequence[SalableItem],
    waiting: Mapping[int, Decimal],
) -> AssessedOrder:
    """Check all lines together; lines of one product count together against every limit.

    ``waiting`` is what the stock has sold and no source has set aside, by product id.

    Rule: Is salable for quantity.
    """
    configuration = effective_configuration(context)
    facts = facts_by_sku(context, items, waiting)
    problems = [*_order_problems(request, context)]
    refused = _refused_skus(request, facts, configuration)
    lines = []
    for number, asked in enumerate(request.lines, start=1):
        product = context.products.get(asked.sku)
        if product is None:
            message = gettext_noop("There is no product with this SKU.")
            problems.append(OrderProblem("UNKNOWN_SKU", message, line=number, path="sku"))
            continue
        line = _line(number, asked, product, facts[asked.sku])
        problems.extend(_amount_problems(line))
        problems.extend(
            OrderProblem(code, message, line=number, path="quantity", values=values)
            for code, message, values in refused[asked.sku]
        )
        lines.append(line)
    problems.extend(_total_problems(lines))
    return AssessedOrder(
        context=context,
        configuration=configuration,
        items=items,
        pickup_source_id=_pickup_source_id(request, context),
        lines=lines,
        problems=problems,
    )


def _line(
    number: int, asked: LineRequest, product: SalableProduct, facts: SalabilityFacts
) -> AssessedLine:
    unit_price = product.price if asked.unit_price is None else asked.unit_price
    return AssessedLine(
        number=number,
        request=asked,
        product=product,
        unit_price=unit_price,
        total=line_total(asked, unit_price),
        is_reserving=facts.policy.manage_stock,
        takes_backorders=facts.policy.takes_backorders,
    )


def _refused_skus(
    request: OrderRequest,
    facts: Mapping[str, SalabilityFacts],
    configuration: Mapping[str, object],
) -> Mapping[str, Sequence[tuple[str, str, dict[str, str]]]]:
    asked: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in request.lines:
        asked[line.sku] += line.quantity
    shows = configuration["not_available_message"] == NotAvailableMessage.ONLY_X_OF_Y
    return {
        sku: [
            (refusal.reason.value, refusal.message, refusal.values)
            for refusal in refusals(facts[sku], quantity, shows_only_x_of_y=shows)
        ]
        for sku, quantity in asked.items()
        if sku in facts
    }


def _order_problems(request: OrderRequest, context: SellingContext) -> Collection[OrderProblem]:
    problems = []
    if request.pickup_source is not None and _pickup_source_id(request, context) is None:
        message = gettext_noop("Nothing of this channel can be picked up there.")
        problems.append(OrderProblem("NOT_A_PICKUP_SOURCE", message, path="pickup_source"))
    if request.payment.gateway not in gateway_names():
        message = gettext_noop("There is no such payment gateway.")
        problems.append(OrderProblem("UNKNOWN_GATEWAY", message, path="payment/gateway"))
    return problems


def _pickup_source_id(request: OrderRequest, context: SellingContext) -> int | None:
    for link in context.links:
        if link.code == request.pickup_source and link.is_enabled and link.is_pickup_location:
            return link.source_id
    return None


def _amount_problems(line: AssessedLine) -> Collection[OrderProblem]:
    if 0 <= line.total <= LARGEST_MONEY:
        return []
    message = gettext_noop("The amount of the line is below 0 or too large.")
    return [OrderProblem("INVALID_AMOUNT", message, line=line.number, path="discount")]


def _total_problems(lines: Sequence[AssessedLine]) -> Collection[OrderProblem]:
    if sum((line.total for line in lines), Decimal(0)) <= LARGEST_MONEY:
        return []
    message = gettext_noop("The amount of the order is too large.")
    return [OrderProblem("INVALID_AMOUNT", message, path="lines")]
