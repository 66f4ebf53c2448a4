"""The pages on which staff cancel, capture and refund: previewed, confirmed, done once."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from inventory.models import InventoryConfiguration, Product, Reservation, SourceItem
from orders.models import Cancellation, Order, OrderLine, PaymentOperation, Refund
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderLineFactory
from tests.invariants import assert_invariants
from tests.option_values import give_own_values
from tests.orders.addresses import HOME
from tests.present import present

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    """Twelve MUGs, ten of them ready at seattle and two on backorder, all captured."""
    InventoryConfiguration.load()
    source = SourceFactory(code="seattle")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    product = ProductFactory(sku="MUG", backorders="ALLOW_QTY_BELOW_0")
    SourceItemFactory(product=product, source=source, quantity=Decimal(10))
    return placed()


def placed(*, action: str | None = None, behaviour: str = "") -> Order:
    configuration = InventoryConfiguration.load()
    give_own_values(configuration, payment_action=action)
    configuration.save()
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Lovelace", "ada@example.com"),
        lines=(LineRequest("MUG", Decimal(12)),),
        payment=PaymentRequest("sandbox", behaviour),
    )
    return Order.objects.get(pk=place_order(request, Act(NOW)).order_id)


def url(order: Order, task: str) -> str:
    return reverse("admin:orders_order_task", args=[order.pk, task])


def entered(**typed: str) -> dict[str, str]:
    return {"token": "t0ken", "version": shown_version(), **typed}


def shown_version() -> str:
    return str(Order.objects.order_by("-pk")[0].version)


def state_of(order: Order) -> tuple[Any, ...]:
    """Everything that a preview must leave as it was."""
    order.refresh_from_db()
    return (
        order.status,
        list(OrderLine.objects.order_by("pk").values()),
        list(Shipment.objects.order_by("pk").values()),
        list(SourceItem.objects.order_by("pk").values()),
        Reservation.objects.count(),
        PaymentOperation.objects.count(),
        Cancellation.objects.count(),
        Refund.objects.count(),
    )


def test_the_form_starts_empty(admin_client: Client, order: Order) -> None:
    form = admin_client.get(url(order, "cancel")).context["form"]

    assert form["quantity_1"].value() is None
    assert len(form["token"].value()) == 32
    assert [label for _, label in form.fields["shipment"].choices][1:] == [
        f"{shipment.number} · {shipment.get_state_display()}"
        for shipment in Shipment.objects.order_by("pk")
    ]


@pytest.mark.parametrize("task", ["cancel", "refund"])
@pytest.mark.parametrize(("all_of", "quantities"), [("", ["12", "3"]), ("2", ["1", "3"])])
def test_all_units_are_filled_in_of_every_line_or_of_one(
    admin_client: Client, order: Order, task: str, all_of: str, quantities: list[str]
) -> None:
    product = Product.objects.get(sku="MUG")
    captured = {"quantity": Decimal(3), "invoiced_quantity": Decimal(3)}
    OrderLineFactory(order=order, product=product, is_virtual=False, **captured)

    response = admin_client.post(
        url(order, task), entered(all=all_of, quantity_1="1", reason="Too late")
    )

    form = response.context["form"]
    assert [form[f"quantity_{number}"].value() for number in (1, 2)] == quantities
    assert form["reason"].value() == "Too late"
    assert response.context["effect"] is None
    assert not Cancellation.objects.exists()


def test_enter_in_a_field_previews(admin_client: Client, order: Order) -> None:
    page = admin_client.get(url(order, "cancel")).content.decode()

    first = re.search(r"<button[^>]*>", page.split("</header>")[-1])
    assert first is not None
    assert 'name="step" value="preview"' in first.group()


def test_a_preview_says_what_a_cancel_does_and_does_nothing(
    admin_client: Client, order: Order
) -> None:
    before = state_of(order)

    response = admin_client.post(
        url(order, "cancel"), entered(step="preview", quantity_1="5", reason="Too late")
    )

    assert "Cancel these units" in response.content.decode()
    effect = response.context["effect"]
    ready, waits = Shipment.objects.order_by("pk")
    assert (effect["status_before"], str(effect["status"])) == ("Processing", "Processing")
    assert [(step.what, step.before, step.after) for step in effect["money"]] == [
        ("Refunded", "0.00 USD", "50.00 USD")
    ]
    assert {
        shipment["number"]: (
            shipment["source"],
            str(shipment["state"]),
            [(step.what, step.before, step.after) for step in shipment["lines"]],
        )
        for shipment in effect["shipments"]
    } == {
        ready.number: ("seattle", "Ready", [("MUG", "10", "7")]),
        waits.number: ("", "Canceled", [("MUG", "2", "0")]),
    }
    assert effect["source_items"] == [
        {"source": "seattle", "sku": "MUG", "on_hand": "10", "set_aside": "10 → 7"}
    ]
    assert state_of(order) == before


def test_what_was_previewed_is_confirmed_as_typed(admin_client: Client, order: Order) -> None:
    Product.objects.update(qty_uses_decimals=True)
    typed = entered(quantity_1="2.5", reason="Too late")

    shown = admin_client.post(url(order, "cancel"), {**typed, "step": "preview"})
    again = dict(HIDDEN.findall(shown.content.decode()))
    edited = admin_client.post(url(order, "cancel"), {**again, "step": "edit"})

    assert again["quantity_1"] == "2.5"
    assert edited.context["form"]["reason"].value() == "Too late"
    assert edited.context["effect"] is None


def test_confirmed_twice_it_is_canceled_once(admin_client: Client, order: Order) -> None:
    for _click in range(2):
        response = admin_client.post(
            url(order, "cancel"), entered(step="confirm", quantity_1="7", reason="Too late")
        )
        assert response.status_code == 302
        assert response["Location"] == reverse("admin:orders_order_change", args=[order.pk])

    line = order.lines.get()
    assert (line.open_quantity, line.refunded_quantity) == (Decimal(5), Decimal(7))
    written = Cancellation.objects.get()
    assert (written.reason, present(written.actor).username) == ("Too late", "admin")
    assert_invariants()


def test_a_shipment_that_is_named_gives_the_units(admin_client: Client, order: Order) -> None:
    ready = Shipment.objects.get(state="READY")

    admin_client.post(
        url(order, "cancel"), entered(step="confirm", quantity_1="4", shipment=ready.number)
    )

    units = dict(Shipment.objects.values_list("state", "lines__quantity"))
    assert units == {"READY": Decimal(6), "BACKORDER": Decimal(2)}


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("13", "At most 12."),
        ("-1", "Enter 0 or more."),
        ("1e400", "“1e400” is not a number. Write digits such as 1234.5."),
        ("NaN", "“NaN” is not a number. Write digits such as 1234.5."),
        ("1.00001", "“1.00001” has more than four decimals."),
        ("9" * 20, f"“{'9' * 20}” is more than 999,999,999,999.9999."),
    ],
)
@pytest.mark.parametrize("step", ["preview", "confirm"])
def test_a_number_that_is_wrong_gets_an_error_and_is_not_lost(
    admin_client: Client, order: Order, typed: str, error: str, step: str
) -> None:
    before = state_of(order)

    response = admin_client.post(
        url(order, "cancel"), entered(step=step, quantity_1=typed, reason="Kept")
    )

    form = response.context["form"]
    assert form.errors == {"quantity_1": [error]}
    assert (form["quantity_1"].value(), form["reason"].value()) == (typed, "Kept")
    assert state_of(order) == before


@pytest.mark.parametrize("typed", ["", "0"])
def test_nothing_chosen_is_said(admin_client: Client, order: Order, typed: str) -> None:
    response = admin_client.post(url(order, "cancel"), entered(step="preview", quantity_1=typed))

    assert response.context["form"].non_field_errors() == ["Choose at least one unit."]


def test_a_shipment_with_fewer_units_is_said(admin_client: Client, order: Order) -> None:
    waits = Shipment.objects.get(state="BACKORDER")
    before = state_of(order)

    response = admin_client.post(
        url(order, "cancel"), entered(step="preview", quantity_1="3", shipment=waits.number)
    )

    assert response.context["form"].non_field_errors() == ["At most 2 units of the line are there."]
    assert state_of(order) == before


def test_a_part_is_captured_after_its_preview(admin_client: Client, order: Order) -> None:
    later = placed(action="AUTHORIZE")
    typed = entered(quantity_1="4")

    effect = admin_client.post(url(later, "capture"), {**typed, "step": "preview"}).context[
        "effect"
    ]
    for _click in range(2):
        admin_client.post(url(later, "capture"), {**typed, "step": "confirm"})

    assert [(step.what, step.before, step.after) for step in effect["money"]] == [
        ("Captured", "0.00 USD", "40.00 USD"),
        ("Authorized, to be captured", "120.00 USD", "80.00 USD"),
    ]
    assert later.lines.get().invoiced_quantity == Decimal(4)
    assert later.payments.get().captured_amount == Decimal("40.00")
    assert_invariants()


def test_a_refund_names_what_shipped_and_returns_it(admin_client: Client, order: Order) -> None:
    line = order.lines.get()
    fulfill(Shipment.objects.get(state="READY").pk, Act(NOW), quantities={line.pk: Decimal(6)})
    typed = entered(quantity_1="3", shipped_1="2", return_to_stock="on", reason="Broken")

    effect = admin_client.post(url(order, "refund"), {**typed, "step": "preview"}).context["effect"]
    for _click in range(2):
        admin_client.post(url(order, "refund"), {**typed, "step": "confirm"})

    # One unit of the backorder, two of those that left: on hand 4 and then 6.
    assert effect["source_items"] == [
        {"source": "seattle", "sku": "MUG", "on_hand": "4 → 6", "set_aside": "4"}
    ]
    written = Refund.objects.get()
    assert (written.amount, written.is_returned_to_stock) == (Decimal("30.00"), True)
    part = written.lines.get()
    assert (part.quantity, part.shipped_quantity) == (Decimal(3), Decimal(2))
    assert SourceItem.objects.get().quantity == Decimal(6)
    assert_invariants()


@pytest.mark.parametrize(
    ("quantity", "shipped", "errors"),
    [
        ("3", "4", {"shipped_1": ["Enter 0 up to the quantity that is refunded."]}),
        ("3", "-1", {"shipped_1": ["Enter 0 up to the quantity that is refunded."]}),
        ("9", "0", {"shipped_1": ["From 3 to 6 shipped units."]}),
        ("13", "", {"quantity_1": ["At most 12."]}),
    ],
)
def test_a_refund_of_units_that_are_not_there_is_said(
    admin_client: Client, order: Order, quantity: str, shipped: str, errors: dict[str, list[str]]
) -> None:
    line = order.lines.get()
    fulfill(Shipment.objects.get(state="READY").pk, Act(NOW), quantities={line.pk: Decimal(6)})
    before = state_of(order)

    response = admin_client.post(
        url(order, "refund"), entered(step="confirm", quantity_1=quantity, shipped_1=shipped)
    )

    assert response.context["form"].errors == errors
    assert state_of(order) == before


@pytest.mark.parametrize(("own", "is_ticked"), [(None, False), (True, True), (False, False)])
def test_return_to_stock_starts_from_the_option_of_the_products(
    admin_client: Client, order: Order, own: bool | None, is_ticked: bool
) -> None:
    product = order.lines.get().product
    give_own_values(product, auto_return_to_stock=own)
    product.save()

    form = admin_client.get(url(order, "refund")).context["form"]

    assert form["return_to_stock"].value() is is_ticked


def test_an_order_whose_payment_is_undecided_is_not_changed(
    admin_client: Client, order: Order
) -> None:
    unpaid = placed(behaviour="timeout")
    assert unpaid.status == "PAYMENT_REVIEW"

    response = admin_client.post(url(unpaid, "cancel"), entered(step="confirm", quantity_1="1"))

    assert response["Location"] == reverse("admin:orders_order_change", args=[unpaid.pk])
    assert not Cancellation.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("Fulfillment", 200), ("Merchant", 403), ("Viewer", 403)]
)
@pytest.mark.parametrize("task", ["cancel", "refund", "capture"])
def test_roles_that_may_change_orders(
    client: Client, order: Order, role: str, status: int, task: str
) -> None:
    user = User.objects.create(username="somebody", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert client.get(url(order, task)).status_code == status


def test_an_order_offers_what_it_has_units_for(admin_client: Client, order: Order) -> None:
    def offered(order: Order) -> list[str]:
        response = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))
        return [str(action.label) for action in response.context["actions"]]

    assert offered(order) == [
        "Ship",
        "Release",
        "Change order",
        "Add lines",
        "Substitute",
        "Cancel units",
        "Refund",
    ]
    # The second waits as a whole.
    assert offered(placed(action="AUTHORIZE")) == [
        "Release",
        "Change order",
        "Add lines",
        "Substitute",
        "Cancel units",
        "Capture",
    ]


@pytest.mark.parametrize(
    ("task", "typed"),
    [
        ("cancel", {"quantity_1": "1"}),
        ("capture", {"quantity_1": "1"}),
        ("refund", {"quantity_1": "1", "shipped_1": "0"}),
        (
            "add-lines",
            {
                "lines-TOTAL_FORMS": "1",
                "lines-INITIAL_FORMS": "0",
                "lines-0-sku": "MUG",
                "lines-0-quantity": "1",
                "way_of_paying": "AS_BEFORE",
            },
        ),
        (
            "substitute",
            {
                "quantity": "1",
                "sku": "POT",
                "new_quantity": "1",
                "price": "FORMER",
                "way_of_paying": "AS_BEFORE",
            },
        ),
        ("ship-ready", {}),
    ],
)
def test_an_order_that_others_changed_since_is_shown_again_and_nothing_is_done(
    admin_client: Client, order: Order, task: str, typed: dict[str, str]
) -> None:
    if task == "capture":
        order = placed(action="AUTHORIZE")
    if task == "substitute":
        pot = ProductFactory(sku="POT", backorders="ALLOW_QTY_BELOW_0")
        SourceItemFactory(product=pot, source=SourceItem.objects.get().source)
        typed = {**typed, "line": str(order.lines.get().pk)}
    sent = entered(**typed, reason="Asked to", step="confirm")
    Order.objects.filter(pk=order.pk).update(ship_complete=True)
    before = state_of(order)

    form = admin_client.post(url(order, task), sent).context["form"]

    assert form.non_field_errors() == [
        "The order has changed since it was shown. Nothing was changed. Review it again."
    ]
    assert state_of(order) == before
    assert form["version"].value() == str(order.version)
    again = admin_client.post(url(order, task), {**sent, "version": str(order.version)})
    assert again.status_code == 302
