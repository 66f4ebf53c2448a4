"""One rule at every entry: pages, API, files, bulk actions and commands refuse the same values.

``ENTRIES`` has what each entry may be given; a rule is a row of ``REFUSED``, with a row of
``TAKEN`` that differs from it by what the rule is about.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import get_commands
from django.test import RequestFactory
from django.urls import get_resolver

from inventory.files.file_formats import FORMATS
from inventory.operations.bulk.registry import ROW_ACTIONS
from tests.entries import ENTRIES, OTHERS
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)

pytestmark = pytest.mark.django_db

# What is entered of which subject, and a part of the sentence that refuses it everywhere.
REFUSED = {
    "a SKU with a comma": ("product", {"sku": "A,B"}, "has a comma"),
    "the SKU .": ("product", {"sku": "."}, "means a folder"),
    "the SKU ..": ("product", {"sku": ".."}, "means a folder"),
    "a SKU with a format character": ("product", {"sku": "A\u200bB"}, "cannot be seen"),
    "a SKU of 65 characters": ("product", {"sku": "x" * 65}, "64"),
    "a wrong check digit": (
        "product",
        {"sku": "A", "barcode": "4006381333932"},
        "the check digit, would be 1",
    ),
    "a barcode with a format character": (
        "product",
        {"sku": "A", "barcode": "1\u200b2"},
        "cannot be seen",
    ),
    **{
        f"ship to home without its {name}": ("order", {name: ""}, f"Give the {name}")
        for name in ("recipient", "street", "city", "postcode", "country")
    },
    "a recipient of spaces": ("order", {"recipient": "  "}, "Give the recipient"),
    "an order to no country": ("order", {"country": "Atlantis"}, "“Atlantis” is not a country."),
    "an order of a virtual product to no country": (
        "order",
        {"sku": "VIRTUAL", "country": "Atlantis"},
        "“Atlantis” is not a country.",
    ),
    "a wrong check digit of a product that is there": (
        "barcode of a product that is there",
        {"barcode": "4006381333932"},
        "the check digit, would be 1",
    ),
    "a source in no country": ("source", {"country": "Atlantis"}, "“Atlantis” is not a country."),
    "a source without its postcode": ("source", {"postcode": ""}, "need a postcode"),
    "a minimum above the maximum": (
        "options of a product",
        {"min_cart_qty": "10", "max_cart_qty": "5"},
        "The minimum of 10 is above the maximum of 5",
    ),
    "no multiple of the increments": (
        "options of a product",
        {"min_cart_qty": "5", "max_cart_qty": "7", "enable_qty_increments": "yes"}
        | {"qty_increments": "4"},
        "No multiple of 4 lies between",
    ),
    "a minimum above the maximum for all": (
        "options of the site",
        {"min_cart_qty": "10", "max_cart_qty": "5"},
        "The minimum of 10 is above the maximum of 5",
    ),
    "a maximum below the minimum of a product": (
        "options of the site",
        {"max_cart_qty": "5"},
        "1 product could no longer be bought",
    ),
    "a barcode of another product": ("product", {"sku": "A", "barcode": "77"}, "barcode"),
}
TAKEN = {
    "a SKU with odd characters": ("product", {"sku": "A/b c?%2F#…"}),
    "a SKU of 64 characters": ("product", {"sku": "x" * 64}),
    "a SKU that another has in other letters": ("product", {"sku": "TAKEN"}),
    "a right check digit": ("product", {"sku": "A", "barcode": "4006381333931"}),
    "a minimum at the maximum": (
        "options of a product",
        {"min_cart_qty": "5", "max_cart_qty": "5"},
    ),
    "a maximum at the minimum of a product": ("options of the site", {"max_cart_qty": "8"}),
    "an order to a country by its code": ("order", {"country": "SE"}),
    "an order to a country by its name": ("order", {"country": "Storbritannien"}),
    "an order to a country without postcodes": ("order", {"country": "HK", "postcode": ""}),
    "an order of a virtual product without an address": (
        "order",
        {
            "sku": "VIRTUAL",
            "recipient": "",
            "street": "",
            "city": "",
            "postcode": "",
            "country": "",
        },
    ),
    "a right check digit of a product that is there": (
        "barcode of a product that is there",
        {"barcode": "4006381333931"},
    ),
    "equal priorities": ("priorities of a stock", {"default": "3", "east": "3"}),
    "a source in a country by its name": ("source", {"country": "Suède"}),
    "a source in a country without postcodes": ("source", {"country": "HK", "postcode": ""}),
    "a code without a check digit": ("product", {"sku": "A", "barcode": "X-77"}),
}


def discovered() -> set[str]:
    """Return all that writes something, as ``ENTRIES`` calls them."""
    request = RequestFactory().get("/")
    request.user = User(pk=0, is_active=True, is_superuser=True)
    found = {
        f"admin {model._meta.model_name}"
        for model, page in admin.site._registry.items()
        if page.has_add_permission(request) or page.has_change_permission(request)
    }
    found |= {f"api {name}" for name in written_endpoints(get_resolver())}
    found |= {f"file {code}" for code in FORMATS} | {f"bulk {action}" for action in ROW_ACTIONS}
    apps = {"config", "core", "demo", "inventory", "orders", "fulfillment"}
    return found | {f"command {name}" for name, app in get_commands().items() if app in apps}


def written_endpoints(patterns: Any, prefix: str = "") -> Iterator[Any]:
    for pattern in patterns.url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from written_endpoints(pattern, route)
        elif route.startswith("api/v1/") and {"post", "patch", "put"} & set(
            dir(getattr(pattern.callback, "cls", None))
        ):
            yield pattern.name


def test_everything_that_writes_is_in_the_table() -> None:
    entered = {name for entries in ENTRIES.values() for name in entries}

    assert entered & OTHERS.keys() == set()
    assert discovered() == entered | OTHERS.keys()


def test_every_subject_has_rules_that_refuse_or_take() -> None:
    ruled = {row[0] for row in (*REFUSED.values(), *TAKEN.values())}

    assert ruled == ENTRIES.keys()


def world() -> None:
    """What the values are entered into."""
    ProductFactory(sku="taken", barcode="77", min_cart_qty=8)
    source = SourceFactory(code="east")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    for sku, kind in (("WANTED", "SIMPLE"), ("VIRTUAL", "VIRTUAL")):
        product = ProductFactory(sku=sku, product_type=kind)
        SourceItemFactory(product=product, source=source, quantity=10)


def cases(table: Any) -> list[Any]:
    return [
        pytest.param(entry, *row[1:], id=f"{name} · {where}")
        for name, row in table.items()
        for where, entry in ENTRIES[row[0]].items()
    ]


@pytest.mark.parametrize(("entry", "values", "sentence"), cases(REFUSED))
def test_every_entry_refuses(entry: Any, values: Any, sentence: Any) -> None:
    world()

    said = entry(values)

    assert any(sentence in one for one in said), said


@pytest.mark.parametrize(("entry", "values"), cases(TAKEN))
def test_every_entry_takes(entry: Any, values: Any) -> None:
    world()

    assert entry(values) == []
