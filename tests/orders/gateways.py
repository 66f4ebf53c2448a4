"""A sandbox that keeps books of what it moved, as a real gateway does: once a key."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from orders.payments.gateways import GatewayAnswer, GatewayOutcome, GatewayRequest, SandboxGateway


class BookkeepingSandbox(SandboxGateway):
    """Moves money for every key once, also where its answer is lost (``timeout``, ``late``).

    ``moved`` are the amounts by operation and key; ``asked`` every request in its order.
    ``refusals`` is how many of the next authorizations anew it declines.
    """

    def __init__(self) -> None:
        self.moved: dict[tuple[str, str], Decimal] = {}
        self.asked: list[tuple[str, str]] = []
        self.refusals = 0

    def authorize(self, request: GatewayRequest, *, capture: bool, now: datetime) -> GatewayAnswer:
        if request.replaces and self.refusals:
            self.refusals -= 1
            self.asked.append(("REAUTHORIZE", request.idempotency_key))
            return GatewayAnswer(GatewayOutcome.DECLINED, message="Not now.")
        operation = "REAUTHORIZE" if request.replaces else "AUTHORIZE"
        return self._note(operation, request, super().authorize(request, capture=capture, now=now))

    def capture(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        return self._note("CAPTURE", request, super().capture(request, now=now))

    def void(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        return self._note("VOID", request, super().void(request, now=now))

    def refund(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        return self._note("REFUND", request, super().refund(request, now=now))

    def _note(
        self, operation: str, request: GatewayRequest, answer: GatewayAnswer
    ) -> GatewayAnswer:
        self.asked.append((operation, request.idempotency_key))
        if answer.outcome != GatewayOutcome.DECLINED:
            self.moved[operation, request.idempotency_key] = request.amount
        return answer

    def amounts(self, operation: str) -> list[Any]:
        """Return what was moved, an amount a key."""
        return [amount for (kind, _key), amount in self.moved.items() if kind == operation]
