"""Labels of the units of a delivery, one for each."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from core.admin import theme
from core.column_limits import row_key
from core.documents.paper import paper_in
from core.documents.pdf_response import pdf_answer
from core.formats import whole
from inventory.documents.product_labels import MOST_LABELS, ProductLabels, product_labels
from inventory.models import Delivery, Receipt

LABELS = "inventory_futuresupply_labels"
MOST_LINKS = 10


def labels_view(_admin: theme.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Answer with a part of the labels of a delivery, as PDF; lead to the list where none are."""
    key = row_key(request.GET.get("delivery", ""))
    part = row_key(request.GET.get("part", "1")) or 0
    receipts = [] if key is None else _receipts(key)
    labels = labels_of(receipts, part=part)
    if not labels:
        return redirect("admin:inventory_futuresupply_changelist")
    paper = paper_in(receipts[0].future_supply.source.country)
    return pdf_answer(product_labels(labels, paper=paper), f"labels-{key}-{part}")


def label_context(delivery: Delivery) -> dict[str, Any]:
    """Return the links to the labels of a delivery, and what is said of those without a link."""
    total = sum(_units(receipt) for receipt in _receipts(delivery.pk))
    rest = gettext("There are %(count)s labels in all. Print the rest from the list of products.")
    is_more = total > MOST_LINKS * MOST_LABELS
    return {
        "labels": _links(delivery, total),
        "labels_rest": rest % {"count": whole(total)} if is_more else "",
    }


def _links(delivery: Delivery, total: int) -> list[dict[str, Any]]:
    """Return one link, or one for each thousand labels up to ten thousand."""
    links = []
    for part in range(1, min(ceil(total / MOST_LABELS), MOST_LINKS) + 1):
        first, last = (part - 1) * MOST_LABELS + 1, min(part * MOST_LABELS, total)
        label = gettext("Print labels %(first)s to %(last)s") % {
            "first": whole(first),
            "last": whole(last),
        }
        if total <= MOST_LABELS:
            label = gettext("Print labels (%(count)s)") % {"count": whole(total)}
        query = urlencode({"delivery": delivery.pk, "part": part})
        links.append({"url": f"{reverse(f'admin:{LABELS}')}?{query}", "label": label})
    return links


def labels_of(receipts: Sequence[Receipt], *, part: int) -> list[ProductLabels]:
    """Return one label for each unit that is not taken back, of the part with this number from 1.

    A fraction of a unit has a label, too.
    """
    start, end = (part - 1) * MOST_LABELS, part * MOST_LABELS
    found, position = [], 0
    for receipt in receipts:
        units = _units(receipt)
        count = min(position + units, end) - max(position, start)
        if count > 0:
            found.append(ProductLabels(receipt.future_supply.product, count))
        position += units
    return found


def _units(receipt: Receipt) -> int:
    return ceil(receipt.quantity - receipt.taken_back_quantity)


def _receipts(delivery_id: int) -> list[Receipt]:
    received = Receipt.objects.filter(delivery=delivery_id).select_related(
        "future_supply__product", "future_supply__source"
    )
    return list(received.order_by("pk"))
