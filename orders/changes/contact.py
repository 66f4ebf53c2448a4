"""The part of an order change that sets who ordered, or where the order goes."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from orders import ports
from orders.changes.change import ChangeRefusedError
from orders.changes.request import ChangeRequest
from orders.models import Order, OrderEmail
from orders.placing.assessment import address_problems, needs_address, stored_country
from orders.placing.request import Customer
from orders.placing.validation import OrderProblem, address_text_problems, customer_problems

CONTACT = {"name": "customer_name", "email": "customer_email", "language": "customer_language"}


def new_columns(order: Order, request: ChangeRequest) -> dict[str, Any]:
    """Return what of the contact and the address would be set, by column; what is so is left out.

    :raises ChangeRefusedError: with everything that is wrong with it.

    Rule: Changing an order, contact and address (§20).
    """
    asked: dict[str, Any] = {}
    if request.contact is not None:
        given = asdict(request.contact)
        asked |= {CONTACT[name]: text for name, text in given.items() if text is not None}
    if request.address is not None:
        asked |= asdict(request.address)
        asked["country"] = stored_country(request.address.country)
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
    if request.address is not None:
        is_virtual = not order.lines.filter(is_virtual=False).exists()
        is_needed = needs_address(order.fulfillment_method, is_virtual=is_virtual)
        problems += address_text_problems(request.address)
        problems += address_problems(request.address, is_needed=is_needed)
    return [replace(problem, path=f"set/{problem.path}") for problem in problems]
