"""Workers that die between two steps of a reauthorization, or do the same at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from fulfillment.models import Shipment
from fulfillment.operations.payments import secure_payments
from orders.models import OrderEmail, Payment
from orders.payments import gateways
from orders.payments.gateways import SandboxGateway
from orders.payments.outcome_inquiry import ask_due
from tests.fulfillment.operations.paid_orders import (
    NOW,
    arrive,
    buy,
    open_shop,
    release,
    standing,
)
from tests.invariants import assert_invariants
from tests.orders.gateways import BookkeepingSandbox

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4


class ProcessDeathError(BaseException):
    """What a worker that is killed leaves behind: nothing after this line runs."""


class Deadly(BookkeepingSandbox):
    """Kills its worker once, before or after it has done what it is asked."""

    def __init__(self, operation: str, *, is_after: bool) -> None:
        super().__init__()
        self.operation: str | None = operation
        self.is_after = is_after

    def authorize(self, request: Any, *, capture: Any, now: datetime) -> Any:
        operation = "REAUTHORIZE" if request.replaces else "AUTHORIZE"
        ask = super().authorize
        return self._die(operation, lambda: ask(request, capture=capture, now=now))

    def void(self, request: Any, *, now: datetime) -> Any:
        ask = super().void
        return self._die("VOID", lambda: ask(request, now=now))

    def _die(self, operation: str, ask: Callable[..., Any]) -> Any:
        if operation != self.operation:
            return ask()
        self.operation = None
        if self.is_after:
            ask()
        raise ProcessDeathError


@pytest.fixture(autouse=True)
def sandbox() -> Iterator[None]:
    yield
    gateways.register(SandboxGateway())


def released_order() -> None:
    open_shop()
    buy()
    arrive(4)
    release()


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("operation", ["REAUTHORIZE", "VOID"])
def test_a_killed_worker_is_gone_on_from_and_nothing_is_authorized_twice(
    operation: str, is_after: bool
) -> None:
    gateway = Deadly(operation, is_after=is_after)
    gateways.register(gateway)
    released_order()

    with pytest.raises(ProcessDeathError):
        secure_payments(now=NOW)
    secure_payments(now=NOW)
    later = NOW + timedelta(minutes=1)
    ask_due(now=later)
    secure_payments(now=later)

    assert standing() == "READY"
    assert [payment.state for payment in Payment.objects.order_by("pk")] == [
        "VOIDED",
        "AUTHORIZED",
    ]
    assert gateway.amounts("REAUTHORIZE") == [Decimal("10.00")]
    assert gateway.amounts("VOID") == [Decimal("10.00")]
    assert OrderEmail.objects.filter(kind="BEING_PREPARED").count() == 1
    assert_invariants()


def test_killed_before_the_first_authorization_was_sent() -> None:
    gateway = Deadly("AUTHORIZE", is_after=False)
    gateways.register(gateway)
    open_shop()
    arrive(4)

    with pytest.raises(ProcessDeathError):
        buy()
    ask_due(now=NOW + timedelta(minutes=1))

    shipment = Shipment.objects.get()
    assert (shipment.order.status, shipment.state) == ("PROCESSING", "READY")
    assert gateway.amounts("AUTHORIZE") == [Decimal("10.00")]
    assert_invariants()


def at_once(call: Callable[..., Any]) -> None:
    start = Barrier(WORKERS)

    def work(_number: Any) -> None:
        try:
            start.wait(timeout=120)
            call()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))


def test_workers_at_once_authorize_once() -> None:
    gateway = BookkeepingSandbox()
    gateways.register(gateway)
    open_shop()
    for _ in range(6):
        buy()
    arrive(24)
    release()

    at_once(lambda: secure_payments(now=NOW))

    assert {standing(shipment) for shipment in Shipment.objects.all()} == {"READY"}
    assert gateway.amounts("REAUTHORIZE") == [Decimal("10.00")] * 6
    assert gateway.amounts("VOID") == [Decimal("10.00")] * 6
    assert OrderEmail.objects.filter(kind="BEING_PREPARED").count() == 6
    assert_invariants()


def test_workers_at_once_ask_again_once() -> None:
    gateway = BookkeepingSandbox()
    gateways.register(gateway)
    open_shop()
    arrive(4)
    buy(4, "authorize:timeout")

    at_once(lambda: ask_due(now=NOW + timedelta(minutes=1)))

    assert [kind for kind, _key in gateway.asked] == ["AUTHORIZE", "AUTHORIZE"]
