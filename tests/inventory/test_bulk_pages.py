"""Bulk actions as people meet them: from the list, over the preview, to what came of it."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from core.models import BulkChange, Job
from core.operations import jobs
from inventory import ports
from inventory.holders import Holder
from inventory.models import InventoryConfiguration, Product, SourceItem
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.inventory.bulk_pages import ITEMS, confirmed, page, status_page, words
from tests.option_values import own_value

pytestmark = pytest.mark.django_db


class ArrivalPort:
    """Stands in for those downstream."""

    def note_arrival(self, product_ids: Collection[int]) -> None:
        pass

    def holders(self, item_ids: Any) -> dict[Any, list[Holder]]:
        return {key: [Holder("SHP-7", "1001", Decimal(4), False)] for key in item_ids}


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_registered", [ArrivalPort()])


def test_the_list_leads_to_the_page_of_an_action_with_what_was_ticked(admin_client: Client) -> None:
    one, two = SourceItemFactory(), SourceItemFactory()

    response = admin_client.post(
        f"{ITEMS}?status__exact=IN_STOCK",
        {"action": "bulk_status", "_selected_action": [one.pk, two.pk], "select_across": "0"},
    )

    assert response.status_code == 302
    assert response["Location"] == (
        "/admin/inventory/sourceitem/bulk/status/"
        f"?ids={one.pk}%2C{two.pk}&filter=status__exact%3DIN_STOCK"
    )


def test_all_that_match_are_carried_as_the_filter_and_not_as_keys(admin_client: Client) -> None:
    item = SourceItemFactory()

    response = admin_client.post(
        f"{ITEMS}?status__exact=IN_STOCK",
        {"action": "bulk_status", "_selected_action": [item.pk], "select_across": "1"},
    )

    assert response["Location"].endswith("filter=status__exact%3DIN_STOCK&all_matching=1")


def test_each_row_is_shown_from_what_to_what_before_it_is_changed(admin_client: Client) -> None:
    product, source = ProductFactory(sku="LAMP"), SourceFactory(code="oslo")
    item = SourceItemFactory(product=product, source=source)

    response = admin_client.get(status_page(ids=item.pk))

    assert response.context["rows"] == [
        {
            "key": item.pk,
            "names": ("LAMP", "oslo"),
            "details": (),
            "is_change": True,
            "shifts": [{"label": "Status", "before": "In Stock", "after": "Out of Stock"}],
            "effect": "",
            "refusal": "",
        }
    ]
    assert "Status: In Stock → Out of Stock" in words(response)
    assert "Change 1 row" in words(response)
    item.refresh_from_db()
    assert item.status == "IN_STOCK"


def test_confirmed_it_is_done_and_its_page_shows_the_rows_as_one_entry(
    admin_client: Client,
) -> None:
    item = SourceItemFactory(product=ProductFactory(sku="LAMP"), source=SourceFactory(code="oslo"))

    response = confirmed(admin_client, status_page(ids=item.pk))

    change = BulkChange.objects.get()
    assert response.url == reverse("admin:core_bulkchange_change", args=[change.pk])
    shown = admin_client.get(response.url)
    assert [(entry["row"], entry["fields"]) for entry in shown.context["entries"]] == [
        ("LAMP @ oslo", [{"label": "Status", "before": "In Stock", "after": "Out of Stock"}])
    ]
    assert "All rows are done." in words(shown)
    assert change.made_by.username == "admin"
    item.refresh_from_db()
    assert item.status == "OUT_OF_STOCK"
    # The product's own history names the change too.
    history = admin_client.get(
        reverse("admin:inventory_sourceitem_history", args=[item.pk])
    ).context["entries"][0]
    assert (history["cause"], history["username"]) == ("Set status to Out of Stock", "admin")


def test_all_that_match_the_filter_are_changed_and_nothing_else(admin_client: Client) -> None:
    oslo, paris = SourceFactory(code="oslo"), SourceFactory(code="paris")
    for source in (oslo, oslo, paris):
        SourceItemFactory(source=source)

    url = status_page(filter=f"source__id__exact%3D{oslo.pk}", all_matching=1)
    response = admin_client.get(url)
    confirmed(admin_client, url)

    assert response.context["matching_count"] == 2
    assert set(oslo.items.values_list("status", flat=True)) == {"OUT_OF_STOCK"}
    assert paris.items.get().status == "IN_STOCK"


def test_filters_of_the_products_choose_items_at_the_sources_asked_for(
    admin_client: Client,
) -> None:
    oslo, paris = SourceFactory(code="oslo"), SourceFactory(code="paris")
    lamp, desk = ProductFactory(sku="LAMP"), ProductFactory(sku="DESK")
    for product in (lamp, desk):
        for source in (oslo, paris):
            SourceItemFactory(product=product, source=source)

    url = page(
        "inventory_product_bulk_status",
        asked=1,
        status="OUT_OF_STOCK",
        sources=oslo.pk,
        filter="q%3DLAMP",
        all_matching=1,
    )
    confirmed(admin_client, url)

    changed = SourceItem.objects.filter(status="OUT_OF_STOCK")
    assert list(changed.values_list("product__sku", "source__code")) == [("LAMP", "oslo")]


def test_what_is_refused_is_named_first_and_the_rest_is_done(admin_client: Client) -> None:
    free = SourceItemFactory(product=ProductFactory(sku="A-FREE"))
    held = SourceItemFactory(
        product=ProductFactory(sku="B-HELD"), quantity=Decimal(9), allocated=Decimal(4)
    )
    url = page("inventory_sourceitem_bulk_unassign", ids=f"{free.pk},{held.pk}")

    response = admin_client.get(url)

    assert [(row["names"][0], row["refusal"]) for row in response.context["rows"]] == [
        ("B-HELD", "4 units are allocated there: SHP-7."),
        ("A-FREE", ""),
    ]
    shown = admin_client.get(confirmed(admin_client, url).url)
    assert "4 units are allocated there: SHP-7." in words(shown)
    assert [entry["kind"] for entry in shown.context["entries"]] == ["Deleted"]
    assert list(SourceItem.objects.values_list("pk", flat=True)) == [held.pk]


def test_nothing_is_done_when_the_world_moved_since_the_preview(admin_client: Client) -> None:
    item = SourceItemFactory()
    url = status_page(ids=item.pk)
    snapshot = admin_client.get(url).context["snapshot"]
    SourceItem.objects.update(status="OUT_OF_STOCK")

    response = admin_client.post(url, {"snapshot": snapshot})

    assert "1 row was changed after this page was opened" in words(response)
    assert "Nothing would change." in words(response)
    assert not BulkChange.objects.exists()


def test_the_value_of_the_selected_option_is_set_and_cleared(admin_client: Client) -> None:
    ProductFactory(sku="LAMP", max_cart_qty=Decimal(7))
    product = Product.objects.get()
    address = page("inventory_product_bulk_option", ids=product.pk)

    opened = admin_client.get(address)
    choosing = f"{address}&asked=1&option=max_cart_qty"
    valued = f"{choosing}&max_cart_qty_value=20&qty_increments_value=x"
    shown = admin_client.get(valued)

    assert "planned" not in opened.context
    assert 'name="max_cart_qty_value" value="7"' in words(opened)
    assert shown.context["rows"][0]["shifts"] == [
        {"label": "Maximum Qty Allowed in Shopping Cart", "before": "7", "after": "20"}
    ]
    confirmed(admin_client, valued)
    assert own_value(Product.objects.get(), "max_cart_qty") == Decimal(20)

    confirmed(admin_client, f"{choosing}&max_cart_qty_use_config=on")
    assert own_value(Product.objects.get(), "max_cart_qty") is None


def test_an_option_without_a_value_is_asked_for_it(admin_client: Client) -> None:
    address = page(
        "inventory_product_bulk_option", ids=ProductFactory().pk, asked=1, option="max_cart_qty"
    )

    response = admin_client.get(address)

    assert "planned" not in response.context
    assert response.context["form"].errors == {
        "max_cart_qty": ["Enter a value, or select “Use Config Settings”."]
    }


def test_more_rows_than_a_batch_lead_to_the_page_that_shows_how_far_it_is(
    admin_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setattr(jobs, "call_worker", lambda name, *, job_id: None)
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})
    one, two = SourceItemFactory(), SourceItemFactory()
    url = status_page(ids=f"{one.pk},{two.pk}")
    assert "A worker does it" in words(admin_client.get(url))

    with django_capture_on_commit_callbacks(execute=True):
        response = confirmed(admin_client, url)

    job = Job.objects.get()
    assert response.url == reverse("admin:core_job_progress", args=[job.pk])
    progress = words(admin_client.get(response.url))
    assert 'role="progressbar"' in progress
    assert "A worker starts it soon." in progress
    assert reverse("admin:core_bulkchange_change", args=[BulkChange.objects.get().pk]) in (progress)
    assert set(SourceItem.objects.values_list("status", flat=True)) == {"IN_STOCK"}
