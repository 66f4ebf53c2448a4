import pytest

from orders.payments import registry
from orders.payments.sandbox import SandboxGateway
from tests.orders.gateways import BookkeepingSandbox


@pytest.fixture
def books():
    """The sandbox gateway's own books, for one test."""
    gateway = BookkeepingSandbox()
    registry.register(gateway)
    yield gateway
    registry.register(SandboxGateway())
