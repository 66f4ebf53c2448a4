from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection

from inventory.models import Reservation
from tests.factories.inventory import ProductFactory, StockFactory


@pytest.mark.django_db
def test_a_reservation_cannot_name_an_order_line_that_there_is_not() -> None:
    Reservation.objects.create(
        stock=StockFactory(),
        product=ProductFactory(),
        quantity=Decimal(-1),
        event=Reservation.Event.PLACED,
        order_line_id=12345,
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
    )

    with (
        pytest.raises(IntegrityError, match="reservation_names_an_order_line"),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
