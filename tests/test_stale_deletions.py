"""Delete pages that were opened before the row changed, and confirmed after."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from inventory.models import SalesChannel, Stock, StockSource
from tests.factories.inventory import SalesChannelFactory, SourceFactory, StockFactory
from tests.form_values import shown_in
from tests.test_stale_change_pages import CHANGED_HERE, make_row, others, save_elsewhere, somebody

pytestmark = pytest.mark.django_db


def delete_address(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_delete", args=[row.pk])


@pytest.mark.parametrize("model", CHANGED_HERE, ids=lambda model: model._meta.label_lower)
def test_a_row_that_changed_after_its_delete_page_was_opened_is_not_deleted(
    admin_client: Client, model: Any
) -> None:
    row = make_row(model)
    page = admin.site._registry[model]
    if not page.has_delete_permission(somebody(), row):
        assert admin_client.get(delete_address(row)).status_code == 403
        return
    shown = shown_in(admin_client.get(delete_address(row)).text)
    form: Any = page.get_form(somebody(), row, change=True)(instance=row)
    name = next(name for name in form.compared_names() if others(form, name))
    save_elsewhere([(row, name, others(form, name)[0].stored)])

    answer = admin_client.post(delete_address(row), {"post": "yes", **shown}, follow=True)

    assert type(row)._base_manager.filter(pk=row.pk).exists()
    [message] = [str(message) for message in answer.context["messages"]]
    assert message.endswith(
        "was changed after the page was opened. Nothing was deleted. Review it again."
    )
    admin_client.post(delete_address(row), {"post": "yes", **shown_in(answer.text)})
    assert not type(row)._base_manager.filter(pk=row.pk).exists()


def test_what_would_go_with_a_row_is_compared_too(admin_client: Client) -> None:
    stock = StockFactory()
    shown = shown_in(admin_client.get(delete_address(stock)).text)
    StockSource.objects.create(stock=stock, source=SourceFactory(), priority=1)

    admin_client.post(delete_address(stock), {"post": "yes", **shown})

    assert Stock.objects.filter(pk=stock.pk).exists()


@pytest.mark.parametrize("is_changed", [True, False])
def test_several_rows_are_deleted_as_they_were_shown_or_the_changed_are_named(
    admin_client: Client, is_changed: bool
) -> None:
    first, second = (SalesChannelFactory(code=code, name=code) for code in ("web", "shop"))
    address = reverse("admin:inventory_saleschannel_changelist")
    chosen = {"action": "delete_selected", "_selected_action": [first.pk, second.pk]}
    page = admin_client.post(address, chosen)
    if is_changed:
        SalesChannel.objects.filter(pk=second.pk).update(name="Shop")

    answer = admin_client.post(
        address, {**chosen, "post": "yes", **shown_in(page.text)}, follow=True
    )

    assert SalesChannel.objects.count() == (2 if is_changed else 0)
    if is_changed:
        assert [str(message) for message in answer.context["messages"]] == [
            "1 row was changed after the page was opened: shop. Nothing was deleted. Review it "
            "again."
        ]
        admin_client.post(address, {**chosen, "post": "yes", **shown_in(answer.text)})
        assert not SalesChannel.objects.exists()
