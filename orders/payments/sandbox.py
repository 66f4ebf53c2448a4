"""The sandbox gateway: its tokens choose every answer, also the bad ones; PURE.

A token lists behaviours by operation, separated by commas: ``authorize:decline``,
``capture:timeout``, ``void:late``, ``refund:decline``, and ``reauthorize:decline`` for the
authorization that takes the place of an earlier one. A behaviour without an operation is that of
the first authorization: ``decline``.

``decline``   the answer is no
``timeout``   no answer comes, however often it is asked
``late``      no answer comes to the first request; asked again, it turns out to have succeeded
``twice``     succeeds, and the same answer is delivered a second time
``expired``   succeeds with an authorization that has expired already
"""

from datetime import datetime, timedelta

from orders.payments.protocol import GatewayAnswer, GatewayOutcome, GatewayRequest

AUTHORIZATION_DAYS = 7
BEHAVIOURS = ("decline", "timeout", "late", "twice", "expired")


class SandboxGateway:
    """Answers as the token says. It remembers nothing, so the same key has the same answer."""

    name = "sandbox"
    payment_action: str | None = None

    def authorize(self, request: GatewayRequest, *, capture: bool, now: datetime) -> GatewayAnswer:
        operation = "reauthorize" if request.replaces else "authorize"
        lasts = timedelta(days=AUTHORIZATION_DAYS)
        if behaviour_of(request.token, operation) == "expired":
            lasts = -lasts
        return _answer(request, operation, expires_at=None if capture else now + lasts)

    def capture(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        return _answer(request, "capture")

    def void(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        return _answer(request, "void")

    def refund(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        return _answer(request, "refund")


def behaviour_of(token: str, operation: str) -> str:
    """Return what ``token`` asks of an operation, or nothing for plain success."""
    for part in token.split(","):
        name, _, behaviour = part.strip().rpartition(":")
        if (name or "authorize") == operation and behaviour in BEHAVIOURS:
            return behaviour
    return ""


def _answer(
    request: GatewayRequest, operation: str, *, expires_at: datetime | None = None
) -> GatewayAnswer:
    behaviour = behaviour_of(request.token, operation)
    if behaviour == "decline":
        return GatewayAnswer(GatewayOutcome.DECLINED, message="The sandbox declined.")
    if behaviour == "timeout" or (behaviour == "late" and request.attempt == 1):
        return GatewayAnswer(GatewayOutcome.UNKNOWN, message="The sandbox did not answer.")
    reference = request.reference or f"sandbox-{request.idempotency_key}"
    return GatewayAnswer(
        GatewayOutcome.SUCCEEDED,
        reference=reference,
        expires_at=expires_at,
        deliveries=2 if behaviour == "twice" else 1,
    )
