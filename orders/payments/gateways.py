"""Payment gateways: what is sent to them, what they answer, which there are; PURE."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from core.pauses import doubling_pause

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
MAX_ATTEMPTS = 10
AUTHORIZATION_DAYS = 7
BEHAVIOURS = ("decline", "timeout", "late", "twice", "expired")


class GatewayOutcome(StrEnum):
    SUCCEEDED = "SUCCEEDED"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"
    DUE = "DUE"


@dataclass(frozen=True, slots=True)
class GatewayRequest:
    """One operation, identified by its key: a request with the same key is the same operation.

    ``token`` is what the gateway gave the customer; ``reference`` the gateway's own name of the
    authorization that is captured, voided or refunded; ``replaces`` that of the authorization in
    whose place a new one is asked for, without the customer. ``attempt`` counts from 1.
    """

    idempotency_key: str
    amount: Decimal
    currency: str
    token: str = ""
    reference: str = ""
    replaces: str = ""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """The outcome of an operation. UNKNOWN: it timed out, and may have happened or not. DUE: people
    have still to do it, and say so when they have.

    ``deliveries`` is how often the gateway delivers this answer; only the first has an effect.
    """

    outcome: GatewayOutcome
    reference: str = ""
    message: str = ""
    expires_at: datetime | None = None
    deliveries: int = 1


class Gateway(Protocol):
    """A payment provider. Every method is idempotent by the request's key and never raises for
    a decline or a timeout: it answers. To ask what became of an unknown outcome, send the same
    request again.

    ``payment_action`` is the gateway's own ("AUTHORIZE", "AUTHORIZE_AND_CAPTURE"); None follows
    the configuration.

    Rule: Payments.
    """

    name: str
    payment_action: str | None

    def authorize(self, request: GatewayRequest, *, capture: bool, now: datetime) -> GatewayAnswer:
        """Reserve the amount on the customer's means of payment, or with ``capture`` take it."""

    def capture(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        """Take an authorized amount."""

    def void(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        """Void the part of an authorization that is not captured."""

    def refund(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        """Pay back a captured amount."""


class ManualGateway:
    """The manual gateway: money changes hands elsewhere, and is only recorded here.

    Every operation succeeds at once, but a refund is due until staff say that they have paid it.
    Authorizations never expire.
    """

    name = "manual"
    payment_action: str | None = None

    def authorize(self, request: GatewayRequest, *, capture: bool, now: datetime) -> GatewayAnswer:
        return self.capture(request, now=now)

    def capture(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        reference = request.reference or request.idempotency_key
        return GatewayAnswer(GatewayOutcome.SUCCEEDED, reference=reference)

    void = capture

    def refund(self, request: GatewayRequest, *, now: datetime) -> GatewayAnswer:
        return GatewayAnswer(GatewayOutcome.DUE, reference=request.reference)


class SandboxGateway:
    """The sandbox gateway: its tokens choose every answer, also the bad ones.

    It remembers nothing, so the same key has the same answer. A token lists behaviours by
    operation, separated by commas: ``authorize:decline``, ``capture:timeout``, ``void:late``,
    ``refund:decline``, and ``reauthorize:decline`` for the authorization that takes the place of
    an earlier one. A behaviour without an operation is that of the first authorization:
    ``decline``.

    ``decline``   the answer is no
    ``timeout``   no answer comes, however often it is asked
    ``late``      no answer comes to the first request; asked again, it turns out to have succeeded
    ``twice``     succeeds, and the same answer is delivered a second time
    ``expired``   succeeds with an authorization that has expired already
    """

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


_gateways: dict[str, Gateway] = {}


class UnknownGatewayError(LookupError):
    """No gateway has this name."""


def register(gateway: Gateway) -> None:
    """Offer ``gateway`` under its name; one of the same name is replaced."""
    _gateways[gateway.name] = gateway


def gateway_named(name: str) -> Gateway:
    """Return the gateway with this name.

    :raises UnknownGatewayError: when there is none.
    """
    try:
        return _gateways[name]
    except KeyError:
        raise UnknownGatewayError(name) from None


def gateway_names() -> list[str]:
    """Return the names of all gateways, sorted."""
    return sorted(_gateways)


register(ManualGateway())
register(SandboxGateway())


def next_attempt(attempt_count: int, *, now: datetime) -> datetime | None:
    """Return when to ask again after so many attempts; None when a person must decide.

    The pauses double, from a minute up to an hour: ten attempts take a little over four hours.

    Rule: Payments, outcome unknown.
    """
    if attempt_count > MAX_ATTEMPTS:
        return None
    return now + doubling_pause(attempt_count, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
