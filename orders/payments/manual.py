"""The manual gateway: money changes hands elsewhere, and is only recorded here; PURE."""

from datetime import datetime

from orders.payments.protocol import GatewayAnswer, GatewayOutcome, GatewayRequest


class ManualGateway:
    """Every operation succeeds at once; authorizations never expire."""

    name = "manual"
    payment_action: str | None = None

    def authorize(self, request: GatewayRequest, *, capture: bool, now: datetime) -> GatewayAnswer:
        return _recorded(request)

    def capture(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        return _recorded(request)

    def void(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        return _recorded(request)

    def refund(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        return _recorded(request)


def _recorded(request: GatewayRequest) -> GatewayAnswer:
    return GatewayAnswer(
        GatewayOutcome.SUCCEEDED, reference=request.reference or request.idempotency_key
    )
