"""A whole back office for the tests of one file, with a database of its own."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from config.local_services.broker import Broker
from tests.database import copied
from tests.faults.shop import Shop
from tests.faults.stack import Stack


@pytest.fixture(scope="module")
def shop(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Shop]:
    # Another worker may run the tests of another file.
    name = request.module.__name__.rpartition(".")[2]
    with django_db_blocker.unblock(), copied(f"backoffice_{name}"):
        yield Shop()


@pytest.fixture(scope="module")
def stack(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    broker = Broker(folder / "broker", is_throwaway=True)
    broker.start()
    running = Stack(folder, broker)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        broker.stop()
