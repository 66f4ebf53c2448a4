"""Units set aside for orders that ship complete, and how much of them others could have."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.operations.moves.holds import hold
from fulfillment.queries.rest_of_orders import units_kept_for_rest
from inventory.models import Source
from orders.changes.cancel import cancel
from orders.models import Order
from tests.fulfillment.operations.test_ship_complete import (
    WHY,
    change,
    line,
    mixed,
    one,
    open_shop,
    place,
)
from tests.fulfillment.release_board import board

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    """Four kettles at each of two sources, no pots."""
    open_shop()


def kept() -> Sequence[tuple[str, int, int]]:
    return [(row.sku, int(row.quantity), int(row.wanted)) for row in units_kept_for_rest()]


def cancel_waiting(order: Order, units: int) -> None:
    cancel(order.pk, WHY, quantities={line(order, "KTP").pk: Decimal(units)})


def test_others_could_have_the_smaller_of_what_is_set_aside_and_what_they_wait_for() -> None:
    assert kept() == []
    mixed()
    assert kept() == [("KTP", 2, 0)]

    # Six are there, three wait.
    other = place(("KTP", 9), whole=False)
    assert kept() == [("KTP", 2, 2)]

    cancel_waiting(other, 2)
    assert kept() == [("KTP", 2, 1)]


def test_what_waits_for_the_same_order_is_no_other_orders() -> None:
    place(("KTP", 10))
    assert kept() == [("KTP", 8, 0)]

    # One unit that both sources could serve is counted once.
    place(("KTP", 1), whole=False)
    assert kept() == [("KTP", 8, 1)]


def test_a_pickup_is_served_by_its_own_source_alone() -> None:
    place(("KTP", 8), ("POT", 1))
    place(("KTP", 9), whole=False, fulfillment_method="PICKUP", pickup_source="a")
    assert kept() == [("KTP", 8, 4)]

    # Four of the first source for both, three of the second for what is shipped.
    place(("KTP", 3), whole=False)
    assert kept() == [("KTP", 8, 7)]

    Source.objects.filter(code="b").update(ships_to_home=False)
    assert kept() == [("KTP", 8, 4)]


def test_what_no_run_considers_could_have_nothing() -> None:
    mixed()
    other = place(("KTP", 9), whole=False)
    hold(one(other, "BACKORDER").pk, WHY)

    assert kept() == [("KTP", 2, 0)]


def test_the_board_says_it_with_its_formula(admin_client: Client) -> None:
    assert "board-rest" not in admin_client.get(reverse("admin:fulfillment_release_board")).text
    order = mixed()
    place(("KTP", 9), whole=False)

    response = board(admin_client)

    rest = response.context["rest"]
    assert (rest["quantity"], rest["wanted"]) == (2, 2)
    assert "the smaller of two: the units set aside there, and the units that they wait" in (
        response.text
    )
    listed = admin_client.get(rest["address"])
    assert [row.number for row in listed.context["cl"].result_list] == [one(order, "READY").number]
    change(order, ship_complete=False)
    assert board(admin_client).context["rest"] is None
