"""Requests to payment gateways and their answers; PURE."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class GatewayOutcome(StrEnum):
    SUCCEEDED = "SUCCEEDED"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"


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
    """The outcome of an operation. UNKNOWN: it timed out, and may have happened or not.

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
