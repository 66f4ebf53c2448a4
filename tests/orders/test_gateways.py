from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders.payments.gateways import (
    GatewayOutcome,
    GatewayRequest,
    UnknownGatewayError,
    gateway_named,
    gateway_names,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def request(token: str = "", attempt: int = 1) -> GatewayRequest:
    return GatewayRequest("key", Decimal("10.00"), "USD", token=token, attempt=attempt)


def outcomes(token: str) -> list[Any]:
    """Return what each operation answers to its first request."""
    gateway = gateway_named("sandbox")
    return [
        gateway.authorize(request(token), capture=False, now=NOW).outcome.value,
        gateway.capture(request(token), now=NOW).outcome.value,
        gateway.void(request(token), now=NOW).outcome.value,
        gateway.refund(request(token), now=NOW).outcome.value,
    ]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("", ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]),
        ("decline", ["DECLINED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]),
        ("capture:decline", ["SUCCEEDED", "DECLINED", "SUCCEEDED", "SUCCEEDED"]),
        ("void:timeout", ["SUCCEEDED", "SUCCEEDED", "UNKNOWN", "SUCCEEDED"]),
        ("capture:late, refund:decline", ["SUCCEEDED", "UNKNOWN", "SUCCEEDED", "DECLINED"]),
        ("tok_visa", ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]),
    ],
)
def test_the_token_says_which_operation_goes_wrong(token: str, expected: list[str]) -> None:
    assert outcomes(token) == expected


def test_a_late_answer_is_there_when_it_is_asked_again() -> None:
    gateway = gateway_named("sandbox")

    first = gateway.capture(request("capture:late"), now=NOW)
    second = gateway.capture(request("capture:late", attempt=2), now=NOW)

    assert (first.outcome, second.outcome) == (GatewayOutcome.UNKNOWN, GatewayOutcome.SUCCEEDED)


def test_the_same_key_has_the_same_answer() -> None:
    gateway = gateway_named("sandbox")

    assert gateway.refund(request(), now=NOW) == gateway.refund(request(), now=NOW)


def test_an_authorization_expires_and_a_capture_does_not() -> None:
    gateway = gateway_named("sandbox")

    held = gateway.authorize(request(), capture=False, now=NOW)
    expired = gateway.authorize(request("expired"), capture=False, now=NOW)
    taken = gateway.authorize(request(), capture=True, now=NOW)

    assert held.expires_at == NOW + timedelta(days=7)
    assert expired.expires_at == NOW - timedelta(days=7)
    assert taken.expires_at is None


def test_the_manual_gateway_records_and_never_declines() -> None:
    answer = gateway_named("manual").authorize(request("decline"), capture=True, now=NOW)

    assert (answer.outcome, answer.reference) == (GatewayOutcome.SUCCEEDED, "key")
    assert gateway_named("manual").refund(request(""), now=NOW).outcome == GatewayOutcome.DUE


def test_a_gateway_that_there_is_not_is_an_error() -> None:
    assert gateway_names() == ["manual", "sandbox"]
    with pytest.raises(UnknownGatewayError):
        gateway_named("barter")
