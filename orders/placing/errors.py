"""Why an order is refused, as errors that carry every reason."""

from collections.abc import Sequence

from core.formats import filled
from core.text import gettext_noop
from orders.placing.validation import OrderProblem
from orders.refusals import OrderChangeError

UNKNOWN_CHANNEL = OrderProblem(
    "UNKNOWN_CHANNEL", gettext_noop("There is no such sales channel."), path="channel"
)
UNKNOWN_STOCK = OrderProblem("UNKNOWN_STOCK", gettext_noop("There is no such stock."), path="stock")
IN_THE_FUTURE = OrderProblem(
    "INVALID_TIME", gettext_noop("This time is in the future."), path="placed_at"
)
NUMBER_TAKEN = OrderProblem(
    "NUMBER_TAKEN", gettext_noop("Another order has this number."), path="number"
)


class OrderRefusedError(Exception):
    """The order was not placed, and nothing was written; ``problems`` has every reason."""

    def __init__(self, problems: Sequence[OrderProblem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = tuple(problems)


class IdempotencyConflictError(Exception):
    """The idempotency key was used for another request."""


def in_words(reason: OrderProblem | OrderChangeError) -> str:
    """Return why something is refused, as a sentence in the reader's language."""
    return filled(reason.message, reason.values)
