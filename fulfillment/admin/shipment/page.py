"""The page of one shipment, with its actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core import formats
from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.notes import notes_context, take_note
from core.admin.pages import answer
from core.clock import this_moment
from core.column_limits import row_key
from fulfillment.admin.reasons import sentences
from fulfillment.admin.review.panel import panel_context
from fulfillment.admin.shipment.action_results import ActionResult, result_in_words
from fulfillment.admin.shipment.actions import (
    OFFERS,
    PACK,
    PRIMARY,
    RELEASE,
    SET_ASIDE,
    SHIP,
    actions_on,
    offer_of,
)
from fulfillment.admin.shipment.parcels import TypedParcel, parcels_context
from fulfillment.admin.shipment.wording import (
    allocation_in_words,
    changes_since,
    event_in_words,
    events_since,
    facts_in,
    mark_of,
)
from fulfillment.models import (
    DelayRequest,
    ReleaseRun,
    Shipment,
    ShipmentEvent,
    ShipmentLine,
    ShipmentNote,
    SourceBar,
)
from fulfillment.operations.moves.packing_slips import can_have_slip
from fulfillment.operations.shipments.complete_orders import waits_for_rest
from fulfillment.operations.shipments.locking import StaleShipmentError
from fulfillment.operations.shipments.parcel_facts import ParcelRefusedError
from fulfillment.queries.delay_requests import delay_requests_about
from fulfillment.queries.pick_lists import picked_at
from fulfillment.queries.shipment_page import (
    FamilyMember,
    events_of,
    family_of,
    lines_with_allocations,
)
from fulfillment.release.runs.dispatch import ReleaseBusyError
from fulfillment.release.runs.one_shipment import NotCoveredError, NothingReleasedError
from fulfillment.release.runs.part_release import has_units_there
from fulfillment.release.shipment_actions import BY_CODE, CHANGE, RUN
from fulfillment.review.bulk import REFUSALS
from fulfillment.review.effects import refusal, stays
from inventory.operations.whole_units import FractionError
from orders.models import OrderEmail, OrderLine, Payment
from orders.permissions import CHANGE as CHANGE_ORDER
from orders.permissions import TAKE_BACK
from orders.queries.addresses import shipped_address
from orders.queries.units_out import units_out
from orders.refusals import StaleError

# What is missing, and the supply of it, is said where the page says why it waits.
FACTS = ("age", "priority", "expires")
RELEASE_REFUSALS = (NotCoveredError, NothingReleasedError, ReleaseBusyError)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An action that was refused: its code, the form as typed, and the reason."""

    code: str
    form: forms.Form
    problem: str
    is_stale: bool = False


def shipment_page(
    admin: AnyPage,
    request: HttpRequest,
    shipment_id: int,
    attempt: Attempt | None = None,
    *,
    typed_parcel: TypedParcel | None = None,
) -> HttpResponse:
    """Show a shipment, its history, and the actions that it allows."""
    shipment = _shipment(shipment_id)
    lines = [_line(line) for line in lines_with_allocations().filter(shipment=shipment)]
    events = events_of(shipment)
    family = family_of(shipment)
    timeline = [event_in_words(event) for event in events]
    panel = panel_context(shipment.pk, this_moment(), request.user, facts_shown=FACTS)
    offers = _offers(
        request, shipment, attempt, can_be_released=panel.get("is_released_next", True)
    )
    context = {
        "has_change_permission": admin.has_change_permission(request, shipment),
        "shipment": shipment,
        "picked_at": vars(shipment)["picked_at"],
        "has_slip": can_have_slip(shipment) and request.user.has_perm(CHANGE),
        "return_url": _return_address(request, shipment),
        "has_part": request.user.has_perm(RUN) and has_units_there(shipment),
        "version": shipment.version,
        "seen": mark_of(shipment, events),
        "panel": panel,
        "address": shipped_address(shipment.order, shipment.shipped_to),
        "lines": lines,
        "has_ended": any(line["ended"] for line in lines),
        "family": family,
        "bars": SourceBar.objects.shown().filter(shipment=shipment),
        **notes_context(shipment.notes.all(), address=_note_address(request, shipment)),
        **parcels_context(shipment, may_change=request.user.has_perm(CHANGE), typed=typed_parcel),
        "events": timeline,
        "date_changes": [event for event in timeline if event["moves_date"]],
        "emails": _visible(request, "orders.view_orderemail", OrderEmail, shipment),
        "delays": _delays(request, family),
        "payments": _visible(request, "orders.view_payment", Payment, shipment),
        "actions": offers,
        "lets_go": _lets_go(request, shipment),
        **_grouped(offers, shipment),
        "attempt": attempt,
        "since": _since(request, shipment, events) if attempt and attempt.is_stale else {},
    }
    return answer(admin, request, "fulfillment/shipment/page.html", shipment.number, context)


def _return_address(request: HttpRequest, shipment: Shipment) -> str:
    """Return where units of a shipment that left are taken back; "" where none are."""
    has_left = shipment.state == Shipment.State.FULFILLED
    if not (has_left and request.user.has_perm(TAKE_BACK)):
        return ""
    out = units_out(OrderLine.objects.filter(order=shipment.order_id))
    numbers = {part.shipment_number for parts in out.values() for part in parts}
    if shipment.number not in numbers:
        return ""
    page = reverse("admin:orders_order_take_back", args=[shipment.order_id])
    return f"{page}?{urlencode({'shipment': shipment.number})}"


def _note_address(request: HttpRequest, shipment: Shipment) -> str:
    """Return where a note is sent; "" for people who may write none."""
    if not request.user.has_perm(CHANGE):
        return ""
    return reverse("admin:fulfillment_shipment_note", args=[shipment.pk])


def add_note(admin: AnyPage, request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Keep a note on a shipment."""
    shipment = get_object_or_404(Shipment, pk=shipment_id)
    return take_note(request, shipment, partial(ShipmentNote, shipment=shipment))


def _lets_go(request: HttpRequest, shipment: Shipment) -> str:
    """Return where what is ready of the order is let go; "" where it waits for no rest."""
    if not waits_for_rest(shipment) or not request.user.has_perm(CHANGE_ORDER):
        return ""
    return reverse("admin:orders_order_task", args=[shipment.order_id, "ship-ready"])


def _grouped(offers: list[dict[str, Any]], shipment: Shipment) -> dict[str, Any]:
    """Return the primary offer, the others, and those that cannot be undone.

    A shipment that is ready leaves whole by the primary button; what leaves of it in parts is
    named in the form among the others. For pickup it is set aside first, by one click too. It is
    packed by one click beside the primary button. What
    waits for the rest of its order has none: nothing is to be done about it here.
    """
    codes = () if waits_for_rest(shipment) else PRIMARY
    by_code = {offer["code"]: offer for offer in offers}
    primary = next((by_code[code] for code in codes if code in by_code), None)
    ships_whole = primary is not None and primary["code"] == SHIP
    is_one_click = primary is not None and primary["code"] in {SHIP, SET_ASIDE}
    packing = by_code.get(PACK)
    rest = [
        offer for offer in offers if offer is not packing and (ships_whole or offer is not primary)
    ]
    return {
        "packing": packing,
        "primary": primary,
        "ships_whole": ships_whole,
        "is_one_click": is_one_click,
        "others": [offer for offer in rest if not offer["action"].is_final],
        "dangers": [offer for offer in rest if offer["action"].is_final],
    }


def act(admin: AnyPage, request: HttpRequest, shipment_id: int, code: str) -> HttpResponse:
    """Do one thing to a shipment, on the version that the person saw."""
    action = BY_CODE.get(code)
    if action is None or not request.user.has_perm(action.permission):
        raise PermissionDenied
    shipment = _shipment(shipment_id)
    version = row_key(request.POST.get("version", "")) or 0
    form = OFFERS[code].form(request.POST, shipment=shipment, prefix=code)
    if not form.is_valid():
        is_stale = version != shipment.version
        attempt = Attempt(code, form, _("Correct the marked fields."), is_stale=is_stale)
        return shipment_page(admin, request, shipment_id, attempt)
    try:
        arguments = form.arguments()
        act = Act(timezone.now(), request.user.pk, arguments.pop("reason", ""))
        made = action.make(shipment, act, **arguments, expected_version=version)
    except (*REFUSALS, *RELEASE_REFUSALS, FractionError) as error:
        is_stale = isinstance(error, (StaleShipmentError, StaleError))
        attempt = Attempt(code, form, problem_of(error), is_stale=is_stale)
        return shipment_page(admin, request, shipment_id, attempt)
    if isinstance(made, ReleaseRun):
        return redirect("admin:fulfillment_releaserun_change", made.pk)
    result = ActionResult(_shipment(shipment_id), made, arguments)
    messages.success(request, result_in_words(code, result))
    return redirect("admin:fulfillment_shipment_change", shipment_id)


def problem_of(error: Exception) -> str:
    """Return why it was refused, in a sentence."""
    match error:
        case NotCoveredError():
            short = " ".join(sentences(error.detail))
            return _("There are not enough units, even ahead of the queue. %(short)s") % {
                "short": short
            }
        case NothingReleasedError() if not error.detail["shortages"]:
            why = stays(is_promised=error.is_promised, has_failed=error.has_failed).sentence
            return _("Nothing was released. %(why)s") % {"why": why}
        case NothingReleasedError():
            why = " ".join(sentences(error.detail))
            return _("Nothing was released, because units are missing. %(why)s") % {"why": why}
        case FractionError():
            return str(error)
        case ParcelRefusedError():
            return formats.filled(error.message, error.values)
        case ReleaseBusyError():
            return _("Another release run is going on. Try again in a while.")
    return refusal(error).sentence


def _shipment(shipment_id: int) -> Shipment:
    shipments = Shipment.objects.with_names().select_related("parent")
    return get_object_or_404(shipments.annotate(picked_at=picked_at()), pk=shipment_id)


def _visible(request: HttpRequest, permission: str, model: Any, shipment: Shipment) -> list[Any]:
    """Return the rows of the shipment's order, if this person may view them."""
    if not request.user.has_perm(permission):
        return []
    return list(model.objects.filter(order=shipment.order_id).order_by("-pk"))


def _delays(request: HttpRequest, family: Sequence[FamilyMember]) -> Sequence[DelayRequest]:
    """Return the delay requests about units that the shipments share, if this person may view."""
    if not request.user.has_perm("fulfillment.view_delayrequest"):
        return ()
    return delay_requests_about([branch.shipment for branch in family])


def _since(request: HttpRequest, shipment: Shipment, events: list[ShipmentEvent]) -> dict[str, Any]:
    """Return the changes and events since the form that was sent was opened."""
    seen = facts_in(request.POST.get("seen", ""))
    return {
        "is_known": bool(seen),
        "changes": changes_since(seen, shipment),
        "events": [event_in_words(event) for event in events_since(seen, events)],
    }


def _line(line: ShipmentLine) -> dict[str, Any]:
    ended = (
        (_("moved to other shipments"), line.moved_quantity),
        (_("canceled"), line.canceled_quantity),
        (_("refunded"), line.refunded_quantity),
    )
    return {
        "line": line,
        "quantity": formats.quantity(line.quantity),
        "original": formats.quantity(line.original_quantity),
        "ended": [f"{formats.quantity(units)} {what}" for what, units in ended if units],
        "held": [allocation_in_words(allocation) for allocation in line.allocations.all()],
    }


def _offers(
    request: HttpRequest, shipment: Shipment, attempt: Attempt | None, *, can_be_released: bool
) -> list[dict[str, Any]]:
    """Return the actions on offer, with their forms; no release where the page rules one out.

    The one that was attempted, or that the address names, is open.
    """
    offered = [
        action
        for action in actions_on(shipment, request)
        if action.code != RELEASE or can_be_released
    ]
    tried = {} if attempt is None else {attempt.code: attempt.form}
    for code, form in tried.items():
        # What was typed is not lost, though the shipment no longer allows it.
        if BY_CODE[code] not in offered and (code != RELEASE or form.errors):
            offered.insert(0, BY_CODE[code])
    asked = next(iter(tried), request.GET.get("do", ""))
    return [
        {
            "action": action,
            "code": action.code,
            "label": offer_of(action.code, shipment).label,
            "note": offer_of(action.code, shipment).note,
            "form": tried.get(action.code)
            or OFFERS[action.code].form(shipment=shipment, prefix=action.code),
            "is_open": action.code == asked,
        }
        for action in offered
    ]
