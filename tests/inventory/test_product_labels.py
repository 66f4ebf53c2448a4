"""Labels of products: what is on them, how many, on which paper."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from core.documents.paper import Paper
from core.operations.bulk.apply import BulkRequest, check_shown
from core.queries.search import Match, first_found
from inventory.admin import product_label_action
from inventory.admin.delivery_labels import label_context, labels_of
from inventory.documents.product_labels import ProductLabels, drawn_code, product_labels
from inventory.models import Delivery, Product, Receipt, Source
from inventory.operations.deliveries import DeliveryContent, DeliveryLine, receive_delivery
from inventory.operations.receipts import receive_supply
from inventory.queries.deliveries import product_of_code
from inventory.queries.search import product_ways, skus_meant
from tests.api import api_of_superuser
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
)
from tests.pdf import pages_of, sizes_of

pytestmark = pytest.mark.django_db
EAN = "4006381333931"
ACT = Act(datetime(2026, 3, 1, 9, tzinfo=UTC))


@pytest.fixture
def kettle() -> Product:
    return ProductFactory(sku="KTP", name="Kettle", barcode=EAN)


def lines(content: bytes) -> list[str]:
    return [line.strip() for page in pages_of(content) for line in page]


def test_a_label_has_the_name_the_sku_and_the_barcode(kettle: Product) -> None:
    lid = ProductFactory(sku="LID-1", name="Lid with a very long name" * 4)

    content = product_labels([ProductLabels(kettle, 2), ProductLabels(lid, 1)], paper=Paper.A4)

    # The digits of an EAN stand in two groups behind the first; the SKU of one is its barcode.
    label = ["KTP", "Kettle", "4", "006381", "333931"]
    found = lines(content)
    assert found[:10] == label * 2
    assert (found[10], found[-1]) == ("LID-1", "LID-1")
    assert found[-2].endswith("…")
    assert sizes_of(content) == [(595, 842)]


@pytest.mark.parametrize(("paper", "on_one"), [(Paper.A4, 24), (Paper.LETTER, 30)])
def test_a_sheet_is_filled_before_the_next(kettle: Product, paper: Any, on_one: int) -> None:
    full = product_labels([ProductLabels(kettle, on_one)], paper=paper)
    more = product_labels([ProductLabels(kettle, on_one + 1)], paper=paper)

    assert [page.count("KTP") for page in pages_of(full)] == [on_one]
    assert [page.count("KTP") for page in pages_of(more)] == [on_one, 1]


def test_a_code_that_no_barcode_can_hold_is_printed_as_text() -> None:
    product = ProductFactory(sku="LÅNG-Ö", name="Kopp")

    assert drawn_code(product, paper=Paper.A4) is None
    assert lines(product_labels([ProductLabels(product, 1)], paper=Paper.A4)) == ["LÅNG-Ö", "Kopp"]


def test_labels_of_selected_products_are_previewed_and_printed(
    admin_client: Client, kettle: Product
) -> None:
    ProductFactory(sku="LID", name="Lid")
    Source.objects.filter(code="default").update(country="US")
    address = reverse("admin:inventory_product_bulk_labels")
    asked = admin_client.get(address, {"all_matching": "1"})
    assert asked.context["form"]["paper"].value() == "LETTER"

    shown = admin_client.get(
        address, {"all_matching": "1", "asked": "1", "count": "2", "paper": "LETTER"}
    )

    assert f"<td>Labels: 2, with the barcode {EAN}.</td>" in shown.text
    assert "Labels: 2. The product has no barcode: the SKU is printed as one." in shown.text
    printed = admin_client.post(
        f"{address}?all_matching=1&asked=1&count=2&paper=LETTER",
        {"snapshot": shown.context["snapshot"]},
    )
    assert (printed["Content-Type"], sizes_of(printed.content)) == ("application/pdf", [(612, 792)])
    assert [line for line in lines(printed.content) if line in ("Kettle", "Lid")] == [
        *("Kettle", "Kettle", "Lid", "Lid")
    ]


def test_a_barcode_that_changed_since_the_preview_is_shown_first(
    admin_client: Client, kettle: Product
) -> None:
    address = (
        f"{reverse('admin:inventory_product_bulk_labels')}?all_matching=1&asked=1&count=1&paper=A4"
    )
    shown = admin_client.get(address)
    Product.objects.update(barcode=None)

    answer = admin_client.post(address, {"snapshot": shown.context["snapshot"]})

    assert answer["Content-Type"].startswith("text/html")
    assert "the SKU is printed as one" in answer.text
    assert f"Barcode: {EAN} shown, – now" in answer.text


def test_a_product_that_is_deleted_after_the_comparison_is_shown_again(
    admin_client: Client, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = (
        f"{reverse('admin:inventory_product_bulk_labels')}?all_matching=1&asked=1&count=1&paper=A4"
    )
    shown = admin_client.get(address)

    def check_and_delete(bulk: BulkRequest, act: Act) -> None:
        check_shown(bulk, act)
        Product.objects.all().delete()

    monkeypatch.setattr(product_label_action, "check_shown", check_and_delete)
    answer = admin_client.post(address, {"snapshot": shown.context["snapshot"]}, follow=True)

    told = "The preview is no longer up to date. Nothing was done. Review it again."
    assert told in answer.text


def test_each_unit_of_a_delivery_has_a_label(admin_client: Client, kettle: Product) -> None:
    source = SourceFactory(code="lund", country="SE")
    record = FutureSupplyFactory(
        product=kettle, source=source, quantity=Decimal(5), reference="PO-7"
    )
    line = DeliveryLine(record.pk, Decimal(3), Decimal(5), False)
    content = DeliveryContent(UUID(int=7), "PO-7", None, (line,))
    receive_delivery(content, ACT)
    delivery = Delivery.objects.get()

    page = admin_client.get(
        reverse("admin:inventory_futuresupply_received"), {"delivery": delivery.pk}
    )

    [link] = page.context["labels"]
    assert link["label"] == "Print labels (3)"
    printed = admin_client.get(link["url"])
    assert lines(printed.content).count("KTP") == 3
    assert sizes_of(printed.content) == [(595, 842)]
    # What was taken back needs none.
    Receipt.objects.update(taken_back_quantity=Decimal(1))
    assert label_context(delivery)["labels"][0]["label"] == "Print labels (2)"
    Receipt.objects.update(taken_back_quantity=Decimal(3))
    assert label_context(delivery)["labels"] == []
    assert admin_client.get(link["url"]).status_code == 302


@pytest.mark.parametrize("asked", [{}, {"delivery": ""}, {"delivery": "x"}, {"delivery": "9" * 20}])
def test_labels_of_no_delivery_are_not_those_of_receipts_without_one(
    admin_client: Client, kettle: Product, asked: dict[str, str]
) -> None:
    receive_supply(FutureSupplyFactory(product=kettle, quantity=2).pk, ACT, quantity=Decimal(2))
    assert Receipt.objects.get().delivery is None

    answer = admin_client.get(reverse("admin:inventory_futuresupply_labels"), asked)

    assert answer.status_code == 302
    assert answer["Location"] == reverse("admin:inventory_futuresupply_changelist")


def test_a_delivery_links_to_ten_parts_and_says_how_many_labels_there_are(
    admin_client: Client, kettle: Product
) -> None:
    record = FutureSupplyFactory(product=kettle, quantity=10_000, reference="PO-7")
    line = DeliveryLine(record.pk, Decimal(10_000), Decimal(10_000), False)
    receive_delivery(DeliveryContent(UUID(int=7), "PO-7", None, (line,)), ACT)
    address = reverse("admin:inventory_futuresupply_received")
    asked = {"delivery": Delivery.objects.get().pk}
    rest = "There are 10,001 labels in all. Print the rest from the list of products."

    all_linked = admin_client.get(address, asked)
    Receipt.objects.update(quantity=Decimal("10000.5"))
    more = admin_client.get(address, asked)

    assert "labels in all" not in all_linked.text
    assert rest in more.text
    for page in (all_linked, more):
        assert [link["label"] for link in page.context["labels"]][8:] == [
            "Print labels 8,001 to 9,000",
            "Print labels 9,001 to 10,000",
        ]


def test_many_labels_of_a_delivery_come_in_parts_of_a_thousand(kettle: Product) -> None:
    lid = ProductFactory(sku="LID", name="Lid")
    receipts = [
        Receipt(future_supply=FutureSupplyFactory(product=product), quantity=Decimal(units))
        for product, units in ((kettle, "1400.5"), (lid, "700"))
    ]

    parts = [
        [(one.product.sku, one.count) for one in labels_of(receipts, part=part)]
        for part in (1, 2, 3, 4)
    ]

    # Half a unit has a label, too.
    assert parts == [[("KTP", 1000)], [("KTP", 401), ("LID", 599)], [("LID", 101)], []]


@pytest.mark.parametrize("stored", ["036000291452", "0036000291452", "00036000291452"])
@pytest.mark.parametrize("read", ["036000291452", "0036000291452", "00036000291452"])
def test_one_code_of_12_13_or_14_digits_finds_its_product(
    admin_client: Client, stored: str, read: str
) -> None:
    kettle = ProductFactory(sku="KTP", name="Kettle", barcode=stored)
    SourceItemFactory(product=kettle)
    SourceItemFactory(product=ProductFactory(sku="LID", barcode="0123456789012"))

    assert product_of_code(read) == kettle
    assert skus_meant({read, "LID"}) == {read: "KTP", "LID": "LID"}
    found = first_found(product_ways(read), limit=5)
    assert [(match, row.sku) for match, row in found] == [(Match.EXACT, "KTP")]
    body = api_of_superuser().get(f"products/?barcode={read}")[1]
    assert [row["sku"] for row in body["results"]] == ["KTP"]
    for name in ("product", "sourceitem"):
        address = reverse(f"admin:inventory_{name}_changelist")
        found = admin_client.get(address, {"q": read}).context["cl"].result_list
        assert [str(getattr(row, "product", row)) for row in found] == ["KTP"]


def test_lists_find_products_by_their_barcode(admin_client: Client, kettle: Product) -> None:
    SourceItemFactory(product=kettle)
    SourceItemFactory(product=ProductFactory(sku="LID"))
    for name in ("product", "sourceitem"):
        address = reverse(f"admin:inventory_{name}_changelist")
        for sought, sku in (
            ({"q": EAN}, "KTP"),
            ({"has_barcode": "yes"}, "KTP"),
            ({"has_barcode": "no"}, "LID"),
        ):
            found = admin_client.get(address, sought).context["cl"].result_list
            assert [str(getattr(row, "product", row)) for row in found] == [sku], (name, sought)


def test_lists_of_what_has_a_barcode_show_it(admin_client: Client, kettle: Product) -> None:
    SourceItemFactory(product=kettle)
    for name in ("product", "sourceitem"):
        address = reverse(f"admin:inventory_{name}_changelist")

        usual = admin_client.get(address)
        narrowed = admin_client.get(address, {"has_barcode": "yes"})

        assert "barcode" not in usual.context["cl"].list_display
        # The last column: an order by one of the others stays what it is.
        assert narrowed.context["cl"].list_display[-1] == "barcode"
        assert EAN not in usual.content.decode()
        assert EAN in narrowed.content.decode()
