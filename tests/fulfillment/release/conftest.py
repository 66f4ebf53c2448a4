import psycopg
import pytest
from django.db import connection

from tests.factories.inventory import ProductFactory
from tests.fulfillment.release.waiting_orders import World


@pytest.fixture
def world():
    return World()


@pytest.fixture
def kettle():
    return ProductFactory(sku="KTP")


@pytest.fixture
def other_connection():
    """A second session of the same database, as another worker has."""
    settings = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password")
    given = {name: settings[name] for name in names if settings.get(name)}
    with psycopg.connect(autocommit=True, **given) as other:
        yield other
