"""Pages tell the truth: to those who may only look, and after an error."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from inventory.admin.option_fields import UseConfigField
from inventory.models import InventoryConfiguration, SourceItem
from inventory.options import Scope, options_for
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.opened_form import opened_form
from tests.option_values import give_own_values

THRESHOLD_BOX = "out_of_stock_threshold_use_config"
pytestmark = pytest.mark.django_db


@pytest.fixture
def looker(client: Client) -> Client:
    """A client of somebody who may look at everything and change nothing."""
    user = User.objects.create(username="looker", is_staff=True)
    user.groups.add(Group.objects.get(name="Viewer"))
    client.force_login(user)
    return client


def change(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def read_only(response: Any) -> dict[str, str]:
    """Return what a page shows of each field that is read there, by label."""
    return {
        str(field.field["label"]): str(field.contents())
        for fieldset in response.context["adminform"]
        for line in fieldset
        for field in line
    }


@pytest.fixture
def item() -> SourceItem:
    configuration = InventoryConfiguration.load()
    give_own_values(configuration, max_cart_qty=Decimal(50))
    configuration.save()
    SourceFactory()
    product = ProductFactory(backorders="ALLOW_QTY_BELOW_0", min_cart_qty=Decimal(0))
    return SourceItemFactory(product=product, notify_quantity_below=Decimal(3))


def test_who_may_only_look_sees_each_value_in_force_and_its_origin(
    looker: Client, item: SourceItem
) -> None:
    product = read_only(looker.get(change(item.product)))
    at_source = read_only(looker.get(change(item)))
    site = read_only(looker.get(change(InventoryConfiguration.load())))

    assert product["Backorders"] == "Allow Qty Below 0 (product)"
    assert product["Minimum Qty Allowed in Shopping Cart"] == "0 (product)"
    assert product["Maximum Qty Allowed in Shopping Cart"] == "50 (configuration)"
    assert product["Manage Stock"] == "Yes (system value)"
    assert at_source["Backorders"] == "Allow Qty Below 0 (product)"
    assert at_source["Notify for Quantity Below"] == "3 (source item)"
    assert at_source["Qty Uses Decimals"] == "No (system value)"
    assert site["Maximum Qty Allowed in Shopping Cart"] == "50 (configuration)"
    assert site["Backorders"] == "No Backorders (system value)"


def test_no_option_is_an_empty_box_to_who_may_only_look(looker: Client, item: SourceItem) -> None:
    pages = {
        Scope.PRODUCT: item.product,
        Scope.SOURCE_ITEM: item,
        Scope.GLOBAL: InventoryConfiguration.load(),
    }
    for scope, row in pages.items():
        shown = read_only(looker.get(change(row)))
        for option in options_for(scope):
            assert shown[option.label].endswith(")"), (scope, option.name)


def test_the_rows_of_sources_say_what_is_in_force_too(looker: Client, item: SourceItem) -> None:
    response = looker.get(change(item.product))

    assert "Allow Qty Below 0 (product)" in response.text
    assert "3 (source item)" in response.text


def test_after_an_error_ticked_fields_show_the_value_in_force(
    admin_client: Client, item: SourceItem
) -> None:
    form = opened_form(admin_client.get(change(item.product)).text)

    # A browser sends nothing of an input that is disabled.
    sent = {name: typed for name, typed in form.items() if name != "max_cart_qty_value"}
    page = admin_client.post(change(item.product), {**sent, "price": "x"})

    assert opened_form(page.text)["max_cart_qty_value"] == "50"


def test_after_an_error_sentences_speak_of_what_is_typed(
    admin_client: Client, item: SourceItem
) -> None:
    form = opened_form(admin_client.get(change(item.product)).text)
    typed = {"out_of_stock_threshold_value": "-50", "price": "x"}
    sent = {name: value for name, value in form.items() if name != THRESHOLD_BOX}

    page = admin_client.post(change(item.product), {**sent, **typed})

    field = page.context["adminform"].form.fields["out_of_stock_threshold"]
    assert isinstance(field, UseConfigField)
    assert "50" in field.widget.sentence
    assert field.widget.sentence in page.text


def test_after_an_error_the_title_names_the_stored_object(admin_client: Client) -> None:
    product = ProductFactory(sku="STORED")
    form = opened_form(admin_client.get(change(product)).text)

    page = admin_client.post(change(product), {**form, "sku": "TYPED", "price": "x"})

    assert "STORED" in page.context["subtitle"]
    assert "STORED" in str(page.context["original"])
    assert "TYPED" not in str(page.context["title"])
