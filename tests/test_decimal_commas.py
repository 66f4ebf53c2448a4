"""Numbers in Swedish and French: read from every field and shown on every page with a comma.

Pages and forms come from the registry and the addresses, so that new ones are among them.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import F, Max
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.admin.fields import NumberFormField, WholeFormField
from core.models import PersonLanguage
from core.number_texts import AMBIGUOUS, NOT_A_NUMBER
from fulfillment.operations.upkeep.figures import refresh_figures
from inventory.admin.option_fields import UseConfigField
from inventory.models import FutureSupply, InventoryConfiguration, Product, Source, SourceItem
from orders.models import OrderLine
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory, SourceItemFactory
from tests.lints.translations import shown_in
from tests.opened_form import opened_form
from tests.pages import make_telling_rows, pages
from tests.test_pseudo_language import CODE
from tests.test_roles import make_every_row
from tests.test_stale_change_pages import (
    CHANGED_HERE,
    address,
    compared,
    is_stored,
    make_row,
    said,
    stored,
    type_in,
)

pytestmark = pytest.mark.django_db
# Swedish and French read alike: the long run asks in all languages.
IN_FULL = [pytest.param(language, marks=pytest.mark.long) for language in ("en", "fr")]

# Saving numbers these from 1.
NUMBERED = {"priority"}
# A number with a point; no part of a version, an address or a code.
POINT = re.compile(r"(?<![\w.:/@-])[-+\u2212]?\d+\.\d+(?![\w.:/@-])")


class Controls(HTMLParser):
    """The values of the controls of a page that numbers are typed in, by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.of_the_browser: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input" and given.get("type") == "number":
            self.of_the_browser.append(given.get("name", ""))
        if tag == "input" and given.get("inputmode") == "decimal":
            self.values[given.get("name", "")] = given.get("value", "")


@pytest.fixture
def reader(admin_user: User, request: pytest.FixtureRequest) -> Client:
    """Somebody whose pages are in the language that the test names."""
    PersonLanguage.objects.create(user=admin_user, language=request.param)
    client = Client()
    client.force_login(admin_user)
    return client


def make_fractions() -> None:
    """Let stock, supply, options and coordinates have decimals."""
    Product.objects.update(qty_uses_decimals=True, out_of_stock_threshold=Decimal("-2.5"))
    SourceItem.objects.update(
        quantity=F("quantity") + Decimal("1234.5"), safety_stock=Decimal("0.125")
    )
    FutureSupply.objects.update(quantity=F("quantity") + Decimal("0.5"))
    Source.objects.update(latitude=Decimal("59.329323"), longitude=Decimal("18.068"))
    InventoryConfiguration.objects.update(max_cart_qty=Decimal("1000.5"))


def last_events() -> dict[str, int | None]:
    """Return the key of the newest entry of each history."""
    return {
        model._meta.label: model._default_manager.aggregate(last=Max("pk"))["last"]
        for model in apps.get_models()
        if hasattr(model, "pgh_tracked_model")
    }


@pytest.mark.parametrize("model", CHANGED_HERE, ids=lambda model: model._meta.label_lower)
@pytest.mark.parametrize("reader", ["sv", *IN_FULL], indirect=True)
def test_a_page_that_is_saved_as_it_was_opened_changes_nothing(reader: Client, model: Any) -> None:
    row = make_row(model)
    make_fractions()
    page = reader.get(address(row)).text
    before = last_events()

    answer = reader.post(address(row), opened_form(page))

    assert answer.status_code == 302, said(answer)
    assert last_events() == before
    assert before


@pytest.mark.parametrize(
    ("reader", "mark"), [("en", "."), ("sv", ","), ("fr", ",")], indirect=["reader"]
)
def test_inputs_hold_numbers_as_they_are_written(reader: Client, mark: str) -> None:
    make_row(SourceItem)
    make_fractions()
    item = SourceItem.objects.select_related("product", "source").latest("pk")
    rows = (item, item.product, item.source, InventoryConfiguration.load())

    held = [set(Controls(reader.get(address(row)).text).values.values()) for row in rows]

    assert held[0] >= {f"0{mark}125"}
    assert held[1] >= {f"-2{mark}5"}
    assert held[2] >= {f"59{mark}329323", f"18{mark}068"}
    assert held[3] >= {f"1000{mark}5"}
    other = {".": ",", ",": "."}[mark]
    assert [value for values in held for value in values if other in value] == []


def number_fields(response: Any) -> Iterator[tuple[Any, str, bool]]:
    """Yield each form of a page with each field that numbers are typed in; whether whole ones."""
    for form, name in compared(response):
        field = form.fields[name]
        kind = field.value_field if isinstance(field, UseConfigField) else field
        if isinstance(kind, (NumberFormField, WholeFormField)):
            yield form, name, isinstance(kind, WholeFormField)


@pytest.mark.parametrize("model", CHANGED_HERE, ids=lambda model: model._meta.label_lower)
@pytest.mark.parametrize("reader", ["sv", IN_FULL[-1]], indirect=True)
def test_every_field_reads_a_decimal_comma(reader: Client, model: Any) -> None:
    row = make_row(model)
    make_fractions()
    page = reader.get(address(row))
    entered, typed = opened_form(page.text), {}
    for form, name, is_whole in number_fields(page):
        control = form.add_prefix(name)
        if isinstance(form.fields[name], UseConfigField):
            control += "_value"
        typed[control] = "1\u202f002" if is_whole else "12,5"
        type_in(entered, form, name, {control: typed[control]})

    answer = reader.post(address(row), entered)

    if answer.status_code == 302:
        for form, name, is_whole in number_fields(page):
            if is_stored(form.instance, name) and name not in NUMBERED:
                assert stored(form.instance, name) == Decimal("1002" if is_whole else "12.5"), name
    else:
        # Together the values may forbid each other; each by itself was read.
        codes = {
            error.code
            for form, name, _is_whole in number_fields(answer)
            for error in form.errors.as_data().get(name, ())
        }
        assert codes & {NOT_A_NUMBER, AMBIGUOUS, "invalid"} == set(), said(answer)
        again = opened_form(answer.text)
        assert {control: again[control] for control in typed} == typed


@pytest.mark.parametrize("reader", ["sv"], indirect=True)
def test_a_comma_is_stored_and_shown_again(reader: Client) -> None:
    item = SourceItemFactory(product=ProductFactory(qty_uses_decimals=True))
    page = opened_form(reader.get(address(item)).text)

    saved = reader.post(address(item), {**page, "quantity": "1 234,5"})
    unclear = reader.post(address(item), {**page, "quantity": "1.234"})

    assert saved.status_code == 302
    assert stored(item, "quantity") == Decimal("1234.5")
    assert opened_form(reader.get(address(item)).text)["quantity"] == "1234,5"
    assert "”1.234” kan betyda 1234 eller 1,234. Skriv ett av dem." in unclear.text
    assert opened_form(unclear.text)["quantity"] == "1.234"


@pytest.mark.parametrize("reader", ["en"], indirect=True)
def test_in_english_a_comma_is_of_thousands_alone(reader: Client) -> None:
    item = SourceItemFactory(product=ProductFactory(qty_uses_decimals=True))
    page = opened_form(reader.get(address(item)).text)

    refused = reader.post(address(item), {**page, "quantity": "12,5"})
    saved = reader.post(address(item), {**page, "quantity": "1,234.5"})

    sentence = "“12,5” has a comma that separates no thousands. Write a decimal point: 12.5."
    assert sentence in refused.text
    assert saved.status_code == 302
    assert stored(item, "quantity") == Decimal("1234.5")


@pytest.mark.parametrize(
    ("reader", "ends", "shown", "address_of"),
    [
        ("sv", ("12,5", "1 234,125"), ("12,5", "1234,125"), "12.5&quantity_to=1234.1250"),
        ("en", ("12.5", "1,234.125"), ("12.5", "1234.125"), "12.5&quantity_to=1234.1250"),
    ],
    indirect=["reader"],
)
def test_a_filter_keeps_its_numbers_for_every_language(
    reader: Client, ends: tuple[str, str], shown: tuple[str, str], address_of: str
) -> None:
    for quantity in ("12", "12.5", "1234.125", "1235"):
        SourceItemFactory(quantity=Decimal(quantity))
    listed = reverse("admin:inventory_sourceitem_changelist")

    led = reader.get(listed, {"quantity_from": ends[0], "quantity_to": ends[1]})
    answer = reader.get(led["Location"])

    assert led["Location"] == f"{listed}?quantity_from={address_of}"
    found = sorted(item.quantity for item in answer.context["cl"].result_list)
    assert found == [Decimal("12.5"), Decimal("1234.125")]
    held = Controls(answer.text).values
    assert (held["quantity_from"], held["quantity_to"]) == shown


@pytest.mark.parametrize("reader", ["sv"], indirect=True)
def test_the_review_is_filtered_by_numbers_with_commas(reader: Client) -> None:
    shipments = [BackorderFactory() for _ in range(3)]
    for shipment, amount in zip(shipments, ("9.50", "10.50", "2000"), strict=True):
        type(shipment).objects.filter(pk=shipment.pk).update(amount=Decimal(amount))
    review = reverse("admin:fulfillment_shipment_review")

    answer = reader.get(review, {"value_min": "10,5", "value_max": "1 999,99"})
    unclear = reader.get(review, {"value_min": "1.234"})

    assert [row["shipment"].pk for row in answer.context["rows"]] == [shipments[1].pk]
    held = Controls(answer.text).values
    assert (held["value_min"], held["value_max"]) == ("10,5", "1999,99")
    assert [chip.value for chip in answer.context["chips"]] == ["10,5", "1999,99"]
    assert "value_max=1999.99" in answer.context["export_address"]
    assert "”1.234” kan betyda 1234 eller 1,234." in unclear.text


@pytest.mark.parametrize("language", ["sv", IN_FULL[-1]])
def test_no_page_shows_a_decimal_point(admin_user: User, language: str) -> None:
    PersonLanguage.objects.create(user=admin_user, language=language)
    make_every_row()
    make_telling_rows(admin_user)
    make_fractions()
    OrderLine.objects.update(unit_price=Decimal("1234.5"))
    refresh_figures(now=timezone.now(), zone=timezone.get_current_timezone())

    found, held, of_the_browser = {}, 0, {}
    for page, html in pages(admin_user).items():
        controls = Controls(html)
        main = CODE.sub("", html[html.index('id="main-content"') :])
        texts = [*shown_in(f"<main {main}"), *controls.values.values()]
        found[page] = [text for text in texts if POINT.search(text)]
        held += sum("," in value for value in controls.values.values())
        of_the_browser[page] = controls.of_the_browser

    assert len(found) > 80
    assert held > 10
    assert {page: texts for page, texts in found.items() if texts} == {}
    # A browser writes the numbers of its own fields in its own language.
    assert {page: names for page, names in of_the_browser.items() if names} == {}
