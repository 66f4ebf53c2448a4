"""Units that are missing on a pick list: what their count would do, then the count."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.access_limits import writing
from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.fields import QuantityFormField
from core.admin.pages import answer
from fulfillment.models import PickList
from fulfillment.operations.picking.pick_lists import ClosedPickListError, PickListError
from fulfillment.operations.picking.picks import UnknownCodeError, product_to_pick
from fulfillment.operations.picking.shortages import (
    FoundTooManyError,
    NotShortError,
    PickShortage,
    ShortCountRefusedError,
    ShortOutcome,
    report_short,
)
from inventory.operations.whole_units import FractionError

TEMPLATE = "fulfillment/picking/short.html"
REFUSALS: dict[type[PickListError], Any] = {
    ClosedPickListError: _("The pick list is closed. Nothing was counted."),
    UnknownCodeError: _("No product on this list has this SKU or barcode. Nothing was counted."),
    NotShortError: _("No unit of this product is missing on the list. Nothing was counted."),
}


class ShortForm(forms.Form):
    """What was found of a product."""

    code = forms.CharField(label=_("SKU or barcode"), max_length=64)
    found = QuantityFormField(
        label=_("Found"), min_value=0, help_text=_("Units for this list that are not picked yet.")
    )
    left = QuantityFormField(
        label=_("Left at the source"),
        min_value=0,
        required=False,
        help_text=_("Other units of the product that are there. Empty: none."),
    )


def short_page(model_admin: AnyPage, request: HttpRequest, pick_list_id: int) -> HttpResponse:
    """Show what the count of a product would do (GET), or count it as shown (POST)."""
    pick_list = get_object_or_404(PickList.objects.select_related("source"), pk=pick_list_id)
    is_confirmed = request.method == "POST"
    given = request.POST if is_confirmed else request.GET
    form = ShortForm(given if "found" in given else None, initial={"code": given.get("code", "")})
    context: dict[str, Any] = {"pick_list": pick_list, "form": form}
    if form.is_valid():
        try:
            with writing(), transaction.atomic():
                outcome = _report(pick_list, form.cleaned_data, request)
                is_seen = is_confirmed and request.POST.get("shown") == _stamp(outcome)
                transaction.set_rollback(not is_seen)
        except (PickListError, FractionError) as error:
            form.add_error(*_problem(error))
        else:
            if is_seen:
                return _done(request, pick_list, form.cleaned_data["code"], outcome)
            if is_confirmed:
                changed = gettext("This has changed since. Nothing was counted. Review it again.")
                messages.error(request, changed)
            context |= {"outcome": outcome, "shown": _stamp(outcome)}
    title = gettext("Units missing on pick list %(number)s") % {"number": pick_list}
    return answer(model_admin, request, TEMPLATE, title, context)


def _report(pick_list: PickList, typed: dict[str, Any], request: HttpRequest) -> ShortOutcome:
    product_id = product_to_pick(pick_list.pk, typed["code"])
    shortage = PickShortage(product_id, typed["found"], typed["left"] or Decimal(0))
    return report_short(pick_list.pk, shortage, Act(timezone.now(), request.user.pk))


def _stamp(outcome: ShortOutcome) -> str:
    """Return what a person is shown, so that nothing else is done."""
    counts = f"{outcome.counted_before.normalize():f} {outcome.counted.normalize():f}"
    return " ".join([counts, *outcome.waiting])


def _problem(error: Exception) -> tuple[str | None, str]:
    """Return the field that a refusal is about, and its words."""
    match error:
        case FoundTooManyError(missing=missing):
            sentence = gettext("The list misses %(units)s units. No more can be found for it.")
            return "found", sentence % {"units": formats.quantity(missing)}
        case FractionError() | ShortCountRefusedError():
            return None, str(error)
    return None, str(REFUSALS[type(error)])  # type: ignore[index]


def _done(
    request: HttpRequest, pick_list: PickList, code: str, outcome: ShortOutcome
) -> HttpResponse:
    sentence = gettext("%(sku)s at %(source)s: %(before)s → %(after)s.") % {
        "sku": code,
        "source": pick_list.source.code,
        "before": formats.quantity(outcome.counted_before),
        "after": formats.quantity(outcome.counted),
    }
    messages.success(request, sentence)
    if outcome.waiting:
        waiting = gettext("These shipments wait again: %(numbers)s")
        messages.warning(request, waiting % {"numbers": ", ".join(outcome.waiting)})
    return redirect("admin:fulfillment_picklist_change", pick_list.pk)
