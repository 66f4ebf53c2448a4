"""Imports and bulk changes in the admin: as they were before, and taken back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.acts import Act
from core.models import BulkChange
from core.operations import jobs
from inventory.files import imports
from inventory.models import ImportFile, InventoryConfiguration, Product, SourceItem
from inventory.operations.bulk import take_back
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.inventory.bulk_changes import made
from tests.inventory.files.imports import TODAY, checked, quiet, written
from tests.present import present

pytestmark = pytest.mark.django_db
HEADER = "source_code,sku,status,quantity\n"


def end_entry() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pghistory.context_id', '', TRUE)")


def imported(text: str, **arguments: str) -> ImportFile:
    """Bring a file in now, so that its 90 days begin."""
    file = checked(text, **arguments)
    file = imports.write(file.pk, Act(timezone.now()), today=TODAY, progress=quiet)
    end_entry()
    return file


def url(change: Any, name: str) -> Any:
    return reverse(f"admin:{change._meta.label_lower.replace('.', '_')}_{name}", args=[change.pk])


def text_of(response: Any) -> list[str]:
    return b"".join(response.streaming_content).decode().lstrip("\ufeff").splitlines()


def confirm(client: Client, change: BulkChange | ImportFile) -> Any:
    """Look first, as a person does, then confirm what was shown."""
    page = client.get(url(change, "take_back"))
    sent = {"snapshot": page.context["snapshot"], "hit": page.context["hit_digest"]}
    return client.post(url(change, "take_back"), sent, follow=True)


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def stock() -> None:
    """900 products at north with 5 each."""
    north = SourceFactory(code="north")
    products = Product.objects.bulk_create(
        Product(sku=f"P{number:03}", name="Kettle") for number in range(900)
    )
    SourceItem.objects.bulk_create(
        SourceItem(product=product, source=north, quantity=5) for product in products
    )
    end_entry()


def test_900_rows_imported_by_mistake_are_taken_back_or_fetched_as_they_were(
    stock: None, admin_client: Client
) -> None:
    rows = "".join(f"north,P{number:03},1,{number}\n" for number in range(900))
    file = imported(HEADER + rows.replace("north,P005,1,5\n", "north,P005,1,77\n"))
    SourceItem.objects.filter(product__sku="P001").update(quantity=44)

    fetched = text_of(admin_client.get(url(file, "as_it_was")))
    page = admin_client.get(url(file, "take_back"))
    done = confirm(admin_client, file)

    assert len(fetched) == 901
    assert fetched[:2] == [
        "source_code,sku,status,quantity,backorders,notify_quantity_below,qty_uses_decimals",
        "north,P000,1,5,,,",
    ]
    tally = page.context["planned"].tally
    assert (tally.changed_count, tally.refused_count) == (899, 1)
    assert page.context["page_count"] == 18
    first = page.context["rows"][0]
    assert (first["names"][0], first["refusal"]) == (
        "P001",
        "Changed since. It stays as it is now.",
    )
    assert "Take back 899 rows" in page.content.decode()
    assert SourceItem.objects.filter(quantity=5).count() == 899
    assert SourceItem.objects.get(product__sku="P001").quantity == 44
    assert done.context["change"].summary == "Taken back: stock.csv"
    # The file as it was can be brought in instead: nothing is left to change.
    again = checked("\n".join(fetched) + "\n")
    assert (again.state, again.findings["changed_count"]) == ("CHECKED", 1)


def test_the_page_of_an_import_shows_all_rows_in_pages(stock: None, admin_client: Client) -> None:
    rows = "".join(f"north,P{number:03},1,9\n" for number in range(120))
    file = imported(HEADER + rows)
    address = reverse("admin:inventory_importfile_change", args=[file.pk])

    last = admin_client.get(address, {"page": "3"})

    assert last.context["entry_count"] == 120
    assert [entry["row"] for entry in last.context["entries"]] == [
        f"P{number:03} @ north" for number in range(100, 120)
    ]
    assert last.context["entries"][0]["fields"] == [
        {"label": "Quantity", "before": "5", "after": "9"}
    ]
    assert "Page 3 of 3" in last.content.decode()
    assert url(file, "take_back") in last.content.decode()
    assert url(file, "as_it_was") in last.content.decode()


def test_rows_that_changed_since_the_page_was_shown_are_shown_again(admin_client: Client) -> None:
    item = SourceItemFactory(
        product=ProductFactory(sku="A"), source=SourceFactory(code="north"), quantity=5
    )
    file = imported(HEADER + "north,A,,900\n")
    page = admin_client.get(url(file, "take_back"))
    sent = {
        "snapshot": page.context["snapshot"],
        "hit": page.context["hit_digest"],
    }
    SourceItem.objects.filter(pk=item.pk).update(quantity=44)

    response = admin_client.post(url(file, "take_back"), sent, follow=True)

    assert messages(response) == [
        "1 row was changed after this page was opened: A @ north (Quantity: 900 shown, 44 now). "
        "Nothing was done. Review it again."
    ]
    item.refresh_from_db()
    assert item.quantity == 44
    assert admin_client.post(url(file, "take_back"), {"hit": "x"}, follow=True)
    assert BulkChange.objects.count() == 0


def test_what_is_older_than_90_days_is_no_longer_offered(admin_client: Client) -> None:
    SourceItemFactory(product=ProductFactory(sku="A"), source=SourceFactory(code="north"))
    file = imported(HEADER + "north,A,,900\n")
    ImportFile.objects.update(written_at=timezone.now() - timedelta(days=91))

    page = admin_client.get(reverse("admin:inventory_importfile_change", args=[file.pk]))
    refused = admin_client.get(url(file, "take_back"), follow=True)
    fetched = admin_client.get(url(file, "as_it_was"), follow=True)

    assert url(file, "take_back") not in page.content.decode()
    assert messages(refused) == ["This change can no longer be taken back."]
    assert messages(fetched) == ["This file is no longer available."]


@pytest.mark.parametrize("is_sent", [True, False])
def test_the_former_rows_of_units_that_were_sent_are_no_file(
    admin_client: Client, is_sent: bool
) -> None:
    # given
    item = SourceItemFactory(source=SourceFactory(code="north"), quantity=10)
    south = SourceItemFactory(
        product=item.product, source=SourceFactory(code="south"), quantity=0
    ).source
    values: dict[str, Any] = {"to_source_id": south.pk, "quantity": "4"}
    if is_sent:
        values |= {"expected_on": "2099-05-16", "reference": "TR-7"}
    transfer = made("TRANSFER", [item.pk], **values)
    BulkChange.objects.update(created_at=timezone.now())
    end_entry()
    confirm(admin_client, transfer)
    changes = [transfer, BulkChange.objects.get(action="TAKE_BACK")]

    # then
    for change in changes:
        page = admin_client.get(reverse("admin:core_bulkchange_change", args=[change.pk]))
        assert (url(change, "as_it_was") in page.text) is not is_sent
        assert (url(change, "take_back") in page.text) is (change == transfer)
        fetched = admin_client.get(url(change, "as_it_was"), follow=True)
        if is_sent:
            assert messages(fetched) == ["Units were sent. Take the change back instead."]
        else:
            assert text_of(fetched)[0].startswith("source_code,sku,status,quantity,")


def test_products_and_supply_are_fetched_as_they_were(admin_client: Client) -> None:
    SourceFactory(code="north")
    ProductFactory(sku="A", name="Kettle", price=Decimal("10.00"), max_cart_qty=5)
    products = imported(
        "sku,name,price,max_cart_qty\nA,Pan,12.00,9\nB,New,1.00,\n", format_code="PRODUCTS"
    )
    imported(
        "sku,source_code,quantity,expected_on,reference\nA,north,9,2099-05-09,PO1\n",
        format_code="FUTURE_SUPPLY",
    )
    supply = imported(
        "sku,source_code,quantity,expected_on,reference\nA,north,90,2099-05-10,PO1\n",
        format_code="FUTURE_SUPPLY",
    )

    header, row = text_of(admin_client.get(url(products, "as_it_was")))
    before = dict(zip(header.split(","), row.split(","), strict=True))
    records = text_of(admin_client.get(url(supply, "as_it_was")))

    assert {name: before[name] for name in ("sku", "name", "price", "max_cart_qty", "qty")} == {
        "sku": "A",
        "name": "Kettle",
        "price": "10.00",
        "max_cart_qty": "5",
        "qty": "",
    }
    assert records[1:] == ["A,north,9,2099-05-09,PO1"]


def test_a_bulk_change_is_taken_back_on_its_page(admin_client: Client) -> None:
    item = SourceItemFactory(
        product=ProductFactory(sku="A"), source=SourceFactory(code="north"), quantity=5
    )
    change = made("STATUS", [item.pk], status="OUT_OF_STOCK")
    BulkChange.objects.update(created_at=timezone.now())
    end_entry()

    page = admin_client.get(reverse("admin:core_bulkchange_change", args=[change.pk]))
    fetched = text_of(admin_client.get(url(change, "as_it_was")))
    done = confirm(admin_client, change)

    assert url(change, "take_back") in page.content.decode()
    assert fetched[1] == "north,A,1,5,,,"
    item.refresh_from_db()
    assert item.status == "IN_STOCK"
    back = done.context["change"]
    assert (back.action, back.changed_count) == ("TAKE_BACK", 1)
    assert url(back, "take_back") in done.content.decode()


def test_orders_of_a_file_are_not_taken_back_and_the_page_says_where_to_cancel_them(
    admin_client: Client,
) -> None:
    file = written(HEADER)
    ImportFile.objects.update(format="ORDERS", written_at=timezone.now())

    page = admin_client.get(reverse("admin:inventory_importfile_change", args=[file.pk]))

    assert "Placed orders are not taken back here." in page.content.decode()
    assert reverse("admin:orders_order_changelist") in page.content.decode()
    assert url(file, "take_back") not in page.content.decode()


@pytest.mark.parametrize(("role", "status"), [("Merchant", 200), ("Viewer", 403), (None, 403)])
def test_who_may_make_a_change_may_take_it_back(
    client: Client, role: str | None, status: int
) -> None:
    item = SourceItemFactory(product=ProductFactory(sku="A"), source=SourceFactory(code="north"))
    file = imported(HEADER + "north,A,,900\n")
    change = made("STATUS", [item.pk], status="OUT_OF_STOCK")
    BulkChange.objects.update(created_at=timezone.now())
    user = User.objects.create(username="somebody", is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    for made_change in (file, change):
        assert client.get(url(made_change, "take_back")).status_code == status
        assert client.get(url(made_change, "as_it_was")).status_code == status
        if status == 403:
            assert client.post(url(made_change, "take_back"), {}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_large_one_is_taken_back_by_a_worker(admin_client: Client) -> None:
    item = SourceItemFactory(
        product=ProductFactory(sku="A"), source=SourceFactory(code="north"), quantity=5
    )
    ProductFactory(sku="B")
    end_entry()
    file = imported(HEADER + "north,A,,900\nnorth,B,1,3\n")
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})

    page = admin_client.get(url(file, "take_back"))
    confirm(admin_client, file)
    change = BulkChange.objects.get()
    jobs.run(job_id=present(change.job_id), now=timezone.now())

    assert "A worker does it" in page.content.decode()
    item.refresh_from_db()
    change.refresh_from_db()
    assert (item.quantity, change.changed_count, present(change.job).state) == (
        Decimal(5),
        2,
        "COMPLETED",
    )


def test_what_stayed_as_it_is_is_listed_in_pages_with_what_changed_since(
    stock: None, admin_client: Client
) -> None:
    rows = "".join(f"north,P{number:03},1,9\n" for number in range(60))
    file = imported(HEADER + rows)
    SourceItem.objects.filter(quantity=9).update(quantity=44)

    change = imported_back(file)
    address = reverse("admin:core_bulkchange_change", args=[change.pk])
    last = admin_client.get(address, {"refused": "2"})

    assert change.refused_count == 60
    assert len(last.context["refusals"]) == 10
    assert last.context["refusals"][0]["shifts"] == [
        {"label": "Quantity", "before": "9", "after": "44"}
    ]
    assert "Changed since. It stays as it is now. (Quantity: 9 → 44)" in last.content.decode()


def imported_back(file: ImportFile) -> BulkChange:
    """Take an import back, whatever becomes of its rows."""
    values = take_back.values_of(file, today=TODAY)
    keys = take_back.keys_of(take_back.read(values))
    return made("TAKE_BACK", keys, **values)
