from collections.abc import Iterator

import pytest

from orders.payments import gateways
from orders.payments.gateways import SandboxGateway
from tests.orders.gateways import BookkeepingSandbox


@pytest.fixture
def books() -> Iterator[BookkeepingSandbox]:
    """The sandbox gateway's own books, for one test."""
    gateway = BookkeepingSandbox()
    gateways.register(gateway)
    yield gateway
    gateways.register(SandboxGateway())
