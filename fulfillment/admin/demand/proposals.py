"""Makes future supply from order proposals, reviewed on one page."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin.bases import AnyPage
from core.admin.fields import QuantityFormField
from core.admin.pages import AdminPage, answer
from core.admin.theme import INPUT_CLASS, Select, TextInput
from core.clock import today
from core.formats import labelled, whole
from core.quantities import ZERO
from fulfillment.admin.demand.page import NAME, ORDER, PAGE_SIZE
from fulfillment.queries.demand import demand_of
from inventory.admin.supply_forms import refuse_past
from inventory.admin.typed_choice import SOURCE, RowChoice
from inventory.models import FutureSupply, Product, Source
from inventory.operations.supply_records import (
    SupplyRecordedError,
    outstanding_units,
    record_supplies,
)
from inventory.operations.whole_units import FractionError

CONFIRM = "confirm"
LARGEST_KEY = 2**63 - 1
LONGEST_KEY = 19


class ProposalForm(forms.Form):
    """Units of one product to order for one source; empty or 0 orders none.

    ``coming`` is what the page counted as outstanding of the product.
    """

    product = forms.IntegerField(
        min_value=1, max_value=LARGEST_KEY, widget=forms.HiddenInput, localize=False
    )
    coming = forms.DecimalField(widget=forms.HiddenInput, localize=False)
    source = RowChoice(
        Source.objects.order_by("code"),
        lookup=SOURCE,
        label=_("Source"),
        to_field_name="code",
        widget=Select,
    )
    quantity = QuantityFormField(label=_("Units to order"), required=False, min_value=ZERO)
    expected_on = forms.DateField(
        label=_("Expected on"),
        required=False,
        widget=forms.DateInput({"type": "date", "class": INPUT_CLASS}, format="%Y-%m-%d"),
    )

    def clean_expected_on(self) -> date | None:
        return refuse_past(self.cleaned_data["expected_on"])


class ReferenceForm(forms.Form):
    """What the supply is known by."""

    reference = forms.CharField(
        label=_("Reference"),
        help_text=_("For instance the purchase order."),
        max_length=100,
        required=False,
        widget=TextInput,
    )


ProposalForms = forms.formset_factory(
    ProposalForm, extra=0, max_num=4 * PAGE_SIZE, absolute_max=4 * PAGE_SIZE
)


def order_page(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Show the proposals of the selected products; record the supply once that is confirmed."""
    if request.POST.get("step") != CONFIRM:
        chosen = _selected(request.POST.getlist("product"))
        lines = list(_proposals(chosen))
        if not lines:
            messages.warning(request, gettext("Select products that an order is proposed for."))
            return redirect(f"admin:{NAME}")
        return _shown(admin, request, ProposalForms(initial=lines), ReferenceForm())
    rows, reference = ProposalForms(request.POST), ReferenceForm(request.POST)
    if not (rows.is_valid() and reference.is_valid()):
        return _shown(admin, request, rows, reference)
    entered = [values for values in rows.cleaned_data if values.get("quantity")]
    if not entered:
        error = gettext("Enter the units to order.")
        return _shown(admin, request, rows, reference, error=error)
    known = Product.objects.in_bulk({values["product"] for values in entered})
    if len(known) < len({values["product"] for values in entered}):
        messages.warning(request, gettext("A product was deleted. Review the demand again."))
        return redirect(f"admin:{NAME}")
    try:
        record_supplies(
            [_supply(values, reference.cleaned_data["reference"]) for values in entered],
            coming={values["product"]: values["coming"] for values in entered},
        )
    except SupplyRecordedError as stale:
        sentence = gettext(
            "Incoming supply of these products has changed: %(skus)s. Nothing was ordered. "
            "Review the demand again."
        )
        messages.warning(request, sentence % {"skus": ", ".join(stale.skus)})
        return redirect(f"admin:{NAME}")
    except FractionError as refused:
        return _shown(admin, request, rows, reference, error=str(refused))
    sentence = ngettext(
        "Recorded %(count)s future supply.", "Recorded %(count)s future supplies.", len(entered)
    )
    messages.success(request, sentence % {"count": whole(len(entered))})
    return redirect("admin:inventory_futuresupply_changelist")


ORDER_PAGE = AdminPage("demand/order/", order_page, f"{NAME}_order", "POST", ORDER)


def _selected(texts: Iterable[str]) -> list[int]:
    keys = [int(text) for text in texts if _is_key(text)]
    known = Product.objects.filter(pk__in=keys[:PAGE_SIZE])
    return list(known.order_by("sku").values_list("pk", flat=True))


def _proposals(product_ids: list[int]) -> Iterable[dict[str, Any]]:
    coming = outstanding_units(product_ids)
    for row in demand_of(product_ids, today=today()):
        for line in row.lines:
            yield {
                "product": row.product.pk,
                "coming": coming.get(row.product.pk, ZERO),
                "source": line.source_code,
                "quantity": line.quantity,
                "expected_on": line.expected_on,
            }


def _supply(values: dict[str, Any], reference: str) -> FutureSupply:
    return FutureSupply(
        product_id=values["product"],
        source=values["source"],
        quantity=values["quantity"],
        expected_on=values["expected_on"],
        reference=reference,
    )


def _shown(
    admin: AnyPage, request: HttpRequest, rows: Any, reference: ReferenceForm, *, error: str = ""
) -> HttpResponse:
    keys = [str(form["product"].value()) for form in rows]
    known = Product.objects.in_bulk([int(key) for key in keys if _is_key(key)])
    lines = [
        (form, known.get(int(key)) if _is_key(key) else None)
        for form, key in zip(rows, keys, strict=True)
    ]
    for form, product in lines:
        for field in form.visible_fields():
            field.field.widget.attrs["aria-label"] = labelled(field.label, product or "")
    context = {
        "rows": rows,
        "lines": lines,
        "reference": reference,
        "error": error,
        "media": rows.media,
    }
    title = gettext("Review order proposals")
    return answer(admin, request, "fulfillment/demand/order.html", title, context)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < LONGEST_KEY
