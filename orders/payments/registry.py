"""The gateways there are, by name."""

from orders.payments.manual import ManualGateway
from orders.payments.protocol import Gateway
from orders.payments.sandbox import SandboxGateway

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
