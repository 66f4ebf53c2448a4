"""The frame of every change of an order: it is made at once, or previewed."""

from collections import deque
from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Concatenate, Generic, ParamSpec, TypeVar

from django.db import transaction

from core.acts import Act
from core.trials import trial
from orders.changes.preview import OrderEffect, held_items, snapshot_of
from orders.models import Order
from orders.payments import gateway_requests
from orders.payments.gateways import GatewayAnswer, GatewayOutcome
from orders.placing.errors import OrderRefusedError
from orders.placing.validation import OrderProblem
from orders.refusals import StaleOrderError

P = ParamSpec("P")
Written = TypeVar("Written", covariant=True)

YES = GatewayAnswer(GatewayOutcome.SUCCEEDED)


class ChangeRefusedError(OrderRefusedError):
    """The change of an order is wrong in itself, and nothing was written; with every reason.

    ``member`` is the list of the request whose lines the reasons number.
    """

    def __init__(self, problems: Sequence[OrderProblem], member: str = "add") -> None:
        super().__init__(problems)
        self.member = member


def refuse_stale(order: Order, expected_version: int | None) -> None:
    """Refuse to change a locked order that is another than the one that was shown.

    :raises StaleOrderError: unless ``expected_version`` is the order's, or None.

    Rule: Changing an order, against its version (§20).
    """
    if expected_version is not None and order.version != expected_version:
        raise StaleOrderError(order.number)


class Change(Generic[P, Written]):
    """A change of an order, made by a call, or shown by :meth:`preview`.

    ``write`` runs inside a transaction. It returns what it wrote with the payment operations to
    send after the commit.
    """

    def __init__(
        self, write: Callable[Concatenate[int, Act, P], tuple[Written, list[int]]]
    ) -> None:
        self._write = write
        update_wrapper(self, write)

    def __call__(self, order_id: int, act: Act, *args: P.args, **kwargs: P.kwargs) -> Written:
        """Make the change, or raise its refusals; opens the transaction."""
        with transaction.atomic():
            written, asked = self._write(order_id, act, *args, **kwargs)
        gateway_requests.send(asked, now=act.at)
        return written

    def within(
        self, order_id: int, act: Act, *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Written, list[int]]:
        """Make the change inside the caller's transaction, or raise its refusals.

        The payment operations that come with it are to be sent after the commit.
        """
        return self._write(order_id, act, *args, **kwargs)

    def preview(self, order_id: int, act: Act, *args: P.args, **kwargs: P.kwargs) -> OrderEffect:
        """Return the effect of the change if its gateway agrees, or raise its refusals.

        The change is made in a transaction that is rolled back: no gateway is asked, and nothing
        is enqueued.
        """
        with trial():
            before = snapshot_of(order_id)
            asked = deque(self._write(order_id, act, *args, **kwargs)[1])
            while asked:
                asked.extend(gateway_requests.apply_answer(asked.popleft(), YES, now=act.at))
            after = snapshot_of(order_id)
        # The items of products that the change adds are not of the order before it.
        added = held_items(after.held.keys() - before.held.keys())
        return OrderEffect(before.with_items(added), after)
