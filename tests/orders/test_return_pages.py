"""The pages on which staff take units back, and refund them later: previewed, done once."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from fulfillment.models import Shipment
from inventory.models import SourceItem
from orders.models import Order, OrderLine, Refund, Return
from tests.orders.test_returns import on_hand, open_with, paid_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return open_with()


def url(order: Order) -> str:
    return reverse("admin:orders_order_take_back", args=[order.pk])


def entered(step: str, **typed: str) -> dict[str, str]:
    """What is typed of the one line, which left with one shipment."""
    shipment = Shipment.objects.order_by("pk")[0]
    given = {"quantity": "1", "condition": "AS_NEW", "stock": "", **typed}
    order = Order.objects.get()
    own = {
        f"{name}_1_{shipment.pk}": given.pop(name) for name in ("quantity", "condition", "stock")
    }
    return {"version": str(order.version), "token": "t0ken", "money": "NONE", "step": step} | (
        own | given
    )


def words(response: Any) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def test_units_are_previewed_and_then_taken_back_once(admin_client: Client, order: Order) -> None:
    shown = admin_client.post(url(order), entered("preview", money="REFUND"))
    assert (on_hand(), Return.objects.count()) == (7, 0)
    assert "returned 0 → 1" in words(shown)
    assert "on hand 7 → 8" in words(shown)
    assert "3.33 USD" in words(shown)

    for _time in range(2):
        answer = admin_client.post(url(order), entered("confirm", money="REFUND"), follow=True)
        said = [str(message) for message in answer.context["messages"]]
        assert said == ["Took back and refunded 1 unit of order W-1."]

    assert (on_hand(), paid_back()) == (8, [Decimal("3.33")])


def test_the_preview_says_where_units_go_and_what_is_owed(
    admin_client: Client, order: Order
) -> None:
    typed = entered("preview", money="LATER", condition="DAMAGED")
    shown = admin_client.post(url(order), typed)

    effect = shown.context["effect"]
    assert effect["returned"] == ["1 × MUG, Damaged, not to stock"]
    assert [(step.what, step.before, step.after) for step in effect["money"]] == [
        ("Refund due", "0.00 USD", "3.33 USD")
    ]
    assert "if the gateway accepts it" not in words(shown)


def test_the_preview_of_an_exchange_asks_no_gateway(admin_client: Client, order: Order) -> None:
    typed = entered("preview", money="EXCHANGE", new_sku_1="LAMP", new_quantity_1="2")
    shown = admin_client.post(url(order), typed)

    assert [(step.what, step.before, step.after) for step in shown.context["effect"]["money"]] == [
        ("Total", "10.00 USD", "13.33 USD"),
        ("Paid with returned units", "0.00 USD", "3.33 USD"),
    ]
    assert "if the gateway accepts it" not in words(shown)


def test_damaged_units_are_not_put_on_hand_unless_that_is_said(
    admin_client: Client, order: Order
) -> None:
    admin_client.post(url(order), entered("confirm", condition="DAMAGED"))
    assert on_hand() == 7

    typed = entered("confirm", condition="DAMAGED", stock="YES") | {"token": "other"}
    admin_client.post(url(order), typed)
    assert on_hand() == 8


def test_an_order_that_others_changed_meanwhile_is_reviewed_again(
    admin_client: Client, order: Order
) -> None:
    typed = entered("confirm")
    order.save(update_fields=["priority"])

    answer = admin_client.post(url(order), typed)

    assert "The order has changed since it was shown." in words(answer)
    assert Return.objects.count() == 0
    order.refresh_from_db()
    assert f'name="version" value="{order.version}"' in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"quantity": ""}, "Choose at least one unit."),
        ({"quantity": "4"}, "At most 3."),
        ({"quantity": "-1"}, "Enter 0 or more."),
        ({"quantity": "0.5"}, "whole"),
        ({"money": "EXCHANGE"}, "Enter the SKU that is sent instead."),
        (
            {"money": "EXCHANGE", "new_sku_1": "LAMP", "new_quantity_1": "0"},
            "Enter more than 0.",
        ),
        (
            {"money": "EXCHANGE", "new_sku_1": "LAMP", "new_quantity_1": "9"},
            "Not enough items for sale",
        ),
        ({"money": "EXCHANGE", "new_sku_1": "TEAPOT", "new_quantity_1": "1"}, "no product"),
    ],
)
def test_what_is_wrong_is_said_beside_it(
    admin_client: Client, order: Order, typed: Any, said: str
) -> None:
    answer = admin_client.post(url(order), entered("confirm", **typed))

    assert said.lower() in words(answer).lower()
    assert (Return.objects.count(), on_hand()) == (0, 7)


def test_units_are_exchanged(admin_client: Client, order: Order) -> None:
    typed = entered("confirm", money="EXCHANGE", new_sku_1="LAMP", new_quantity_1="2")
    answer = admin_client.post(url(order), typed, follow=True)

    text = words(answer)
    assert "Took back 1 unit of order W-1 in exchange for new ones." in text
    assert "1 exchanged" in text
    assert "1 refunded" not in text
    assert "Paid with returned units" in text
    assert OrderLine.objects.get(sku="LAMP").total == Decimal("3.33")


def test_a_shipment_that_left_leads_to_its_return(admin_client: Client, order: Order) -> None:
    left = Shipment.objects.order_by("pk")[0]
    page = reverse("admin:fulfillment_shipment_change", args=[left.pk])
    link = f"{url(order)}?shipment={left.number}"
    assert link in admin_client.get(page).text

    form = admin_client.get(link).context["form"]

    assert form[f"quantity_1_{left.pk}"].value() == "3"
    assert admin_client.get(url(order)).context["form"][f"quantity_1_{left.pk}"].value() is None
    admin_client.post(url(order), entered("confirm", quantity="3"))
    assert link not in admin_client.get(page).text


def test_a_refund_that_is_due_takes_one_click(admin_client: Client, order: Order) -> None:
    admin_client.post(url(order), entered("confirm", money="LATER"))
    row = Return.objects.get()
    page = admin_client.get(reverse("admin:orders_return_change", args=[row.pk]))
    assert "Refund 3.33 USD" in words(page)
    found = admin_client.get(reverse("admin:orders_return_changelist"), {"state__exact": "OPEN"})
    assert [one.pk for one in found.context["cl"].result_list] == [row.pk]
    refund = reverse("admin:orders_return_refund", args=[row.pk])

    for _time in range(2):
        admin_client.post(refund)

    assert (paid_back(), Refund.objects.count()) == ([Decimal("3.33")], 1)
    page = admin_client.get(reverse("admin:orders_return_change", args=[row.pk]))
    assert "Refund 3.33 USD" not in words(page)


def test_who_may_not_refund_takes_back_without_money(client: Client, order: Order) -> None:
    person = User.objects.create_user("ann", is_staff=True)
    person.groups.add(Group.objects.get(name="Viewer"))
    person.user_permissions.add(Permission.objects.get(codename="add_return"))
    client.force_login(person)

    assert 'value="REFUND"' not in client.get(url(order)).content.decode()
    client.post(url(order), entered("confirm", money="REFUND"))
    assert (paid_back(), Return.objects.count()) == ([], 0)
    client.post(url(order), entered("confirm", money="LATER"))
    assert Return.objects.get().state == "OPEN"
    refund = reverse("admin:orders_return_refund", args=[Return.objects.get().pk])
    assert client.post(refund).status_code == 403


def test_the_order_tells_what_came_back(admin_client: Client, order: Order) -> None:
    admin_client.post(url(order), entered("confirm", condition="DAMAGED", reason="Broken lid"))

    text = words(admin_client.get(reverse("admin:orders_order_change", args=[order.pk])))

    assert "1 × MUG, Damaged, not to stock" in text
    assert "1 returned" in text
    assert "Broken lid" in text
    assert int(SourceItem.objects.get(product__sku="MUG").quantity) == 7
