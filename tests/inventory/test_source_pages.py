"""The pages of sources, stocks, sales channels and source items, and of what cannot be changed."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import (
    SalesChannel,
    Source,
    SourceItem,
    Stock,
    StockSource,
)
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.form_values import shown
from tests.inventory.product_page import change_url
from tests.option_values import own_values

pytestmark = pytest.mark.django_db


def test_dragged_priorities_are_numbered_from_one(
    admin_client: Client, available: list[list[int]]
) -> None:
    first, second, third = SourceFactory(), SourceFactory(), SourceFactory()
    stock = StockFactory(sources=[first, second, third])
    links = {link.source: link for link in stock.links.all()}
    entered: dict[str, object] = {
        "name": "Renamed",
        "links-TOTAL_FORMS": "3",
        "links-INITIAL_FORMS": "3",
    }
    for index, (source, priority) in enumerate([(first, 2), (second, 0), (third, 1)]):
        entered |= {
            f"links-{index}-id": links[source].pk,
            f"links-{index}-stock": stock.pk,
            f"links-{index}-source": source.pk,
            f"links-{index}-priority": priority,
        }
    entered |= {"sales_channels-TOTAL_FORMS": "0", "sales_channels-INITIAL_FORMS": "0"}

    response = admin_client.post(change_url(stock), {**entered, **shown(stock)})

    assert response.status_code == 302
    kept = StockSource.objects.filter(stock=stock).order_by("priority")
    assert [(link.source_id, link.priority) for link in kept] == [
        (second.pk, 1),
        (third.pk, 2),
        (first.pk, 3),
    ]
    assert {link.pk for link in kept} == {link.pk for link in links.values()}


def test_rows_may_share_a_priority_and_those_without_a_number_come_last(
    admin_client: Client, available: list[list[int]]
) -> None:
    sources = [SourceFactory(code=code) for code in ("oslo", "Bern", "riga", "kyiv")]
    stock = StockFactory()
    entered: dict[str, object] = {
        "name": "Pool",
        "links-TOTAL_FORMS": "4",
        "links-INITIAL_FORMS": "0",
    }
    for index, (source, priority) in enumerate(zip(sources, ("4", "4", "", ""), strict=True)):
        entered |= {
            f"links-{index}-stock": stock.pk,
            f"links-{index}-source": source.pk,
            f"links-{index}-priority": priority,
        }
    entered |= {"sales_channels-TOTAL_FORMS": "0", "sales_channels-INITIAL_FORMS": "0"}

    response = admin_client.post(change_url(stock), {**entered, **shown(stock)})

    assert response.status_code == 302
    kept = list(stock.links.values_list("source__code", "priority"))
    assert kept == [("Bern", 1), ("oslo", 1), ("riga", 2), ("kyiv", 3)]


def test_enabling_a_source_tells_the_release_engine_of_what_it_holds(
    admin_client: Client, available: list[list[int]]
) -> None:
    source = SourceFactory(is_enabled=False)
    item = SourceItemFactory(source=source)
    entered: dict[str, object] = {
        "name": source.name,
        "is_enabled": "on",
        "postcode": "1",
        "country": "US",
        "work_days": source.work_days,
    }

    admin_client.post(change_url(source), {**entered, **shown(source)})

    assert Source.objects.get(pk=source.pk).is_enabled
    assert available == [[item.product_id]]


def test_codes_are_fixed_and_the_default_source_stays(
    admin_client: Client, available: list[list[int]]
) -> None:
    source, stock = Source.objects.get(code="default"), Stock.objects.get(code="default")
    entered = {"code": "other", "name": "Renamed", "postcode": "1", "country": "US"}

    admin_client.post(change_url(source), {**entered, "work_days": "MON", **shown(source)})

    source.refresh_from_db()
    assert (source.code, source.name, source.is_enabled) == ("default", "Renamed", True)
    for row in (source, stock):
        url = reverse(f"admin:inventory_{row._meta.model_name}_delete", args=[row.pk])
        assert admin_client.post(url, {"post": "yes"}).status_code == 403


def test_a_new_sales_channel_belongs_to_the_default_stock(admin_client: Client) -> None:
    form = admin_client.get(reverse("admin:inventory_saleschannel_add"))

    chosen = form.context["adminform"].form.initial["stock"]
    assert Stock.objects.get(pk=chosen).code == "default"
    SalesChannelFactory(code="web")
    assert SalesChannel.objects.count() == 1


def test_a_source_item_is_made_on_a_page_of_its_own(
    admin_client: Client, available: list[list[int]]
) -> None:
    product, source = ProductFactory(), SourceFactory()
    entered = {
        "product": product.pk,
        "source": source.pk,
        "status": "IN_STOCK",
        "quantity": "3",
        "safety_stock": "1",
        "backorders_use_config": "on",
        "notify_quantity_below_value": "2",
        "qty_uses_decimals_use_config": "on",
    }

    response = admin_client.post(reverse("admin:inventory_sourceitem_add"), entered)

    assert response.status_code == 302
    item = SourceItem.objects.get(product=product, source=source)
    assert (item.quantity, item.safety_stock) == (Decimal(3), Decimal(1))
    assert own_values(item, "notify_quantity_below", "backorders") == (Decimal(2), None)


def test_balances_are_not_added_by_hand(admin_client: Client) -> None:
    assert admin_client.get(reverse("admin:inventory_stockbalance_add")).status_code == 403


@pytest.mark.parametrize(
    "model", ["reservation", "stockbalance"], ids=["reservations", "stock balances"]
)
def test_nothing_is_deleted_from_logs(admin_client: Client, model: str) -> None:
    listed = admin_client.get(reverse(f"admin:inventory_{model}_changelist"))
    assert "delete_selected" not in listed.content.decode()


def test_a_calendar_is_saved_and_its_next_closed_days_are_listed(admin_client: Client) -> None:
    source = SourceFactory(country="US", postcode="98101")
    entered = {
        "name": source.name,
        "is_enabled": "on",
        "country": "US",
        "postcode": "98101",
        "work_days": ["FRI", "MON", "TUE", "WED", "THU"],
        "is_closed_on_holidays": "on",
        "closed_days": "2031-01-03\n2031-01-02, 2031-01-03",
        "cut_off_time": "14:00",
    }

    response = admin_client.post(change_url(source), {**entered, **shown(source)})

    assert response.status_code == 302
    source.refresh_from_db()
    assert source.work_days == ["MON", "TUE", "WED", "THU", "FRI"]
    assert source.closed_days == [date(2031, 1, 2), date(2031, 1, 3)]
    assert (source.is_closed_on_holidays, source.cut_off_time) == (True, time(14))
    page = admin_client.get(change_url(source)).content.decode()
    assert "Every week: Saturday, Sunday" in page
    assert "Christmas Day)" in page
    history = admin_client.get(reverse("admin:inventory_source_history", args=[source.pk]))
    told = history.content.decode()
    assert "Monday, Tuesday, Wednesday, Thursday, Friday<" in told
    assert "2 Jan 2031, 3 Jan 2031" in told


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"work_days": []}, "Select at least one working day."),
        (
            {"closed_days": "2031-01-02\n3 January"},
            "“3” is not a date. Write each day as 2027-01-31, on its own line.",
        ),
        (
            {"country": "Atlantis", "is_closed_on_holidays": "on"},
            "The public holidays of this country are not known. Enter them as other closed days.",
        ),
    ],
)
def test_a_calendar_without_a_meaning_is_refused(
    admin_client: Client, change: dict[str, object], sentence: str
) -> None:
    source = SourceFactory(country=change.get("country", "US"))
    entered = {
        "name": source.name,
        "is_enabled": "on",
        "country": "US",
        "postcode": "98101",
        "work_days": ["MON"],
        **change,
    }

    response = admin_client.post(change_url(source), {**entered, **shown(source)})

    assert sentence in response.content.decode()
    source.refresh_from_db()
    assert len(source.work_days) == 7
