"""Whether an order can be placed as it is, with every reason why not."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from core.countries import UNKNOWN, country_code, has_postcodes
from core.currencies import LARGEST_AMOUNT, amount_error
from core.quantities import ZERO
from core.text import gettext_noop
from inventory.options import NotAvailableMessage
from inventory.queries.salability_facts import effective_configuration
from inventory.salability import (
    Refusal,
    SalabilityFacts,
    SalableItem,
    SalableProduct,
    SellingContext,
    refusals,
)
from orders.payments.gateways import gateway_names
from orders.placing.request import SHIP_TO_HOME, Address, LineRequest, OrderRequest
from orders.placing.validation import OrderProblem, line_total
from orders.routed_order import AssessedLine, AssessedOrder, RoutedOrder

MISSING = {
    "recipient": gettext_noop("Give the recipient: the order is shipped to home."),
    "street": gettext_noop("Give the street: the order is shipped to home."),
    "city": gettext_noop("Give the city: the order is shipped to home."),
    "country": gettext_noop("Give the country: the order is shipped to home."),
}
POSTCODE_MISSING = gettext_noop(
    "Give the postcode; only addresses in countries without postcodes have none."
)
NO_PICKUP_THERE = gettext_noop("Orders of this channel cannot be picked up there.")


def assess(
    request: OrderRequest,
    context: SellingContext,
    items: Sequence[SalableItem],
    facts: Mapping[str, SalabilityFacts],
    unsound: Collection[int] = (),
    ordered_before: Mapping[str, Decimal] | None = None,
) -> tuple[AssessedOrder, list[OrderProblem]]:
    """Check all lines together; lines of one product count together against every limit.

    Returns the lines that are known products, and everything that keeps the order from being
    placed.

    ``facts`` are those of the stock by SKU. ``unsound`` are the numbers of lines that are wrong in
    themselves: they are left out. ``ordered_before`` is what the order has already, by SKU.

    Rule: Is salable for quantity.
    """
    configuration = effective_configuration(context)
    problems = [*_order_problems(request, context)]
    sound = {n: line for n, line in enumerate(request.lines, start=1) if n not in unsound}
    refused = _refused_skus(sound.values(), facts, configuration, ordered_before or {})
    lines = []
    for number, asked in sound.items():
        product = context.products.get(asked.sku)
        if product is None:
            message = gettext_noop("There is no product with this SKU.")
            problems.append(OrderProblem("UNKNOWN_SKU", message, line=number, path="sku"))
            continue
        line = _line(number, asked, product, facts[asked.sku], request.currency)
        if error := amount_error(line.unit_price, request.currency):
            problems.append(
                OrderProblem(error.code, error.message, number, "unit_price", error.values)
            )
        if not 0 <= line.total <= LARGEST_AMOUNT:
            message = gettext_noop("The amount of the line is below 0 or too large.")
            problems.append(OrderProblem("INVALID_AMOUNT", message, line=number, path="discount"))
        problems.extend(
            OrderProblem(
                refusal.reason.value,
                refusal.message,
                line=number,
                path="quantity",
                values=refusal.values,
            )
            for refusal in refused[asked.sku]
        )
        lines.append(line)
    if sum((line.total for line in lines), ZERO) > LARGEST_AMOUNT:
        message = gettext_noop("The amount of the order is too large.")
        problems.append(OrderProblem("INVALID_AMOUNT", message, path="lines"))
    address = request.address
    destination = None
    if address.latitude is not None and address.longitude is not None:
        destination = (address.latitude, address.longitude)
    order = AssessedOrder(
        context=context,
        configuration=configuration,
        currency=request.currency,
        items=items,
        pickup_source_id=_pickup_source_id(request, context),
        destination=destination,
        lines=lines,
    )
    return order, problems


def routing_problems(order: AssessedOrder, routed: RoutedOrder) -> list[OrderProblem]:
    """Return a problem for each line that takes no backorders and was not assigned whole.

    Rule: Backordered part of an order line.
    """
    message = gettext_noop("Not all of these units can be sent by the sources of this order.")
    return [
        OrderProblem("NOT_ENOUGH_ITEMS", message, line=line.number, path="quantity")
        for line in order.lines
        if line.is_reserving and not line.takes_backorders and routed.unassigned.get(line.number)
    ]


def needs_address(fulfillment_method: str, *, is_virtual: bool) -> bool:
    """Whether an order needs an address: it is shipped to home, and not of virtual products only.

    Rule: §20, addresses.
    """
    return fulfillment_method == SHIP_TO_HOME and not is_virtual


def address_problems(address: Address, *, is_needed: bool) -> list[OrderProblem]:
    """Return the problems of the address of an order, each at its field.

    A country that is given must be one, even where no address is needed.

    Rule: §20, addresses.
    """
    country = address.country.strip()
    found = [*_missing(address)] if is_needed else []
    if country and country_code(country) is None:
        values = {"value": country}
        found.append(
            OrderProblem("UNKNOWN_COUNTRY", UNKNOWN, path="address/country", values=values)
        )
    return found


def stored_country(country: str) -> str:
    """Return the code that is kept of a country's code or name."""
    return country_code(country) or country


def _missing(address: Address) -> Iterator[OrderProblem]:
    for name, message in MISSING.items():
        if not getattr(address, name).strip():
            yield OrderProblem("ADDRESS_INCOMPLETE", message, path=f"address/{name}")
    code = country_code(address.country)
    may_have_one = has_postcodes(code) if code else not address.country.strip()
    if may_have_one and not address.postcode.strip():
        yield OrderProblem("ADDRESS_INCOMPLETE", POSTCODE_MISSING, path="address/postcode")


def _line(
    number: int,
    asked: LineRequest,
    product: SalableProduct,
    facts: SalabilityFacts,
    currency: str,
) -> AssessedLine:
    unit_price = product.price if asked.unit_price is None else asked.unit_price
    return AssessedLine(
        number=number,
        product=product,
        quantity=asked.quantity,
        unit_price=unit_price,
        discount=asked.discount,
        tax=asked.tax,
        total=line_total(asked, unit_price, currency),
        is_reserving=facts.policy.manage_stock,
        takes_backorders=facts.policy.takes_backorders,
        notifies_customer=facts.policy.notifies_customer,
        preorder_on=facts.preorder_on,
    )


def _refused_skus(
    lines: Iterable[LineRequest],
    facts: Mapping[str, SalabilityFacts],
    configuration: Mapping[str, object],
    ordered_before: Mapping[str, Decimal],
) -> dict[str, list[Refusal]]:
    asked: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        asked[line.sku] += line.quantity
    shows = configuration["not_available_message"] == NotAvailableMessage.ONLY_X_OF_Y
    return {
        sku: refusals(
            facts[sku],
            quantity,
            ordered_before=ordered_before.get(sku, ZERO),
            shows_only_x_of_y=shows,
        )
        for sku, quantity in asked.items()
        if sku in facts
    }


def _order_problems(request: OrderRequest, context: SellingContext) -> Iterator[OrderProblem]:
    if request.pickup_source is not None and _pickup_source_id(request, context) is None:
        yield OrderProblem("NOT_A_PICKUP_SOURCE", NO_PICKUP_THERE, path="pickup_source")
    if request.payment.gateway not in gateway_names():
        message = gettext_noop("There is no such payment gateway.")
        yield OrderProblem("UNKNOWN_GATEWAY", message, path="payment/gateway")


def _pickup_source_id(request: OrderRequest, context: SellingContext) -> int | None:
    for link in context.links:
        if link.code == request.pickup_source and link.is_enabled and link.is_pickup_location:
            return link.source_id
    return None
