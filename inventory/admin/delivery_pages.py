"""The pages of deliveries: the open ones, the sheet of one, its preview, what was received."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.acts import Act
from core.admin import theme
from core.admin.pages import AdminPage, answer
from core.formats import whole
from inventory.admin.delivery_file import NoteRefusedError, sheet_from_file
from inventory.admin.delivery_labels import LABELS, label_context, labels_view
from inventory.admin.delivery_sheet import (
    DeliverySheet,
    DeliverySourceForm,
    opened_sheet,
    posted_sheet,
)
from inventory.admin.file_lists import ACCEPTED
from inventory.admin.import_page import problems_in_words
from inventory.files.findings import FileError, RowProblem
from inventory.models import Delivery, Source
from inventory.operations.deliveries import (
    MOST_LINES,
    DeliveryChangedError,
    NothingReceivedError,
    ShipmentsChangedError,
    TooManyLinesError,
    preview_delivery,
    receive_delivery,
)
from inventory.operations.future_supply import SupplyMovedError
from inventory.operations.receipts import AlreadyReceivedError
from inventory.operations.whole_units import FractionError
from inventory.queries.deliveries import open_deliveries

RECEIVE = "inventory.receive_futuresupply"
NAME = "admin:inventory_futuresupply"
BOOKED = _("This delivery was received already. Nothing was booked a second time.")
NOTHING = _("Enter the units that came, or that nothing more will come of a line.")
NOTHING_ENTERED = _(
    "Some rows of the file are wrong. Nothing was entered. Correct them and upload it again."
)
SHIPMENTS_CHANGED = _("The affected shipments have changed. Review them again.")
JUST_PROMISED = _(
    "Some of these units were just promised. Nothing was changed. Review and try again."
)
LATEST = 10
Problems = Sequence[Mapping[str, object]]


def delivery_url(*, reference: str = "", source: str = "") -> str:
    """Return the address of the page of a delivery."""
    named = {key: text for key, text in (("reference", reference), ("source", source)) if text}
    return f"{reverse(f'{NAME}_delivery')}?{urlencode(named)}"


def deliveries_view(admin: theme.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show what is to come, to be opened by one click, by typing, or by a scan of its reference."""
    return _open_page(admin, request)


def _open_page(
    admin: theme.ModelAdmin, request: HttpRequest, *, error: str = "", problems: Problems = ()
) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    rows = [
        (row, delivery_url(reference=row.reference, source=row.source_code))
        for row in open_deliveries(words=words)
    ]
    received = Delivery.objects.select_related("source", "received_by").order_by("-pk")[:LATEST]
    context = {
        "media": admin.media,
        "words": words,
        "rows": rows,
        "received": [(row, received_url(row)) for row in received],
        "source": DeliverySourceForm()["source"],
        "open_url": reverse(f"{NAME}_delivery"),
        "error": error,
        "problems": problems,
        "accepted": ACCEPTED,
    }
    title = gettext("Receive a delivery")
    return answer(admin, request, "inventory/deliveries/open.html", title, context)


def delivery_view(admin: theme.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show the sheet of a delivery; take scans; show what would be done; do it once confirmed."""
    start = HttpResponseRedirect(reverse(f"{NAME}_deliveries"))
    if request.method == "POST":
        sheet = posted_sheet(request.POST)
        if request.POST.get("step") == "file" or (sheet and "file" in request.FILES):
            return _filled(admin, request, sheet)
        return start if sheet is None else _posted(admin, request, sheet)
    reference = request.GET.get("reference", "").strip()[:100]
    code = request.GET.get("source", "").strip()
    source = Source.objects.filter(code=code).first() if code else None
    if code and source is None:
        messages.error(request, gettext("No source has the code “%(code)s”.") % {"code": code})
        return start
    if not reference and source is None:
        return start
    sheet = opened_sheet(reference, source)
    if error := _too_many(sheet):
        messages.error(request, error)
        return start
    return _sheet_page(admin, request, sheet)


def _too_many(sheet: DeliverySheet) -> str:
    """Return why a delivery cannot be received together; empty where it can."""
    if len(sheet.lines) <= MOST_LINES:
        return ""
    told = gettext(
        "This delivery has %(count)s open lines. At most %(most)s can be received together. "
        "Open it by its reference and its source."
    )
    return told % {"count": whole(len(sheet.lines)), "most": MOST_LINES}


def _filled(
    admin: theme.ModelAdmin, request: HttpRequest, sheet: DeliverySheet | None
) -> HttpResponse:
    """Show the sheet with the units of a file, or what is wrong with the file."""
    problems: Sequence[RowProblem] = ()
    try:
        filled = sheet_from_file(request.FILES.get("file"), sheet)
        error = _too_many(filled)
    except FileError as refused:
        error = formats.filled(refused.message, refused.values)
    except NoteRefusedError as refused:
        error, problems = str(NOTHING_ENTERED), refused.problems
    if not error:
        return _sheet_page(admin, request, filled)
    if sheet is None:
        return _open_page(admin, request, error=error, problems=problems_in_words(problems))
    sheet.read()
    return _sheet_page(admin, request, sheet, error=error, problems=problems_in_words(problems))


def received_view(admin: theme.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show what was received, to be printed."""
    key = request.GET.get("delivery", "")
    found = Delivery.objects.select_related("source", "received_by")
    delivery = found.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    if delivery is None:
        return HttpResponseRedirect(reverse(f"{NAME}_changelist"))
    context = {
        "media": admin.media,
        "delivery": delivery,
        "outcome": {**delivery.outcome, "lines": _lines_of(delivery)},
        **label_context(delivery),
        "may_receive": request.user.has_perm(RECEIVE),
        "deliveries_url": reverse(f"{NAME}_deliveries"),
    }
    title = gettext("Delivery %(name)s") % {"name": str(delivery)}
    return answer(admin, request, "inventory/deliveries/received.html", title, context)


def received_url(delivery: Delivery) -> str:
    return f"{reverse(f'{NAME}_received')}?delivery={delivery.pk}"


class DeliveryPages(theme.ModelAdmin):
    """Adds the pages of deliveries to the list of future supply."""

    list_before_template = "inventory/deliveries/list_link.html"

    class Media:
        css = {"all": ["inventory/deliveries.css"]}

    pages = (
        AdminPage(
            "deliveries/",
            deliveries_view,
            "inventory_futuresupply_deliveries",
            method="GET",
            permission=RECEIVE,
        ),
        AdminPage(
            "delivery/", delivery_view, "inventory_futuresupply_delivery", permission=RECEIVE
        ),
        AdminPage("received/", received_view, "inventory_futuresupply_received", method="GET"),
        AdminPage("labels/", labels_view, LABELS, method="GET"),
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        url = reverse(f"{NAME}_deliveries") if request.user.has_perm(RECEIVE) else ""
        return super().changelist_view(request, {"deliveries_url": url, **(extra_context or {})})


def _posted(admin: theme.ModelAdmin, request: HttpRequest, sheet: DeliverySheet) -> HttpResponse:
    step = request.POST.get("step", "scan")
    code = request.POST.get("code", "").strip()
    if booked := Delivery.objects.filter(token=sheet.token).first():
        messages.info(request, BOOKED)
        return HttpResponseRedirect(received_url(booked))
    if step == "fill":
        sheet.fill()
    elif step in ("review", "confirm"):
        return _reviewed(admin, request, sheet, is_confirmed=step == "confirm")
    elif code:
        form = DeliverySourceForm(request.POST)
        error = sheet.scan(code, form.cleaned_data["source"] if form.is_valid() else None)
        sheet.read()
        return _sheet_page(admin, request, sheet, code=code if error else "", error=error)
    sheet.read()
    return _sheet_page(admin, request, sheet)


def _reviewed(
    admin: theme.ModelAdmin, request: HttpRequest, sheet: DeliverySheet, *, is_confirmed: bool
) -> HttpResponse:
    """Show what receiving would do, or do it where just that was shown and confirmed."""
    sheet.read()
    if not sheet.is_right:
        return _sheet_page(admin, request, sheet, is_asked=True)
    act = Act(timezone.now(), request.user.pk)
    content = sheet.content()
    try:
        if is_confirmed:
            receive_delivery(content, act, affected=request.POST.get("affected", ""))
            booked = Delivery.objects.get(token=sheet.token)
            messages.success(request, _result(booked))
            return HttpResponseRedirect(received_url(booked))
        outcome = preview_delivery(content, act)
    except AlreadyReceivedError:
        messages.info(request, BOOKED)
        return HttpResponseRedirect(received_url(Delivery.objects.get(token=sheet.token)))
    except ShipmentsChangedError:
        messages.warning(request, SHIPMENTS_CHANGED)
        outcome = preview_delivery(content, act)
    except DeliveryChangedError as error:
        skus = ", ".join(sheet.show_again(error.supply_ids))
        told = gettext(
            "Units of these products were received or changed since this page was shown: "
            "%(skus)s. Nothing was received. Review the outstanding units."
        )
        return _sheet_page(admin, request, sheet, error=told % {"skus": skus})
    except (NothingReceivedError, SupplyMovedError, TooManyLinesError, FractionError) as error:
        return _sheet_page(admin, request, sheet, error=_refusal(error))
    context = {
        "media": admin.media,
        "sheet": sheet,
        "outcome": outcome,
    }
    title = gettext("Review delivery %(name)s") % {"name": sheet.title}
    return answer(admin, request, "inventory/deliveries/review.html", title, context)


def _refusal(error: Exception) -> str:
    if isinstance(error, NothingReceivedError):
        return str(NOTHING)
    if isinstance(error, TooManyLinesError):
        told = gettext("At most %(most)s lines can be received together. Leave some for later.")
        return told % {"most": MOST_LINES}
    return str(JUST_PROMISED) if isinstance(error, SupplyMovedError) else str(error)


def _result(delivery: Delivery) -> str:
    """Return what was received, with how many lines and shipments."""
    lines, ready = len(delivery.outcome["lines"]), len(delivery.outcome["ready"])
    received = ngettext(
        "Received %(count)s line of %(name)s.", "Received %(count)s lines of %(name)s.", lines
    ) % {"count": whole(lines), "name": str(delivery)}
    if not ready:
        return received
    became = ngettext(
        "%(count)s shipment became ready.", "%(count)s shipments became ready.", ready
    ) % {"count": whole(ready)}
    return f"{received} {became}"


def _sheet_page(
    admin: theme.ModelAdmin,
    request: HttpRequest,
    sheet: DeliverySheet,
    *,
    code: str = "",
    error: str = "",
    is_asked: bool = False,
    problems: Problems = (),
) -> HttpResponse:
    used = {line.source.code for line in sheet.lines}
    code_of_source = min(used) if len(used) == 1 else request.POST.get("source", "")
    context: dict[str, Any] = {
        "media": admin.media,
        "sheet": sheet,
        "code": code,
        "error": error,
        "is_asked": is_asked,
        "problems": problems,
        "accepted": ACCEPTED,
        "source": None
        if sheet.source
        else DeliverySourceForm(initial={"source": code_of_source})["source"],
        "back": reverse(f"{NAME}_deliveries"),
    }
    title = gettext("Receive %(name)s") % {"name": sheet.title}
    return answer(admin, request, "inventory/deliveries/sheet.html", title, context)


def _lines_of(delivery: Delivery) -> list[dict[str, Any]]:
    """Return the lines that were received, with their units as numbers."""
    units = ("received", "set_aside", "on_hand", "outstanding")
    return [
        {**line, **{name: Decimal(line[name]) for name in units}}
        for line in delivery.outcome["lines"]
    ]
