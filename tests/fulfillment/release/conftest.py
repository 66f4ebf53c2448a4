from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import Connection

from inventory.models import Product
from tests.factories.inventory import ProductFactory
from tests.fulfillment.release.waiting_orders import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def kettle() -> Product:
    return ProductFactory(sku="KTP")


@pytest.fixture
def other_connection() -> Iterator[Connection[Any]]:
    """A second session of the same database, as another worker has."""
    settings = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password")
    given = {name: settings[name] for name in names if settings.get(name)}
    with psycopg.connect(autocommit=True, **given) as other:
        yield other
