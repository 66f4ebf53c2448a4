"""Pick lists: a page on which a person fetches shipments by scans, or by typing."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.fields import QuantityFormField
from core.admin.pages import AdminPage, answer
from core.admin.row_choice import RowFilter
from core.admin.theme import (
    ChoicesDropdownFilter,
    RecordAdmin,
    ago_column,
    choice_column,
    quantity_column,
    whole_column,
)
from core.column_limits import row_key
from core.documents.pdf_response import pdf_answer
from fulfillment.admin import shortages
from fulfillment.documents.pick_list import pick_list_document
from fulfillment.models import PickLine, PickList
from fulfillment.operations.picking.pick_lists import (
    NotListedError,
    PackedShipmentError,
    PickListError,
    close,
    pack_picked,
    take_off,
)
from fulfillment.operations.picking.picks import (
    Count,
    CountedMeanwhileError,
    NotOnPickListError,
    PackedPickError,
    PickedAlreadyError,
    TooManyPickedError,
    scan,
    set_picked,
)
from fulfillment.queries.pick_lists import PickListRows, rows_of_list
from fulfillment.release.shipment_actions import CHANGE

NAME = "fulfillment_picklist"
PICK = "fulfillment.change_picklist"
STATE_COLORS = {"OPEN": "info", "CLOSED": "success"}
REFUSALS: dict[type[PickListError], Any] = {
    **shortages.REFUSALS,
    PickedAlreadyError: _("All units of this product are picked already. Nothing was counted."),
    NotListedError: _("The shipment is not on this list any more. Nothing was changed."),
    NotOnPickListError: _("The list has changed. Nothing was saved. Review it and try again."),
    PackedPickError: _("The shipment is packed. Unpack it before you count fewer units."),
    PackedShipmentError: _("The shipment is packed. Unpack it before you take it off."),
    TooManyPickedError: _("More units are entered than a shipment needs. Nothing was saved."),
}
NEXT_SCAN = 22


class ScanForm(forms.Form):
    """One scan; its key is the same however often it is sent."""

    code = forms.CharField(max_length=64)
    key = forms.CharField(max_length=64)


def pick_page(model_admin: AnyPage, request: HttpRequest, key: int) -> HttpResponse:
    """Show a pick list, with the row that is fetched next."""
    pick_list = _pick_list(key)
    rows = rows_of_list(pick_list)
    can_pick = pick_list.state == PickList.State.OPEN and request.user.has_perm(PICK)
    context = {
        "pick_list": pick_list,
        "has_change_permission": False,
        "rows": [_shown(pick) for pick in rows.picks],
        "put_back": [_shown(pick) for pick in rows.put_back],
        "shipments": {
            pick.shipment_id: pick.shipment.number
            for pick in rows.open
            if pick.shipment.packed_at is None
        },
        "can_pack": can_pick and request.user.has_perm(CHANGE),
        "to_pack": _to_pack(rows),
        "progress": _progress(rows),
        "can_pick": can_pick,
        "next_scan": get_random_string(NEXT_SCAN),
    }
    title = gettext("Pick list %(number)s") % {"number": pick_list}
    return answer(model_admin, request, "fulfillment/picking/page.html", title, context)


def take_scan(_admin: AnyPage, request: HttpRequest, pick_list_id: int) -> HttpResponse:
    """Count a scan; a script is answered in JSON, a form with the page."""
    form = ScanForm(request.POST)
    pick, problem = None, gettext("Scan or type a SKU or a barcode.")
    if form.is_valid():
        act = Act(timezone.now(), request.user.pk)
        try:
            pick = scan(pick_list_id, form.cleaned_data["code"], act, key=form.cleaned_data["key"])
        except PickListError as error:
            problem = _problem(error)
    message = problem if pick is None else _counted(pick)
    if "application/json" not in request.headers.get("Accept", ""):
        (messages.error if pick is None else messages.success)(request, message)
        return redirect(f"admin:{NAME}_change", pick_list_id)
    rows = rows_of_list(_pick_list(pick_list_id))
    body: dict[str, Any] = {
        "is_counted": pick is not None,
        "message": message,
        "progress": _progress(rows),
        "put_back": len(rows.put_back),
        "to_pack": _to_pack(rows),
    }
    if pick is not None:
        body |= {
            "pick": pick.pk,
            "picked": formats.input_text(pick.picked_quantity),
            "is_done": pick.picked_quantity >= pick.quantity,
        }
    return JsonResponse(body)


def take_counts(_admin: AnyPage, request: HttpRequest, pick_list_id: int) -> HttpResponse:
    """Keep the numbers of picked units that were typed."""
    field = QuantityFormField(min_value=0)
    counts: dict[int, Count] = {}
    try:
        for name, typed in request.POST.items():
            key = row_key(name.removeprefix("picked-")) if name.startswith("picked-") else None
            if key is not None:
                shown = field.clean(request.POST.get(f"shown-{key}"))
                # What nobody typed another number for is not written.
                if (picked := field.clean(typed)) != shown:
                    counts[key] = Count(picked, shown)
        set_picked(pick_list_id, counts, now=timezone.now())
    except forms.ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except CountedMeanwhileError as error:
        sentence = gettext(
            "Somebody else has counted since: %(count)s. Nothing was saved. "
            "Review it and try again."
        )
        messages.error(request, sentence % {"count": _counted(error.pick)})
    except PickListError as error:
        messages.error(request, _problem(error))
    else:
        pick_list = _pick_list(pick_list_id)
        sentence = gettext("Pick list %(number)s: %(progress)s.")
        values = {"number": pick_list, "progress": _progress(rows_of_list(pick_list))}
        messages.success(request, sentence % values)
    return redirect(f"admin:{NAME}_change", pick_list_id)


def take_shipment_off(_admin: AnyPage, request: HttpRequest, pick_list_id: int) -> HttpResponse:
    """Take the named shipment off the list."""
    shipment = row_key(request.POST.get("shipment", ""))
    try:
        take_off(pick_list_id, [] if shipment is None else [shipment])
    except PickListError as error:
        messages.error(request, _problem(error))
    return redirect(f"admin:{NAME}_change", pick_list_id)


def pack_shipments(_admin: AnyPage, request: HttpRequest, pick_list_id: int) -> HttpResponse:
    """Pack the shipments of which everything is picked."""
    try:
        packed = pack_picked(pick_list_id, Act(timezone.now(), request.user.pk))
    except PickListError as error:
        messages.error(request, _problem(error))
    else:
        if packed:
            count = len(packed)
            sentence = ngettext("Packed %(numbers)s.", "Packed %(count)s: %(numbers)s.", count)
            numbers = ", ".join(one.number for one in packed)
            messages.success(request, sentence % {"count": count, "numbers": numbers})
        else:
            messages.warning(request, gettext("Nothing was packed: the list has changed."))
    return redirect(f"admin:{NAME}_change", pick_list_id)


def close_list(_admin: AnyPage, request: HttpRequest, pick_list_id: int) -> HttpResponse:
    """Close the list."""
    try:
        close(pick_list_id)
    except PickListError as error:
        messages.error(request, _problem(error))
    return redirect(f"admin:{NAME}_change", pick_list_id)


def document(_admin: AnyPage, _request: HttpRequest, pick_list_id: int) -> HttpResponse:
    """Answer with what is left to fetch, as PDF."""
    pick_list = _pick_list(pick_list_id)
    content = pick_list_document(pick_list, rows_of_list(pick_list))
    return pdf_answer(content, f"pick-list-{pick_list.pk}")


def _pick_list(pick_list_id: int) -> PickList:
    return get_object_or_404(PickList.objects.select_related("source"), pk=pick_list_id)


def _problem(error: PickListError) -> str:
    return str(REFUSALS[type(error)])


def _counted(pick: PickLine) -> str:
    line = pick.shipment_line
    return gettext("%(picked)s of %(quantity)s × %(sku)s for %(shipment)s") % {
        "picked": formats.quantity(pick.picked_quantity),
        "quantity": formats.quantity(pick.quantity),
        "sku": line.order_line.sku,
        "shipment": pick.shipment.number,
    }


def _to_pack(rows: PickListRows) -> str:
    """Return how many shipments are picked and not packed yet, in words; empty for none."""
    count = len(rows.picked_shipments)
    sentence = ngettext(
        "%(count)s shipment is picked and not packed yet.",
        "%(count)s shipments are picked and not packed yet.",
        count,
    )
    return sentence % {"count": count} if count else ""


def _progress(rows: PickListRows) -> str:
    values = {
        "picked": formats.quantity(rows.picked),
        "units": formats.quantity(rows.units),
    }
    return gettext("%(picked)s of %(units)s units picked") % values


def _shown(pick: PickLine) -> dict[str, Any]:
    return {
        "pick": pick,
        "line": pick.shipment_line.order_line,
        "barcode": pick.shipment_line.product.barcode or "",
        "quantity": formats.quantity(pick.quantity),
        "picked": formats.input_text(pick.picked_quantity),
        "is_done": not pick.is_open or pick.picked_quantity >= pick.quantity,
    }


PAGES = (
    AdminPage("<int:pick_list_id>/scan/", take_scan, f"{NAME}_scan", "POST", PICK),
    AdminPage("<int:pick_list_id>/counts/", take_counts, f"{NAME}_counts", "POST", PICK),
    AdminPage("<int:pick_list_id>/take-off/", take_shipment_off, f"{NAME}_take_off", "POST", PICK),
    AdminPage("<int:pick_list_id>/short/", shortages.short_page, f"{NAME}_short", permission=PICK),
    AdminPage("<int:pick_list_id>/pack/", pack_shipments, f"{NAME}_pack", "POST", CHANGE),
    AdminPage("<int:pick_list_id>/close/", close_list, f"{NAME}_close", "POST", PICK),
    AdminPage("<int:pick_list_id>/document/", document, f"{NAME}_document", "GET"),
)


@admin.register(PickList)
class PickListAdmin(RecordAdmin):
    pages = PAGES
    list_display = (
        "__str__",
        "source",
        "state_label",
        "shipments",
        "picked",
        "units",
        "created_by",
        "made",
    )
    list_filter = (("state", ChoicesDropdownFilter), ("source", RowFilter))
    list_select_related = ("source", "created_by")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PickList]:
        return PickList.objects.with_counts()

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        return pick_page(self, request, key)

    state_label = choice_column("state", _("state"), STATE_COLORS)
    shipments = whole_column("shipment_count", _("shipments"))
    picked = quantity_column("picked_count", _("picked"))
    units = quantity_column("unit_count", _("units"))
    made = ago_column("created_at", _("made"))
