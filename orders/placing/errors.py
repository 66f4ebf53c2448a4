"""Why an order is refused, as errors that carry every reason."""

from collections.abc import Sequence

from core.text import gettext_noop
from orders.placing.assessment import AssessedOrder
from orders.placing.validation import OrderProblem
from orders.ports import RoutedOrder


class OrderRefusedError(Exception):
    """The order was not placed, and nothing was written; ``problems`` has every reason."""

    def __init__(self, problems: Sequence[OrderProblem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = tuple(problems)


class IdempotencyConflictError(Exception):
    """The idempotency key was used for another request."""


def unknown_channel() -> OrderProblem:
    """Return the problem of a sales channel that there is not."""
    message = gettext_noop("There is no such sales channel.")
    return OrderProblem("UNKNOWN_CHANNEL", message, path="channel")


def unknown_stock() -> OrderProblem:
    """Return the problem of a stock that there is not."""
    message = gettext_noop("There is no such stock.")
    return OrderProblem("UNKNOWN_STOCK", message, path="stock")


def placed_in_the_future() -> OrderProblem:
    """Return the problem of an order that says it was placed at a time to come."""
    message = gettext_noop("This time has not come yet.")
    return OrderProblem("INVALID_TIME", message, path="placed_at")


def number_taken() -> OrderProblem:
    """Return the problem of an order number that another order has."""
    message = gettext_noop("Another order has this number.")
    return OrderProblem("NUMBER_TAKEN", message, path="number")


def problems_of_routing(assessed: AssessedOrder, routed: RoutedOrder) -> list[OrderProblem]:
    """Return a problem for each line that takes no backorders and was not assigned whole.

    Rule: Backordered part of an order line.
    """
    message = gettext_noop("Not all of these units can be sent by the sources of this order.")
    return [
        OrderProblem("NOT_ENOUGH_ITEMS", message, line=line.number, path="quantity")
        for line in assessed.lines
        if line.is_reserving and not line.takes_backorders and routed.unassigned(line.number)
    ]
