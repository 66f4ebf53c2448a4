"""Pages that were opened before others changed the same rows, and saved after."""

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.test import Client

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.release.runs import engine
from inventory import ports
from inventory.models import InventoryConfiguration, Product, Source, SourceItem, StockSource
from inventory.operations import options
from inventory.operations.source_items import ItemChange, StaleSourceItemError, set_items, unassign
from inventory.ports import HeldByVirtualLinesError
from tests.beside import wait_until_waiting
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.inventory.product_page import change_url
from tests.opened_form import opened_form
from tests.option_values import own_value, own_values

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def opened(client: Client, row: Any) -> dict[str, Any]:
    return opened_form(client.get(change_url(row)).text)


def saved(client: Client, row: Any, entered: Any, **typed: Any) -> Any:
    """Save an opened page with some values changed; an empty one unchecks its box."""
    entered = {**entered, **typed}
    return client.post(
        change_url(row), {name: value for name, value in entered.items() if value is not None}
    )


def errors(answer: Any) -> list[str]:
    """Return what the page says at its fields, its rows and itself."""
    every = [answer.context["adminform"].form]
    said = []
    for inline in answer.context["inline_admin_formsets"]:
        every += inline.formset.forms
        said += inline.formset.non_form_errors()
    return said + [message for form in every for found in form.errors.values() for message in found]


@pytest.fixture
def product(db: None) -> Product:
    """A product with 5 units in Leeds, among three sources."""
    item = SourceItemFactory(
        source=SourceFactory(code="leeds"),
        product=ProductFactory(sku="LAMP", price=Decimal("10.00")),
        quantity=Decimal(5),
    )
    SourceFactory(code="malmo")
    return item.product


def test_a_price_saved_on_a_page_opened_before_a_sale_puts_nothing_on_hand_again(
    admin_client: Client, admin_user: User
) -> None:
    source = SourceFactory(code="leeds")
    item = SourceItemFactory(source=source, quantity=Decimal(8))
    SourceFactory()
    BackorderFactory(
        number="S1",
        order=OrderFactory(channel=SalesChannelFactory(stock=StockFactory(sources=[source]))),
        lines={item.product: 8},
    )
    engine.run_release(act=Act(NOW), zone=UTC_ZONE, trigger="STAFF")
    page = opened(admin_client, item.product)
    fulfill(Shipment.objects.get(number="S1").pk, Act(NOW, admin_user.pk))

    answer = saved(admin_client, item.product, page, price="12.50")

    assert answer.status_code == 302
    item.refresh_from_db()
    assert (item.quantity, item.allocated, item.status) == (Decimal(0), Decimal(0), "OUT_OF_STOCK")
    assert Product.objects.get().price == Decimal("12.50")


def test_two_tabs_with_different_overrides_both_win(admin_client: Client, product: Product) -> None:
    first, second = opened(admin_client, product), opened(admin_client, product)

    for page, name, value in ((first, "min_cart_qty", "2"), (second, "max_cart_qty", "50")):
        answer = saved(
            admin_client,
            product,
            page,
            **{f"{name}_value": value, f"{name}_use_config": None},
        )
        assert answer.status_code == 302

    product.refresh_from_db()
    assert own_values(product, "min_cart_qty", "max_cart_qty") == (2, 50)


def test_two_tabs_with_one_override_show_both_values_and_the_second_save_decides(
    admin_client: Client, product: Product
) -> None:
    Product.objects.update(min_cart_qty=2)
    page = opened(admin_client, product)
    Product.objects.update(min_cart_qty=None, name="Lamp, blue")

    told = saved(admin_client, product, page, min_cart_qty_value="4")

    assert errors(told) == [
        "This was changed to “Use Config Settings” after the page was opened. You entered “4”. "
        "Save again to write your value, or enter another."
    ]
    product.refresh_from_db()
    assert own_value(product, "min_cart_qty") is None
    again = opened_form(told.text)
    assert (again["min_cart_qty_value"], again["name"]) == ("4", "Lamp, blue")

    assert saved(admin_client, product, again).status_code == 302
    product.refresh_from_db()
    assert (own_value(product, "min_cart_qty"), product.name) == (4, "Lamp, blue")


def test_a_page_that_does_not_say_what_it_showed_has_every_difference_shown(
    admin_client: Client, product: Product
) -> None:
    page = opened(admin_client, product)
    for lost in (None, "forged"):
        answer = saved(admin_client, product, page, price="9.00", shown_values=lost)

        assert answer.status_code == 200
        assert "You entered “9.00 USD”" in " ".join(errors(answer))
        assert Product.objects.get().price == Decimal("10.00")


def test_what_another_page_showed_does_not_count(admin_client: Client, product: Product) -> None:
    other = opened(admin_client, ProductFactory())
    page = opened(admin_client, product) | {"shown_values": other["shown_values"]}

    answer = saved(admin_client, product, page, price="9.00")

    assert answer.status_code == 200
    assert Product.objects.get(sku="LAMP").price == Decimal("10.00")


def test_a_quantity_counted_elsewhere_is_shown_beside_the_one_typed(
    admin_client: Client, product: Product
) -> None:
    page = opened(admin_client, product)
    SourceItem.objects.update(quantity=8, safety_stock=1)

    answer = saved(admin_client, product, page, **{"source_items-0-quantity": "3"})

    assert errors(answer) == [
        "This was changed to “8” after the page was opened. You entered “3”. "
        "Save again to write your value, or enter another."
    ]
    again = opened_form(answer.text)
    assert (again["source_items-0-quantity"], again["source_items-0-safety_stock"]) == ("3", "1")
    assert saved(admin_client, product, again).status_code == 302
    item = SourceItem.objects.get()
    assert (item.quantity, item.safety_stock) == (Decimal(3), Decimal(1))


def test_what_cannot_be_read_is_no_way_past_what_another_saved(
    admin_client: Client, product: Product
) -> None:
    page = opened(admin_client, product)
    SourceItem.objects.update(quantity=8)

    answer = saved(admin_client, product, page, **{"source_items-0-quantity": "three"})

    assert "This was changed to “8” after the page was opened." in errors(answer)


def test_a_source_assigned_elsewhere_stays_assigned(admin_client: Client, product: Product) -> None:
    page = opened(admin_client, product)
    SourceItemFactory(product=product, source=Source.objects.get(code="malmo"), quantity=Decimal(4))

    answer = saved(admin_client, product, page, **{"source_items-0-quantity": "6"})

    assert answer.status_code == 302
    held = SourceItem.objects.order_by("source__code").values_list("source__code", "quantity")
    assert list(held) == [("leeds", Decimal(6)), ("malmo", Decimal(4))]


def test_a_source_assigned_by_two_is_one_row_with_both_values(
    admin_client: Client, product: Product
) -> None:
    page = opened(admin_client, product)
    malmo = Source.objects.get(code="malmo")
    SourceItemFactory(product=product, source=malmo, quantity=Decimal(4), safety_stock=Decimal(1))
    row = {
        "source_items-TOTAL_FORMS": "2",
        "source_items-1-source": str(malmo.pk),
        "source_items-1-status": "IN_STOCK",
        "source_items-1-quantity": "9",
        "source_items-1-safety_stock": "0",
        **{
            f"source_items-1-{name}_use_config": "on"
            for name in ("backorders", "notify_quantity_below", "qty_uses_decimals")
        },
    }

    answer = saved(admin_client, product, page, **row)

    assert errors(answer) == [
        "This was changed to “4” after the page was opened. You entered “9”. "
        "Save again to write your value, or enter another."
    ]
    assert saved(admin_client, product, opened_form(answer.text)).status_code == 302
    item = SourceItem.objects.get(source=malmo)
    assert (item.quantity, item.safety_stock) == (Decimal(9), Decimal(1))


def test_the_only_quantity_entered_by_two_is_one_row_with_both_values(admin_client: Client) -> None:
    product = ProductFactory()
    page = opened(admin_client, product)
    default = Source.objects.get(code="default")
    SourceItemFactory(product=product, source=default, quantity=Decimal(4))

    answer = saved(admin_client, product, page, **{"source_items-0-quantity": "9"})

    assert answer.status_code == 200
    assert SourceItem.objects.get().quantity == 4
    assert saved(admin_client, product, opened_form(answer.text)).status_code == 302
    assert SourceItem.objects.get().quantity == 9


def test_a_row_removed_elsewhere_stays_removed(admin_client: Client, product: Product) -> None:
    page = opened(admin_client, product)
    unassign([SourceItem.objects.get().pk])

    assert saved(admin_client, product, page, price="12.00").status_code == 302

    assert not SourceItem.objects.exists()
    assert Product.objects.get().price == 12


def test_a_row_removed_elsewhere_and_changed_here_is_asked_about(
    admin_client: Client, product: Product
) -> None:
    page = opened(admin_client, product)
    unassign([SourceItem.objects.get().pk])

    answer = saved(admin_client, product, page, **{"source_items-0-quantity": "7"})

    assert errors(answer) == [
        "This row was removed after the page was opened. Save again to add it with these "
        "values, or remove it here too."
    ]
    assert not SourceItem.objects.exists()
    assert saved(admin_client, product, opened_form(answer.text)).status_code == 302
    item = SourceItem.objects.get()
    assert (item.source.code, item.quantity) == ("leeds", Decimal(7))


def test_a_row_changed_elsewhere_is_removed_here_only_when_asked_again(
    admin_client: Client, product: Product
) -> None:
    page = opened(admin_client, product)
    item = SourceItem.objects.get()
    SourceItem.objects.update(quantity=8)

    answer = saved(admin_client, product, page, **{"source_items-0-DELETE": "on"})

    assert errors(answer) == [
        "“LAMP @ leeds” was changed after the page was opened (Quantity: 8). It was not removed. "
        "Save again to remove it."
    ]
    assert SourceItem.objects.filter(pk=item.pk).exists()
    assert saved(admin_client, product, opened_form(answer.text)).status_code == 302
    assert not SourceItem.objects.exists()


def test_what_an_operation_refuses_is_said_and_nothing_of_the_page_is_saved(
    admin_client: Client, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    class RefusalPort:
        def lock_giving_way(self, shortfalls: Any) -> None:
            raise HeldByVirtualLinesError(["O-1"])

    monkeypatch.setattr(ports, "_registered", [RefusalPort()])
    SourceItem.objects.update(allocated=4)
    page = opened(admin_client, product)

    answer = saved(admin_client, product, page, price="12", **{"source_items-0-quantity": "1"})

    assert errors(answer) == [
        "Virtual products of these orders keep their units: O-1. Enter a higher quantity."
    ]
    assert opened_form(answer.text)["source_items-0-quantity"] == "1"
    assert (Product.objects.get().price, SourceItem.objects.get().quantity) == (
        Decimal(10),
        Decimal(5),
    )


def test_a_row_removed_by_two_is_removed(admin_client: Client, product: Product) -> None:
    page = opened(admin_client, product)
    unassign([SourceItem.objects.get().pk])

    answer = saved(admin_client, product, page, **{"source_items-0-DELETE": "on"})

    assert answer.status_code == 302


def test_a_source_item_page_keeps_what_was_counted_elsewhere(
    admin_client: Client, product: Product
) -> None:
    item = SourceItem.objects.get()
    page = opened(admin_client, item)
    SourceItem.objects.update(quantity=0, status="OUT_OF_STOCK")

    assert saved(admin_client, item, page, safety_stock="2").status_code == 302

    item.refresh_from_db()
    assert (item.quantity, item.status, item.safety_stock) == (
        Decimal(0),
        "OUT_OF_STOCK",
        Decimal(2),
    )


def test_a_cap_set_meanwhile_stays(admin_client: Client) -> None:
    site = InventoryConfiguration.load()
    page = opened(admin_client, site)
    InventoryConfiguration.objects.update(out_of_stock_threshold=Decimal(-25))

    answer = saved(admin_client, site, page, ageing_days_value="21", ageing_days_use_config=None)

    assert answer.status_code == 302
    site.refresh_from_db()
    assert own_values(site, "out_of_stock_threshold", "ageing_days") == (-25, 21)


def test_a_source_linked_meanwhile_stays_linked(admin_client: Client) -> None:
    first, second, third = (SourceFactory(code=code) for code in ("a", "b", "c"))
    stock = StockFactory(sources=[first, second])
    page = opened(admin_client, stock)
    StockSource.objects.create(stock=stock, source=third, priority=3)

    assert saved(admin_client, stock, page, name="Europe").status_code == 302
    answer = saved(admin_client, stock, opened(admin_client, stock), **{"links-0-priority": "4"})

    assert answer.status_code == 302
    links = stock.links.order_by("priority").values_list("source__code", flat=True)
    assert list(links) == ["b", "c", "a"]


def test_a_source_disabled_meanwhile_stays_disabled(admin_client: Client) -> None:
    source = SourceFactory(code="leeds")
    page = opened(admin_client, source)
    Source.objects.filter(pk=source.pk).update(is_enabled=False)

    assert saved(admin_client, source, page, city="Leeds").status_code == 302

    source.refresh_from_db()
    assert (source.is_enabled, source.city) == (False, "Leeds")


def test_operations_write_only_what_they_are_asked_to(db: None) -> None:
    product = ProductFactory(name="Lamp", price=Decimal(10))
    stale = Product.objects.get(pk=product.pk)
    Product.objects.update(price=Decimal(12))

    stale.name = "Lamp, blue"
    options.save_product(stale, Act(NOW), changed={"name"})

    product.refresh_from_db()
    assert (product.name, product.price) == ("Lamp, blue", Decimal(12))


def logged_in() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser(username=f"user {User.objects.count()}"))
    return client


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("make", "name"),
    [(ProductFactory, "price"), (SourceItemFactory, "quantity"), (SourceFactory, "city")],
)
def test_of_two_people_who_save_one_field_one_wins_and_one_is_refused(
    make: type[ProductFactory] | type[SourceFactory] | type[SourceItemFactory], name: str
) -> None:
    # Other tests may have emptied what the first migration made.
    if not Source.objects.filter(code="default").exists():
        SourceFactory(code="default")
    row = make()
    clients = [logged_in(), logged_in()]
    pages = [opened(client, row) for client in clients]
    answers = {}

    def save(client: Client, page: Any, value: Any) -> None:
        answers[value] = saved(client, row, page, **{name: value})
        connections.close_all()

    threads = [
        threading.Thread(target=save, args=each)
        for each in zip(clients, pages, ("11", "12"), strict=True)
    ]
    with transaction.atomic():
        type(row).objects.select_for_update().get(pk=row.pk)
        for thread in threads:
            thread.start()
        wait_until_waiting(2)
    for thread in threads:
        thread.join(120)

    row.refresh_from_db()
    stored = str(getattr(row, name)).partition(".")[0]
    assert {value: answer.status_code for value, answer in answers.items()} == {
        stored: 302,
        {"11": "12", "12": "11"}[stored]: 200,
    }
    [told] = [answer for answer in answers.values() if answer.status_code == 200]
    assert f"This was changed to “{stored}" in errors(told)[0]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_row_that_came_or_went_is_not_what_was_expected(db: None, is_there: bool) -> None:
    item = SourceItemFactory(quantity=Decimal(5))
    key = (item.product_id, item.source_id)
    change = ItemChange(*key, {"quantity": Decimal(3)})
    if not is_there:
        unassign([item.pk])

    with pytest.raises(StaleSourceItemError):
        set_items([change], Act(NOW), expected={key: None if is_there else {}})

    assert list(SourceItem.objects.values_list("quantity", flat=True)) == [5] * is_there
