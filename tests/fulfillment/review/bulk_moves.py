"""Shipments that tests move many at once, and when they do."""

from datetime import UTC, date, datetime

from fulfillment.review.change import Occasion
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.factories.orders import OrderFactory

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY = date(2026, 3, 31)
AT = Occasion(TODAY, NOW)


def backorder(number, channel, **columns):
    lines = columns.pop("lines", None) or {ProductFactory(): 1}
    return BackorderFactory(
        number=number, order=OrderFactory(channel=channel), lines=lines, **columns
    )
