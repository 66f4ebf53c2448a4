"""The pages: upload, what would change, confirm, errors and exports as files, permissions."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from inventory.models import ImportFile, SourceItem
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
)

pytestmark = pytest.mark.django_db

IMPORTS = {
    "STOCK_SOURCES": "admin:inventory_sourceitem_import",
    "PRODUCTS": "admin:inventory_product_import",
    "FUTURE_SUPPLY": "admin:inventory_futuresupply_import",
}


def upload(
    client: Client,
    content: str,
    *,
    kind: str = "STOCK_SOURCES",
    behavior: str = "APPEND",
    name: str = "stock.csv",
) -> Any:
    posted = {"file": SimpleUploadedFile(name, content.encode()), "behavior": behavior}
    return client.post(reverse(IMPORTS[kind]), posted, follow=True)


def confirm(client: Client) -> Any:
    file = ImportFile.objects.get()
    return client.post(reverse("admin:inventory_importfile_confirm", args=[file.pk]), follow=True)


@pytest.fixture
def item() -> SourceItem:
    return SourceItemFactory(
        product=ProductFactory(sku="A"), source=SourceFactory(code="north"), quantity=5
    )


def test_file_is_shown_before_it_is_written_and_written_when_confirmed(
    admin_client: Client, item: SourceItem
) -> None:
    response = upload(admin_client, "source_code,sku,quantity,color\nnorth,A,7,red\n")

    assert response.redirect_chain[-1][0] == reverse(
        "admin:inventory_importfile_change", args=[ImportFile.objects.get().pk]
    )
    page = response.content.decode()
    assert "Nothing is written yet. Check the preview, then confirm it." in page
    assert "<code>quantity</code> 5 → 7" in page
    assert "Columns that are not read: color." in page
    item.refresh_from_db()
    assert item.quantity == 5

    response = confirm(admin_client)

    page = response.content.decode()
    assert "The file is written." in page
    assert "Changed · A @ north" in page
    assert "<li>Quantity: 5 → 7</li>" in page
    item.refresh_from_db()
    assert item.quantity == 7


def test_history_of_a_row_names_the_file_and_who_brought_it_in(
    admin_client: Client, item: SourceItem
) -> None:
    upload(admin_client, "source_code,sku,quantity\nnorth,A,7\n")
    confirm(admin_client)

    page = admin_client.get(
        reverse("admin:inventory_sourceitem_history", args=[item.pk])
    ).content.decode()

    assert "<strong>admin</strong> · Changed · Stock sources: stock.csv" in page
    assert "Quantity: 5 → 7" in page


def test_rows_of_one_file_are_one_entry_of_history(admin_client: Client, item: SourceItem) -> None:
    upload(admin_client, "source_code,sku,quantity\nnorth,A,7\ndefault,A,8\n")
    confirm(admin_client)

    file = ImportFile.objects.get()
    events = SourceItem._meta.get_field("events").related_model._default_manager
    assert events.filter(pgh_context_id=file.context_id).count() == 2


def test_file_with_errors_cannot_be_confirmed_and_its_errors_download(
    admin_client: Client, item: SourceItem
) -> None:
    response = upload(admin_client, "source_code,sku,quantity\nnorth,A,1e3\n=west,A,1\n")

    page = response.content.decode()
    assert "The file has errors. Nothing is written. Correct it and upload it again." in page
    assert "“1e3” is in scientific form; write 1000." in page
    file = ImportFile.objects.get()
    assert "Write the file" not in page
    assert "cannot be written any more" in confirm(admin_client).content.decode()
    response = admin_client.get(reverse("admin:inventory_importfile_problems", args=[file.pk]))
    text = response.getvalue().decode()
    assert text == (
        "\ufeffLine,Column,Value,Correct value\r\n"
        "2,quantity,1e3,“1e3” is in scientific form; write 1000.\r\n"
        "3,source_code,'=west,There is no source with the code “=west”; add it first.\r\n"
    )
    item.refresh_from_db()
    assert item.quantity == 5


def test_file_that_cannot_be_read_is_refused_at_once(admin_client: Client) -> None:
    response = upload(admin_client, "a,b\n1,2\n")

    assert "The first line names none of the columns source_code" in response.content.decode()
    assert not ImportFile.objects.exists()


def test_file_that_is_too_large_is_refused_before_it_is_read(
    admin_client: Client, settings: Settings
) -> None:
    settings.IMPORT_MAX_BYTES = 10

    response = upload(admin_client, "source_code,sku,quantity\n")

    assert "The file has 25 bytes; at most 10 are read. Split it in parts." in (
        response.content.decode()
    )


def test_second_confirmation_changes_nothing(admin_client: Client, item: SourceItem) -> None:
    upload(admin_client, "source_code,sku,quantity\nnorth,A,7\n")
    confirm(admin_client)
    SourceItem.objects.update(quantity=6)

    confirm(admin_client)

    item.refresh_from_db()
    assert item.quantity == 6


def test_export_has_the_rows_of_the_filtered_list(admin_client: Client, item: SourceItem) -> None:
    SourceItemFactory(
        product=ProductFactory(sku="=B"),
        source=item.source,
        quantity=Decimal("2.5"),
        status="OUT_OF_STOCK",
    )
    url = reverse("admin:inventory_sourceitem_export")

    response = admin_client.get(url, {"q": "=B"})

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="stock_sources-')
    assert response.getvalue().decode() == (
        "\ufeffsource_code,sku,status,quantity\r\nnorth,'=B,0,2.5\r\n"
    )


def test_products_and_future_supply_export_too(admin_client: Client, item: SourceItem) -> None:
    FutureSupplyFactory(product=item.product, source=item.source, reference="PO-1")
    products = admin_client.get(
        reverse("admin:inventory_product_export"), {"takes_backorders": "off"}
    )
    supply = admin_client.get(reverse("admin:inventory_futuresupply_export"), {"overdue": "no"})

    assert products.getvalue().decode().splitlines()[1].startswith("A,,Product A,")
    assert supply.getvalue().decode().splitlines()[1] == "A,north,10,,PO-1"


@pytest.mark.parametrize(
    ("role", "may_see", "may_import"),
    [
        ("Merchant", True, True),
        ("Viewer", False, False),
        ("Operations", False, False),
        ("Fulfillment", False, False),
        (None, False, False),
    ],
)
@pytest.mark.parametrize("kind", IMPORTS)
def test_who_may_import(
    client: Client,
    admin_client: Client,
    item: SourceItem,
    role: str | None,
    may_see: bool,
    may_import: bool,
    kind: str,
) -> None:
    upload(admin_client, "source_code,sku,quantity\nnorth,A,7\n")
    file = ImportFile.objects.get()
    user = User.objects.create(username="somebody", is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert client.get(reverse(IMPORTS[kind])).status_code == (200 if may_import else 403)
    url = reverse("admin:inventory_importfile_change", args=[file.pk])
    assert client.get(url).status_code in ((200,) if may_see else (403, 404))
    for name in ("confirm", "check"):
        url = reverse(f"admin:inventory_importfile_{name}", args=[file.pk])
        assert client.post(url).status_code in ((302,) if may_import else (403, 404))


@pytest.mark.parametrize(
    ("names", "kind", "offered"),
    [
        (["add_product", "change_product"], "PRODUCTS", None),
        (["add_sourceitem", "change_sourceitem"], "STOCK_SOURCES", ["APPEND", "REPLACE"]),
        (["delete_sourceitem"], "STOCK_SOURCES", ["DELETE"]),
    ],
)
def test_permissions_of_each_behavior(
    client: Client, names: list[str], kind: str, offered: list[str] | None
) -> None:
    user = User.objects.create(username="somebody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)

    response = client.get(reverse(IMPORTS[kind]))

    assert response.status_code == (403 if offered is None else 200)
    if offered:
        choices = response.context["form"].fields["behavior"].choices
        assert [name for name, _label in choices] == offered


def test_export_is_for_those_who_may_view(client: Client, item: SourceItem) -> None:
    client.force_login(User.objects.create(username="nobody", is_staff=True))

    for name in ("sourceitem", "product", "futuresupply"):
        assert client.get(reverse(f"admin:inventory_{name}_export")).status_code == 403


def test_changed_page_needs_a_post(admin_client: Client, item: SourceItem) -> None:
    upload(admin_client, "source_code,sku,quantity\nnorth,A,7\n")
    file = ImportFile.objects.get()

    for name in ("confirm", "check"):
        url = reverse(f"admin:inventory_importfile_{name}", args=[file.pk])
        assert admin_client.get(url).status_code == 405


def test_list_and_page_leave_the_text_in_the_database(
    admin_client: Client, item: SourceItem, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    upload(admin_client, "source_code,sku,quantity\nnorth,A,7\n")
    file = ImportFile.objects.get()
    pages = [
        reverse("admin:inventory_importfile_changelist"),
        reverse("admin:inventory_importfile_change", args=[file.pk]),
    ]

    for page in pages:
        with django_assert_max_num_queries(25) as queries:
            assert admin_client.get(page).status_code == 200
        assert [
            q for q in queries.captured_queries if '"inventory_importfile"."text",' in q["sql"]
        ] == []


def test_file_whose_text_is_forgotten_says_so(admin_client: Client, item: SourceItem) -> None:
    upload(admin_client, "source_code,sku,quantity\nnorth,A,7\n")
    ImportFile.objects.update(text="")
    url = reverse("admin:inventory_importfile_change", args=[ImportFile.objects.get().pk])

    page = admin_client.get(url).content.decode()

    assert "The file was never written, and its text is deleted by now." in page
    assert "Write the file" not in page
