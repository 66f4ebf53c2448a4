"""The page of inconsistencies of the books, with their correction."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from core import formats
from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.pages import AdminPage, answer
from core.quantities import format_quantity
from fulfillment.operations.upkeep.counter_correction import (
    WrongCounter,
    recount,
    wrong_counters,
)
from inventory.models import Reservation
from orders.inconsistencies import LineInconsistency, compensate_lines, inconsistent_lines

VIEW = "inventory.view_reservation"
APPLY = "inventory.add_reservation"


def inconsistencies_page(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """List inconsistencies; correct the selected ones."""
    if request.method == "POST":
        if not request.user.has_perm(APPLY):
            raise PermissionDenied
        _apply(request)
        return redirect("admin:fulfillment_inconsistencies")
    context = {
        "opts": Reservation._meta,
        "lines": [_line_row(line) for line in inconsistent_lines()],
        "counters": [_counter_row(counter) for counter in wrong_counters()],
        "may_apply": request.user.has_perm(APPLY),
    }
    title = gettext("Inconsistencies")
    return answer(admin, request, "fulfillment/inconsistencies.html", title, context)


INCONSISTENCIES = AdminPage(
    "inconsistencies/", inconsistencies_page, "fulfillment_inconsistencies", permission=VIEW
)


def _apply(request: HttpRequest) -> None:
    """Correct the selected inconsistencies that are still as they were shown."""
    posted = {name: set(request.POST.getlist(name)) for name in ("line", "counter")}
    found = {_line_value(line): line for line in inconsistent_lines()}
    lines = {
        found[value].order_line_id: found[value].compensation
        for value in found.keys() & posted["line"]
    }
    keys = [
        counter.key for counter in wrong_counters() if _counter_value(counter) in posted["counter"]
    ]
    compensated = compensate_lines(lines, Act(timezone.now(), actor_id=request.user.pk))
    recounted = recount(keys)
    done = len(compensated.lines) + len(recounted.keys)
    sentence = ngettext(
        "Corrected %(count)s inconsistency.", "Corrected %(count)s inconsistencies.", done
    )
    messages.success(request, sentence % {"count": done})
    if compensated.stale_line_ids or posted["line"] - found.keys():
        messages.warning(
            request,
            gettext("Lines that changed in the meantime were not corrected. Review them again."),
        )
    if recounted.refused:
        messages.error(
            request,
            gettext("Count the units at the source before you correct this counter."),
        )


def _line_row(line: LineInconsistency) -> dict[str, Any]:
    return {
        "line": line,
        "value": _line_value(line),
        "reserved": formats.quantity(line.reserved),
        "open": formats.quantity(line.open_quantity),
        "compensation": formats.quantity(line.compensation),
    }


def _counter_row(counter: WrongCounter) -> dict[str, Any]:
    return {
        "counter": counter,
        "value": _counter_value(counter),
        "kind": counter.key.kind.label,
        "kept": formats.quantity(counter.kept),
        "counted": formats.quantity(counter.counted),
    }


def _line_value(line: LineInconsistency) -> str:
    return f"{line.order_line_id}:{format_quantity(line.compensation)}"


def _counter_value(counter: WrongCounter) -> str:
    key = counter.key
    return f"{key.kind}:{key.product_id}:{key.holder_id}:{key.pickup_id or ''}"
