"""What is sold in whole units and what is not, and ways to write quantities of both."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from core.acts import Act
from inventory.models import (
    FutureSupply,
    InventoryConfiguration,
    Product,
    Reservation,
    Source,
    SourceItem,
    Stock,
)
from orders.models import Order, OrderLine
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.api import api_of_superuser
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.form_values import carried
from tests.inventory.bulk_changes import made, shown
from tests.inventory.files.imports import checked, confirmed, sentences
from tests.opened_form import opened_form
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SKUS = ("LAMP", "OIL")
FRACTION = Decimal("1.5")
WHOLE = "is a fraction, and this product is sold in whole units"
Entry = Callable[[str, str], list[str]]
ORDER = OrderRequest(
    channel="web",
    customer=Customer("Ada Example", "ada@example.com"),
    lines=tuple(LineRequest(sku, Decimal(4)) for sku in SKUS),
    number="W-1",
    address=HOME,
)


def make_world() -> None:
    """Twenty of each at two sources, ten to come, and an order of four of each."""
    InventoryConfiguration.load()
    if not Stock.objects.exists():
        StockFactory(code="default", sources=[SourceFactory(code="default")])
    SourceFactory(code="north")
    SalesChannelFactory(code="web", stock=Stock.objects.get(code="default"))
    for sku in SKUS:
        product = ProductFactory(sku=sku, qty_uses_decimals=sku == "OIL" or None)
        for source in Source.objects.all():
            SourceItemFactory(product=product, source=source, quantity=Decimal(20))
        FutureSupplyFactory(
            product=product, source=Source.objects.get(code="default"), quantity=Decimal(10)
        )
    place_order(ORDER, Act(NOW))


def item(sku: str) -> SourceItem:
    return SourceItem.objects.get(product__sku=sku, source__code="default")


def supply(sku: str) -> FutureSupply:
    return FutureSupply.objects.get(product__sku=sku)


def line(sku: str) -> OrderLine:
    return OrderLine.objects.get(sku=sku)


def client_of_superuser() -> Client:
    user, _is_new = User.objects.get_or_create(username="entry", is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(user)
    return client


def page(url: str, **typed: str) -> list[str]:
    """Open a page of the admin, type, and send it; return what it says is wrong."""
    client = client_of_superuser()
    response = client.post(url, {**opened_form(client.get(url).text), **typed})
    if response.status_code == 302:
        return []
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += inline.formset.forms
    return errors_of(forms)


def own_page(url: str, **typed: str) -> list[str]:
    """Send a page of ours with what it showed; return what its form says is wrong."""
    client = client_of_superuser()
    response = client.post(url, {**carried(client, url), **typed})
    return [] if response.status_code == 302 else errors_of([response.context["form"]])


def errors_of(forms: list[Any]) -> list[str]:
    return [sentence for form in forms for found in form.errors.values() for sentence in found]


def api(method: str, path: str, body: object) -> list[str]:
    status, answer = api_of_superuser().send(method, path, body)
    if status < 300:
        return []
    return [f"{fault['pointer']} {fault['detail']}" for fault in answer["errors"]]


def file(format_code: str, **row: str) -> list[str]:
    text = StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerow(row)
    found = checked(text.getvalue(), format_code=format_code)
    if found.state == "CHECKED":
        assert confirmed(found).state == "WRITTEN"
    return [sentence for _line, _column, sentence in sentences(found)]


def bulk(action: str, key: int, **values: Any) -> list[str]:
    refused = [told for _sku, _source, told in shown(action, [key], **values) if type(told) is str]
    change = made(action, [key], **values)
    assert change.refused_count == len(refused)
    return refused


def set_api(**row: object) -> Entry:
    """``None`` stands for the quantity."""

    def entry(sku: str, quantity: str) -> list[str]:
        text = json.dumps([{"sku": sku, "source": "default", **row}])
        return api("POST", "source-items/set/", json.loads(text.replace("null", f'"{quantity}"')))

    return entry


def everything() -> list[object]:
    """What a fraction could be written into."""
    tables = (SourceItem, FutureSupply, Product, Reservation, Order, OrderLine)
    return [list(table.objects.order_by("pk").values()) for table in tables]
