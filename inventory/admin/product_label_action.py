"""Prints labels of the products that were selected in the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin import theme
from core.admin.bulk.actions import PRINTS, BulkForm, ListAction
from core.admin.fields import WholeFormField, field_of
from core.admin.paper_choice import PAPERS
from core.documents.paper import Paper, paper_in
from core.documents.pdf_response import pdf_answer
from core.operations.bulk.apply import BulkRequest, ChangedSinceShownError, check_shown
from core.operations.bulk.preview import register
from core.operations.bulk.row_plans import BulkRow, RowPlan, Shift
from core.text import Sentence, gettext_noop
from inventory.admin.bulk import words
from inventory.documents.product_labels import (
    MOST_LABELS,
    ProductLabels,
    drawn_code,
    product_labels,
)
from inventory.models import Product, Source
from inventory.models.source import DEFAULT_CODE

LABELS = "PRODUCT_LABELS"
MOST_EACH = 500

WITH_BARCODE = gettext_noop("Labels: %(count)s, with the barcode %(code)s.")
WITH_SKU = gettext_noop("Labels: %(count)s. The product has no barcode: the SKU is printed as one.")
WITHOUT = gettext_noop("Labels: %(count)s, without a barcode: none can hold %(code)s.")


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """How many labels of each product, on which paper."""

    count: int
    paper: Paper


def usual_paper() -> Paper:
    """Return the paper that is usual in the country of the default source."""
    return paper_in(Source._base_manager.get(code=DEFAULT_CODE).country)


def read_labels(values: Mapping[str, Any]) -> LabelRequest:
    return LabelRequest(int(values["count"]), Paper(values["paper"]))


def plan_labels(product_ids: Sequence[int], request: LabelRequest, _act: Act) -> list[BulkRow]:
    """Return what the labels of each product have on them."""
    products = Product.objects.in_bulk(list(product_ids))
    return [_row(products[key], request) for key in product_ids if key in products]


def _row(product: Product, request: LabelRequest) -> BulkRow:
    if drawn_code(product, paper=request.paper) is None:
        message = WITHOUT
    else:
        message = WITH_BARCODE if product.barcode else WITH_SKU
    values = {"count": str(request.count), "code": product.barcode or product.sku}
    effect = Sentence(message, values)
    # What is printed stays as it is: another name or barcode meanwhile is noticed.
    printed = tuple(
        Shift(name, value, value)
        for name, value in (("name", product.name), ("barcode", product.barcode))
    )
    return BulkRow(product.pk, (product.sku,), printed, effect=effect, details=(product.name,))


register({LABELS: RowPlan(plan=plan_labels, read=read_labels)})


class LabelsForm(BulkForm):
    count = WholeFormField(
        label=_("Labels of each product"), initial=1, min_value=1, max_value=MOST_EACH
    )
    paper = forms.ChoiceField(
        label=_("Paper"), choices=PAPERS, widget=forms.Select({"class": theme.SELECT_CLASS})
    )

    def start_from(self, rows: QuerySet[Any]) -> None:
        field_of(self, "paper", forms.ChoiceField).initial = usual_paper().value

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        """Take as many of the selected products as are printed together."""
        most = max(MOST_LABELS // self.cleaned_data["count"], 1)
        return list(chosen.values_list("pk", flat=True)[:most])

    def values(self) -> dict[str, Any]:
        return {"count": self.cleaned_data["count"], "paper": self.cleaned_data["paper"]}


def start_printing(request: HttpRequest, bulk: BulkRequest, now: datetime) -> HttpResponse:
    """Answer with the labels that were shown, in the order of the list.

    :raises ChangedSinceShownError: if one of the products was deleted, too.
    """
    check_shown(bulk, Act(now, request.user.pk))
    asked = read_labels(bulk.values)
    products = Product.objects.in_bulk(list(bulk.keys))
    if len(products) < len(bulk.keys):
        raise ChangedSinceShownError
    labels = [ProductLabels(products[key], asked.count) for key in bulk.keys]
    return pdf_answer(product_labels(labels, paper=asked.paper), "product-labels")


PRINT_LABELS = ListAction(
    slug="labels",
    code=LABELS,
    label=_("Print labels"),
    form=LabelsForm,
    permission="inventory.view_product",
    words=words,
    columns=(_("SKU"),),
    details=(_("Name"),),
    start=start_printing,
    plan_words=PRINTS,
    template="inventory/labels/products.html",
)
