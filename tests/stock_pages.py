"""Pages of imports, of what is taken back and of receipts, with rows that give each its words."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core.acts import Act
from core.models import BulkChange
from inventory.files import imports
from inventory.models import FutureSupply, ImportFile
from inventory.operations.receipt_reversals import (
    last_receipt,
    preview_take_back,
    take_back_receipt,
)
from inventory.operations.receipts import Confirmation, receive_supply
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
)
from tests.inventory.files.imports import TODAY, checked, quiet
from tests.inventory.test_source_item_operations import ready_shipments
from tests.present import present

HEADER = "source_code,sku,status,quantity,color\n"


def make_stock_pages(user: User) -> dict[str, str]:
    """Make the rows, and return the addresses of the pages by what they show."""
    now = datetime.now(UTC)
    source = SourceFactory(code="reykjavik-harbor", name="Reykjavík, harbor warehouse")
    held = SourceItemFactory(product=ProductFactory(sku="CHAIR"), source=source, quantity=10)
    SourceItemFactory(product=ProductFactory(sku="TABLE"), source=source, quantity=4)
    ready_shipments(held, quantities=[4, 3])
    many = [ProductFactory(sku=f"SHELF-WALNUT-{number:03}") for number in range(55)]
    rows = "".join(f"reykjavik-harbor,{product.sku},1,{2},red\n" for product in many)
    chair = "reykjavik-harbor,CHAIR,1,6,red\n"
    table = "reykjavik-harbor,TABLE,1,4,red\n"
    wrong = "".join(f"reykjavik-harbor,CHAIR-{number},1,1.5e3,red\n" for number in range(60))
    supply = _received_supply(source, now, user)
    written = _written(f"{HEADER}{rows}", user)
    to_confirm = checked(f"{HEADER}{chair}{table}{rows.replace(',2,', ',3,')}", name="counts.csv")
    good_rows = checked(f"{HEADER}{chair}{wrong}", name="counts-of-the-harbor-warehouse.csv")
    return {
        "import to confirm": _of_file(to_confirm, "change"),
        "second page of an import": _of_file(to_confirm, "change") + "?page=2",
        "import with good rows": _of_file(good_rows, "change"),
        "written import": _of_file(written, "change"),
        "import to take back": _of_file(written, "take_back"),
        "import taken back": reverse(
            "admin:core_bulkchange_change", args=[_taken_back(user, now).pk]
        ),
        "supply with receipts": reverse("admin:inventory_futuresupply_change", args=[supply.pk]),
        "receipt to take back": reverse("admin:inventory_futuresupply_take_back", args=[supply.pk]),
    }


def _of_file(file: ImportFile, page: str) -> str:
    return reverse(f"admin:inventory_importfile_{page}", args=[file.pk])


def _written(text: str, user: User) -> ImportFile:
    file = checked(text, name="first-count.csv", by_id=user.pk)
    return imports.write(file.pk, Act(datetime.now(UTC), user.pk), today=TODAY, progress=quiet)


def _taken_back(user: User, now: datetime) -> BulkChange:
    """A file of two rows was written; one of its rows changed since, and the other went back."""
    source = SourceFactory(code="bergen")
    first, _second = (
        SourceItemFactory(product=ProductFactory(sku=sku), source=source, quantity=1)
        for sku in ("LAMP", "STOOL")
    )
    file = _written(f"{HEADER}bergen,LAMP,1,8,\nbergen,STOOL,1,9,\n", user)
    first.refresh_from_db()
    first.quantity = Decimal(7)
    first.save(update_fields=["quantity"])
    client = Client()
    client.force_login(user)
    address = _of_file(file, "take_back")
    shown = client.get(address).context
    sent = {"snapshot": shown["snapshot"], "hit": shown["hit_digest"]}
    client.post(address, sent)
    return BulkChange.objects.latest("pk")


def _received_supply(source: Any, now: datetime, user: User) -> FutureSupply:
    """Twenty were expected; five came and two of those did not, and then came four."""
    supply = FutureSupplyFactory(
        product=ProductFactory(sku="SOFA"), source=source, quantity=20, reference="PO-2026-0117"
    )
    receive_supply(supply.pk, Act(now, user.pk), quantity=Decimal(5))
    receipt = present(last_receipt(supply.pk))
    take_back_receipt(
        receipt.pk,
        Act(now, user.pk, "Two were of another color"),
        quantity=Decimal(2),
        expected=preview_take_back(receipt.pk, quantity=Decimal(2)),
    )
    receive_supply(supply.pk, Act(now, user.pk), quantity=Decimal(4), confirmation=Confirmation())
    return supply
