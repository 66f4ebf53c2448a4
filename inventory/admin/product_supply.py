"""The page of a product's supply: what is to come of it, what came last."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from core.admin.bases import AnyPage
from core.admin.pages import answer, found_row
from core.clock import today
from inventory.admin.product_head import head_of
from inventory.models import FutureSupply, InventoryConfiguration

SHOWN = 100
LAST_SHOWN = 20


def supply_page(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the open supply of a product, the earliest first, and its last closed supply."""
    product = found_row(admin, request, pk)
    configuration = InventoryConfiguration.load()
    records = FutureSupply.objects.filter(product=product).select_related("source", "sent_from")
    still_open = records.open().order_by("expected_on", "pk")[: SHOWN + 1]
    closed = records.exclude(state=FutureSupply.State.OPEN).order_by("-pk")[:LAST_SHOWN]
    rows = [_row(record) for record in still_open]
    listed = reverse("admin:inventory_futuresupply_changelist")
    added = reverse("admin:inventory_futuresupply_add")
    context = {
        "head": head_of(request, product, tab="supply", configuration=configuration),
        "original": product,
        "rows": rows[:SHOWN],
        "closed": [_row(record) for record in closed],
        "all_address": f"{listed}?{urlencode({'q': product.sku})}" if len(rows) > SHOWN else "",
        "record_address": f"{added}?{urlencode({'product': product.pk})}"
        if request.user.has_perm("inventory.add_futuresupply")
        else "",
    }
    title = gettext("Supply of %(sku)s") % {"sku": product.sku}
    return answer(admin, request, "inventory/products/supply.html", title, context)


def _row(record: FutureSupply) -> dict[str, Any]:
    is_open = record.state == FutureSupply.State.OPEN
    return {
        "record": record,
        "outstanding": record.outstanding_quantity if is_open else None,
        "is_overdue": is_open and record.expected_on is not None and record.expected_on < today(),
    }
