"""Orders as files: looked at first, then placed all together or not at all."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from inventory.files.file_formats import export_lines
from inventory.files.findings import FileError
from inventory.files.imports import ImportStateError
from inventory.models import InventoryConfiguration, SourceItem, StockBalance
from orders.models import Order, OrderEmail
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory, OrderLineFactory
from tests.invariants import assert_invariants
from tests.inventory.files.imports import checked, confirmed, counts, sentences, steps

pytestmark = pytest.mark.django_db

HEADER = (
    "number,channel,placed_on,customer_name,customer_email,recipient,street,city,postcode,country,"
    "sku,quantity,unit_price"
)
LONDON = "Ada,1 High Street,London,SW1A 1AA,GB"
ADA = f"web,,Ada,ada@example.com,{LONDON}"


@pytest.fixture(autouse=True)
def shop() -> None:
    """Ten each of MUG (takes backorders) and LAMP (takes none), sold through web."""
    InventoryConfiguration.load()
    source = SourceFactory(code="seattle")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    for sku, backorders in (("MUG", "ALLOW_QTY_BELOW_0"), ("LAMP", "NO_BACKORDERS")):
        product = ProductFactory(sku=sku, backorders=backorders, price=Decimal("4.50"))
        SourceItemFactory(product=product, source=source, quantity=Decimal(10))


def looked_at(*rows: str, header: str = HEADER) -> Any:
    return checked("\n".join([header, *rows]), format_code="ORDERS", name="orders.csv")


def exported() -> str:
    return "".join(export_lines("ORDERS", Order.objects.all()))


def test_what_would_wait_is_shown_line_by_line_and_nothing_is_written() -> None:
    file = looked_at(
        f"A-1,{ADA},MUG,6,5.00",
        f"A-1,{ADA},LAMP,1,",
        f"A-2,{ADA},MUG,6,",
    )

    assert file.state == "CHECKED"
    assert counts(file) == (3, 0, 0, 0, 0, 0)
    told = [
        (step.line, step.name, step.kind, {column: after for column, _was, after in step.cells})
        for step in steps(file)
    ]
    assert told == [
        (2, "A-1: MUG", "NEW", {"quantity": "6", "backordered": "0"}),
        (3, "A-1: LAMP", "NEW", {"quantity": "1", "backordered": "0"}),
        (4, "A-2: MUG", "NEW", {"quantity": "6", "backordered": "2"}),
    ]
    assert not Order.objects.exists()
    assert not StockBalance.objects.exists()
    assert set(SourceItem.objects.values_list("allocated", flat=True)) == {Decimal(0)}


def test_confirmed_orders_are_placed_and_paid_for_like_any(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    file = looked_at(f"A-1,{ADA},MUG,6,5.00", f"A-1,{ADA},LAMP,1,", f"A-2,{ADA},MUG,6,")

    with django_capture_on_commit_callbacks(execute=True):
        confirmed(file)

    first, second = Order.objects.order_by("number")
    assert (first.status, second.status) == ("PROCESSING", "PROCESSING")
    assert (first.total, first.city, first.channel.code) == (Decimal("34.50"), "London", "web")
    assert [line.sku for line in first.lines.order_by("number")] == ["MUG", "LAMP"]
    assert (first.backordered_quantity, second.backordered_quantity) == (Decimal(0), Decimal(2))
    assert OrderEmail.objects.filter(kind="CONFIRMATION").count() == 2
    file.refresh_from_db()
    assert file.state == "WRITTEN"
    assert_invariants()


def test_orders_that_name_no_language_have_that_of_the_site(settings: Any) -> None:
    settings.LANGUAGE_CODE = "sv"
    header = f"{HEADER},customer_language"

    confirmed(looked_at(f"A-1,{ADA},MUG,1,,", f"A-2,{ADA},MUG,1,,fr", header=header))

    found = Order.objects.order_by("number").values_list("number", "customer_language")
    assert list(found) == [("A-1", "sv"), ("A-2", "fr")]


def test_orders_ship_complete_as_they_say_or_as_the_site() -> None:
    InventoryConfiguration.objects.update(ship_complete=True)
    header = f"{HEADER},ship_complete"

    confirmed(
        looked_at(
            f"A-1,{ADA},MUG,1,,",
            f"A-2,{ADA},MUG,1,,no",
            f"A-3,{ADA},MUG,1,,1",
            f"A-3,{ADA},LAMP,1,,",
            header=header,
        )
    )

    found = Order.objects.order_by("number").values_list("number", "ship_complete")
    assert list(found) == [("A-1", True), ("A-2", False), ("A-3", True)]
    names, *rows = (line.split(",") for line in exported().splitlines())
    assert [row[names.index("ship_complete")] for row in rows] == ["1", "0", "1", "1"]


def test_what_is_neither_yes_nor_no_is_refused_and_so_is_another_answer() -> None:
    header = f"{HEADER},ship_complete"
    file = looked_at(
        f"A-1,{ADA},MUG,1,,perhaps",
        f"A-2,{ADA},MUG,1,,1",
        f"A-2,{ADA},LAMP,1,,0",
        header=header,
    )

    assert file.state == "REFUSED"
    found = [(line, column) for line, column, _sentence in sentences(file)]
    assert found == [(2, "ship_complete"), (4, "ship_complete")]


def test_orders_of_earlier_days_keep_their_day_without_a_notice(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    file = looked_at(f"A-1,web,2026-04-20,Ada,ada@example.com,{LONDON},MUG,1,")

    with django_capture_on_commit_callbacks(execute=True):
        confirmed(file)

    assert Order.objects.get().placed_at == datetime(2026, 4, 20, tzinfo=UTC)
    assert not OrderEmail.objects.exists()


def test_every_reason_is_at_its_row_and_column_and_nothing_is_placed() -> None:
    file = looked_at(
        f"A-1,{ADA},LAMP,11,",
        f"A-1,{ADA},MUG,1.5,",
        f"A-2,shop,,Ada,ada@example.com,{LONDON},MUG,1,",
        f"A-3,web,,,nobody,{LONDON},NONE,1,",
        f"A-4,web,2026-04-29,Ada,ada@example.com,{LONDON},MUG,1,",
        f"A-5,web,,Ada,ada@example.com,{LONDON},MUG,0,1.005",
        f"A-6,{ADA},MUG,1,",
        f"A-6,web,,Eve,ada@example.com,{LONDON},MUG,1,",
    )

    assert file.state == "REFUSED"
    found = {(line, column) for line, column, _sentence in sentences(file)}
    assert found == {
        (2, "quantity"),
        (3, "quantity"),
        (4, "channel"),
        (5, "customer_name"),
        (5, "customer_email"),
        (6, "placed_on"),
        (7, "quantity"),
        (7, "unit_price"),
        (9, "customer_name"),
    }
    told = {(line, column): sentence for line, column, sentence in sentences(file)}
    assert told[4, "channel"] == "There is no such sales channel."
    assert told[6, "placed_on"] == ("2026-04-29 is in the future. Write today or an earlier day.")
    assert told[9, "customer_name"] == "The first row of this order, on line 8, has “Ada”."
    with pytest.raises(ImportStateError):
        confirmed(file)
    assert not Order.objects.exists()


def test_an_unknown_sku_is_reported_at_its_row() -> None:
    file = looked_at(f"A-1,{ADA},NONE,1,")

    assert [(line, column) for line, column, _sentence in sentences(file)] == [(2, "sku")]


def test_later_rows_may_leave_empty_what_the_first_says(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    file = looked_at(f"A-1,{ADA},MUG,1,", "A-1,,,,,,,,,,LAMP,2,")

    with django_capture_on_commit_callbacks(execute=True):
        confirmed(file)

    lines = Order.objects.get().lines.order_by("number").values_list("sku", "quantity")
    assert list(lines) == [("MUG", Decimal(1)), ("LAMP", Decimal(2))]


def test_what_was_exported_comes_back_and_changes_nothing(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    header = f"{HEADER},latitude,longitude,priority,discount,tax"
    file = looked_at(
        f"A-1,web,2026-04-20,=Ada,ada@example.com,{LONDON},MUG,6,5.00,51.5072,-0.1276,3,1.00,0.25",
        f"A-1,web,2026-04-20,=Ada,ada@example.com,{LONDON},MUG,1,,,,,,",
        header=header,
    )
    with django_capture_on_commit_callbacks(execute=True):
        confirmed(file)
    before = exported()

    again = checked(before, format_code="ORDERS")

    assert again.state == "CHECKED"
    assert counts(again) == (0, 0, 2, 0, 0, 0)
    with django_capture_on_commit_callbacks(execute=True):
        confirmed(again)
    assert exported() == before
    assert "'=Ada" in before
    assert "51.5072,-0.1276" in before
    assert Order.objects.count() == 1


def test_an_order_that_is_there_and_says_something_else_is_refused(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        confirmed(looked_at(f"A-1,{ADA},MUG,6,5.00"))

    file = looked_at(f"A-1,{ADA},MUG,7,5.00")

    assert sentences(file) == [
        (
            2,
            "number",
            "Order A-1 already exists with other values in quantity. A file adds orders "
            "and does not change them.",
        )
    ]


def test_a_number_taken_since_the_check_stops_the_whole_file() -> None:
    file = looked_at(f"A-1,{ADA},MUG,1,", f"A-2,{ADA},MUG,1,")
    OrderLineFactory(order=OrderFactory(number="A-2"))

    confirmed(file)

    file.refresh_from_db()
    assert file.state == "REFUSED"
    assert not Order.objects.filter(number="A-1").exists()


def test_more_rows_than_are_placed_at_once_are_refused() -> None:
    with pytest.raises(FileError) as caught:
        looked_at(*(f"A-{number},{ADA},MUG,1,\n" for number in range(10_001)))

    assert str(caught.value) == (
        "The file has 10,001 rows; at most 10,000 are read. Split it in parts."
    )


def test_staff_bring_orders_in_from_the_list(admin_client: Client) -> None:
    upload = reverse("admin:orders_order_import")
    content = f"{HEADER},vat_id\nA-1,{ADA},MUG,12,,X\n".encode()
    listed = reverse("admin:orders_order_changelist")
    assert upload in admin_client.get(listed).content.decode()

    page = admin_client.post(
        upload,
        {"file": SimpleUploadedFile("o.csv", content), "behavior": "APPEND"},
        follow=True,
    )

    html = page.content.decode()
    assert "Columns that are not read: vat_id." in html
    assert "A-1: MUG" in html
    assert "Add and change" not in html
    confirm = reverse("admin:inventory_importfile_confirm", args=[page.context["file"].pk])
    shown = admin_client.post(confirm, follow=True).content.decode()
    assert "The file is written." in shown
    order = Order.objects.get()
    assert (order.number, order.backordered_quantity) == ("A-1", Decimal(2))
    assert listed in shown
    download = admin_client.get(reverse("admin:orders_order_export"), {"q": "A-1"})
    assert b"A-1,web," in download.getvalue()
