"""The ways in which a value enters the product, each as a callable that tries to enter values.

An entry returns the sentences that refuse the values; none: they were taken.
"""

import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core.acts import Act
from core.operations.bulk import preview
from inventory.files.product_columns import OPTION_COLUMNS
from inventory.models import InventoryConfiguration, Product, Source, Stock
from inventory.operations.bulk.actions import Action
from tests.api import api_of_superuser
from tests.form_values import shown
from tests.inventory.files.imports import checked, confirmed, sentences
from tests.inventory.product_page import change_url
from tests.inventory.test_use_config import BOXES, SITE_BOXES

Values = Mapping[str, Any]


def page(url: str, typed: Values) -> list[str]:
    """Post a page of the admin; return what it says is wrong."""
    user, _is_new = User.objects.get_or_create(username="entry", is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(user)
    response = client.post(url, typed)
    if response.status_code == 302:
        return []
    assert response.status_code == 200, response.content[:500]
    if "adminform" in response.context:
        forms = [response.context["adminform"].form]
        for inline in response.context["inline_admin_formsets"]:
            forms += inline.formset.forms
    else:
        forms = [response.context["form"], *response.context["rows"].forms]
    return [sentence for form in forms for found in form.errors.values() for sentence in found]


def api(method: str, path: str, body: object) -> list[str]:
    """Send a request; return what the answer says is wrong."""
    status, answer = api_of_superuser().send(method, path, body)
    if status < 300:
        return []
    return [answer["detail"], *(fault["detail"] for fault in answer["errors"])]


def file(format_code: str, row: Values, **arguments: str) -> list[str]:
    """Bring a file of one row in; return what its check says is wrong."""
    text = StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerow(row)
    found = checked(text.getvalue(), format_code=format_code, **arguments)
    if found.state == "CHECKED":
        assert confirmed(found).state == "WRITTEN"
    return [sentence for _line, _column, sentence in sentences(found)]


def product_page(values: Values) -> list[str]:
    typed = {
        "name": "Lamp",
        "product_type": "SIMPLE",
        "order_multiple": "1",
        "price": "1",
        "is_enabled": "on",
        **BOXES,
        "source_items-TOTAL_FORMS": "0",
        "source_items-INITIAL_FORMS": "0",
        **values,
    }
    return page(reverse("admin:inventory_product_add"), typed)


def products_api(values: Values) -> list[str]:
    return api("POST", "products/", json.dumps({"name": "Lamp", **values}))


def product_file(values: Values) -> list[str]:
    return file("PRODUCTS", {"name": "Lamp", **values})


def product_with(values: Values) -> dict[str, str]:
    """Return what the page of a product posts to set these options."""
    unticked = {f"{name}_use_config" for name in values}
    boxes = {name: "on" for name in BOXES if name not in unticked}
    return {**boxes, **{f"{name}_value": value for name, value in with_yes("True", values).items()}}


def with_yes(yes: Any, values: Values) -> dict[str, Any]:
    """Return the values with what the entry writes for yes."""
    return {name: yes if value == "yes" else value for name, value in values.items()}


def option_on_page(values: Values) -> list[str]:
    typed = {
        "sku": "L",
        "name": "Lamp",
        "product_type": "SIMPLE",
        "order_multiple": "1",
        "price": "1",
        "is_enabled": "on",
        "source_items-TOTAL_FORMS": "0",
        "source_items-INITIAL_FORMS": "0",
    }
    return page(reverse("admin:inventory_product_add"), typed | product_with(values))


def options_by_api(values: Values) -> list[str]:
    return products_api({"sku": "L", "overrides": with_yes(True, values)})


def options_in_file(values: Values) -> list[str]:
    columns = {column.option.name: column for column in OPTION_COLUMNS}
    row = {"sku": "L"}
    for name, value in values.items():
        row |= {columns[name].value: value, columns[name].use_config: "0"}
    return product_file(row)


def product_patched(values: Values) -> list[str]:
    """Change a product that is there; its SKU is fixed."""
    Product.objects.create(sku="L", name="Lamp")
    return api("PATCH", "products/L/", json.dumps(dict(values)))


def options_patched(values: Values) -> list[str]:
    return product_patched({"overrides": with_yes(True, values)})


def source_patched(values: Values) -> list[str]:
    Source.objects.create(code="north", name="North", postcode="1", country="SE")
    return api("PATCH", "sources/north/", json.dumps(dict(values)))


def stock_page(values: Values) -> list[str]:
    """Link the sources default and east with priorities."""
    typed = {"code": "pool", "name": "Pool", "links-TOTAL_FORMS": "2", "links-INITIAL_FORMS": "0"}
    typed |= {"sales_channels-TOTAL_FORMS": "0", "sales_channels-INITIAL_FORMS": "0"}
    for index, (code, priority) in enumerate(values.items()):
        typed[f"links-{index}-source"] = str(Source.objects.get(code=code).pk)
        typed[f"links-{index}-priority"] = priority
    return page(reverse("admin:inventory_stock_add"), typed)


def links(values: Values) -> list[dict[str, Any]]:
    return [{"source": code, "priority": int(priority)} for code, priority in values.items()]


def stocks_api(values: Values) -> list[str]:
    body = {"code": "pool", "name": "Pool", "sources": links(values)}
    return api("POST", "stocks/", json.dumps(body))


def stock_patched(values: Values) -> list[str]:
    Stock.objects.create(code="pool", name="Pool")
    return api("PATCH", "stocks/pool/", json.dumps({"sources": links(values)}))


def option_in_bulk(values: Values) -> list[str]:
    """Set the last option on a product that has the others."""
    *others, (name, value) = with_yes(True, values).items()
    own = {other: amount if amount is True else Decimal(amount) for other, amount in others}
    product = Product.objects.create(sku="L", name="Lamp", **own)
    found = preview.preview(
        Action.PRODUCT_OPTION,
        [product.pk],
        {"name": name, "value": value},
        Act(datetime.now(UTC)),
        page=1,
        page_size=1,
    )
    return [row.refusal.message % row.refusal.values for row in found.rows if row.refusal]


def site_page(values: Values) -> list[str]:
    unticked = {f"{name}_use_config" for name in values}
    boxes = {name: "on" for name in SITE_BOXES if name not in unticked}
    typed = boxes | {f"{name}_value": value for name, value in values.items()}
    row = InventoryConfiguration.load()
    return page(change_url(row), typed | shown(row))


def configuration_api(values: Values) -> list[str]:
    return api("PATCH", "configuration/", json.dumps(values))


ADDRESS = {
    "recipient": "Ada",
    "street": "1 High Street",
    "city": "London",
    "postcode": "SW1A 1AA",
    "country": "GB",
}


def source_page(values: Values) -> list[str]:
    typed = {"code": "north", "name": "North", "postcode": "1", "country": "SE", **values}
    typed["work_days"] = "MON"
    return page(reverse("admin:inventory_source_add"), typed)


def sources_api(values: Values) -> list[str]:
    body = {"code": "north", "name": "North", "postcode": "1", "country": "SE", **values}
    return api("POST", "sources/", json.dumps(body))


def phone_order(values: Values) -> list[str]:
    """Order one WANTED, or the SKU in ``values``, on the page of a phone order."""
    address = {name: value for name, value in values.items() if name != "sku"}
    typed = {
        "token": "t0ken",
        "channel": "web",
        "customer_name": "Ada",
        "step": "place",
        "customer_email": "ada@example.com",
        "customer_language": "en",
        "gateway": "manual",
        "fulfillment_method": "SHIP_TO_HOME",
        "currency": "USD",
        "priority": "0",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-quantity": "1",
        "lines-0-sku": values.get("sku", "WANTED"),
        **ADDRESS,
        **address,
    }
    return page(reverse("admin:orders_order_add"), typed)


def orders_api(values: Values) -> list[str]:
    body = {
        "channel": "web",
        "customer": {"name": "Ada", "email": "ada@example.com"},
        "address": {**ADDRESS, **{key: values[key] for key in values if key != "sku"}},
        "lines": [{"sku": values.get("sku", "WANTED"), "quantity": "1"}],
    }
    return api("POST", "orders/", json.dumps(body))


def order_file(values: Values) -> list[str]:
    row = {
        "number": "A-1",
        "channel": "web",
        "customer_name": "Ada",
        "sku": "WANTED",
        "customer_email": "ada@example.com",
        "quantity": "1",
        **ADDRESS,
        **values,
    }
    return file("ORDERS", row)


ENTRIES = {
    "product": {
        "admin product": product_page,
        "api products": products_api,
        "file PRODUCTS": product_file,
    },
    "barcode of a product that is there": {
        "api product": product_patched,
    },
    "priorities of a stock": {
        "admin stock": stock_page,
        "api stocks": stocks_api,
        "api stock": stock_patched,
    },
    "options of a product": {
        "admin product": option_on_page,
        "api products": options_by_api,
        "api product": options_patched,
        "file PRODUCTS": options_in_file,
        "bulk PRODUCT_OPTION": option_in_bulk,
    },
    "options of the site": {
        "admin inventoryconfiguration": site_page,
        "api configuration": configuration_api,
    },
    "source": {
        "admin source": source_page,
        "api sources": sources_api,
        "api source": source_patched,
    },
    "order": {
        "admin order": phone_order,
        "api orders": orders_api,
        "file ORDERS": order_file,
    },
}

QUANTITIES = "units and statuses: test_whole_quantities.py, inventory/test_status_at_zero.py"
OF_WHAT_IS_THERE = "changes what was placed or planned; names no code, country or option"
ACCESS = "people and their access"
# Every other way in which something is written, with why no rule of the table is about it.
OTHERS = {
    **dict.fromkeys(
        (
            *("admin apikey", "admin group", "admin user", "command create_api_key"),
            *("command remove_second_factors", "command reencrypt_second_factors"),
            *("command createsuperuser", "command changepassword"),
        ),
        ACCESS,
    ),
    **dict.fromkeys(("command database_roles", "command migrate"), "tables and their rights"),
    "command after_restore": "keeps e-mails from being sent; names nothing",
    **dict.fromkeys(
        (
            *("admin sourceitem", "admin futuresupply", "api set-source-items"),
            *("api adjust-source-items", "api future-supply", "api future-supply-record"),
            *("api receive-supply", "file STOCK_SOURCES", "file FUTURE_SUPPLY", "bulk ASSIGN"),
            "api deliveries",
            *("bulk TRANSFER", "bulk STATUS", "bulk ITEM_OPTION"),
        ),
        QUANTITIES,
    ),
    **dict.fromkeys(
        (
            *("admin reservation", "api reservations", "api inconsistencies", "api cancel-supply"),
            *("api take-back-receipt", "api capture-order", "api cancel-order", "api refund-order"),
            *("api release-runs", "api apply-run", "api fulfill-shipment", "api cancel-shipment"),
            *("api backorder-shipment", "api customer-care-shipment", "api hold-shipment"),
            *("api lift-bar-shipment", "api lift-hold-shipment", "api reassign-shipment"),
            *("api release-ahead-shipment", "api release-shipment", "api reroute-shipment"),
            *("api pack-shipment", "api unpack-shipment"),
            *("api set-aside-shipment", "api undo-fulfillment-shipment"),
            *("api set-expected-date-shipment", "api set-priority-shipment", "bulk UNASSIGN"),
            *("bulk TAKE_BACK", "command create_compensation", "command release_backorders"),
            *("command inventory_inconsistencies", "api assign-shipment", "api order-notes"),
            *("api order-changes", "api returns", "api refund-return"),
            *("api shipment-notes", "api order-proposals"),
            *("api fulfill-shipments", "api shipment-parcels", "api shipment-parcel"),
            "file PARCELS",
            *("api pick-lists", "api pick-list-picks", "api pick-list-short"),
            *("api pick-list-take-off", "api close-pick-list"),
            *("api answer-delay-request", "api answer-delay-requests"),
            *("api rule-runs", "api confirm-rule-run"),
        ),
        OF_WHAT_IS_THERE,
    ),
    **dict.fromkeys(
        ("api availability-check", "api source-selection"), "writes nothing; needs no address"
    ),
    **dict.fromkeys(
        ("admin saleschannel", "api sales-channel"), "a code and the stock that it belongs to"
    ),
    "api back-in-stock": "an e-mail address that asks to be told once",
    **dict.fromkeys(
        ("admin waitingrule", "api rules", "api rule"),
        "conditions, and an action for shipments that wait",
    ),
    **dict.fromkeys(
        ("admin carrier", "api carriers", "api carrier"), "who takes parcels, and its tracking link"
    ),
    "admin scheduledwork": "when the product's own jobs run",
    "command map_countries": "orders/test_map_countries.py",
    "command load_demo": "places its orders as every order is placed",
    "command services": "servers of this checkout",
    "command up": "servers of this checkout",
}
