"""The part of an order change that sets who ordered, or where the order goes, or how."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from inventory.models import Source
from orders import ports
from orders.changes.change import ChangeRefusedError
from orders.changes.request import ChangeRequest
from orders.models import Order, OrderEmail
from orders.placing.assessment import (
    NO_PICKUP_THERE,
    address_problems,
    needs_address,
    stored_country,
)
from orders.placing.request import PICKUP, Address, Customer
from orders.placing.validation import (
    PICKUP_SOURCE_WANTED,
    OrderProblem,
    address_text_problems,
    customer_problems,
)

# The columns of which a change has the shipments routed anew.
METHOD = frozenset({"fulfillment_method", "pickup_source"})
CONTACT = {"name": "customer_name", "email": "customer_email", "language": "customer_language"}


def new_columns(order: Order, request: ChangeRequest) -> dict[str, Any]:
    """Return what of the order itself would be set, by column; what is so already is left out.

    :raises ChangeRefusedError: with everything that is wrong with it.

    Rule: Changing an order, contact and address, method (§20).
    """
    asked: dict[str, Any] = {}
    if request.contact is not None:
        given = asdict(request.contact)
        asked |= {CONTACT[name]: text for name, text in given.items() if text is not None}
    if request.address is not None:
        asked |= asdict(request.address)
        asked["country"] = stored_country(request.address.country)
    method, store = _method(order, request)
    asked |= {"fulfillment_method": method, "pickup_source": store}
    if request.ship_complete is not None:
        asked["ship_complete"] = request.ship_complete
    if problems := _problems(order, request, asked):
        raise ChangeRefusedError(problems)
    return {name: value for name, value in asked.items() if getattr(order, name) != value}


def send_anew(order: Order, *, is_new_address: bool, now: datetime) -> None:
    """Have what is still to be sent to the customer of a locked order follow its new contact.

    E-mails that nobody has begun to send go to the new address, in the new language. A new address
    ends every link sent before, so open delay requests are sent again.

    Rule: Changing an order, a changed e-mail address (§20).
    """
    queued = order.emails.filter(state=OrderEmail.State.QUEUED)
    queued.update(recipient=order.customer_email, language=order.customer_language)
    if is_new_address:
        ports.current().ask_delays_again(order.pk, now=now)


def _problems(order: Order, request: ChangeRequest, asked: Mapping[str, Any]) -> list[OrderProblem]:
    problems: list[OrderProblem] = []
    if request.contact is not None:
        as_set = {
            name: asked.get(column, getattr(order, column)) for name, column in CONTACT.items()
        }
        problems += customer_problems(Customer(**as_set))
    problems += _method_problems(request, asked)
    method = asked["fulfillment_method"]
    address = request.address
    if address is not None:
        problems += address_text_problems(address)
    elif method != order.fulfillment_method:
        address = Address(**order.address(), latitude=order.latitude, longitude=order.longitude)
    if address is not None:
        is_virtual = not order.lines.filter(is_virtual=False).exists()
        is_routed_anew = any(getattr(order, name) != asked[name] for name in METHOD)
        is_needed = needs_address(method, is_virtual=is_virtual) or (
            not is_virtual and _is_sent(order, is_routed_anew=is_routed_anew)
        )
        problems += address_problems(address, is_needed=is_needed)
    return [replace(problem, path=f"set/{problem.path}") for problem in problems]


def _is_sent(order: Order, *, is_routed_anew: bool) -> bool:
    """Return whether something of the order is still sent to its address, however it goes now.

    What was on a pick list when the method changed is, until it follows that; of what is routed
    anew, what is on one.
    """
    found = ports.current().shipments_of_orders([order.pk], is_open=True, with_units=False)
    sent = [one for one in found.get(order.pk, ()) if not one.is_pickup]
    return any(one.is_listed or not is_routed_anew for one in sent)


def _method(order: Order, request: ChangeRequest) -> tuple[str, Source | None]:
    """Return the method, and where the order is collected; no source where none serves there."""
    method = request.fulfillment_method or order.fulfillment_method
    if request.pickup_source is None:
        return method, order.pickup_source if method == PICKUP else None
    sources = Source.objects.filter(
        code=request.pickup_source,
        is_enabled=True,
        is_pickup_location=True,
        links__stock=order.stock_id,
    )
    return method, sources.order_by("pk").first()


def _method_problems(request: ChangeRequest, asked: Mapping[str, Any]) -> Iterator[OrderProblem]:
    is_pickup = asked["fulfillment_method"] == PICKUP
    if is_pickup and request.pickup_source is not None and asked["pickup_source"] is None:
        yield OrderProblem("NOT_A_PICKUP_SOURCE", NO_PICKUP_THERE, path="pickup_source")
    elif is_pickup != (request.pickup_source is not None or asked["pickup_source"] is not None):
        yield OrderProblem("INVALID_PICKUP_SOURCE", PICKUP_SOURCE_WANTED, path="pickup_source")
