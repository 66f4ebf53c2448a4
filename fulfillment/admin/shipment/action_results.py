"""What an action on a shipment did, in a sentence with links."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin.message_links import link_to, with_links
from core.formats import day, plural_of, quantity, whole
from core.quantities import ZERO
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.shipments.complete_orders import waits_for_rest


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The shipment as it is after the action, what the action returned, and what was typed."""

    shipment: Shipment
    made: Any
    values: Mapping[str, Any]


def result_in_words(code: str, result: ActionResult) -> SafeString:
    """Return the result of the action with this code, with a link to the shipment."""
    sentence, values = RESULTS[code](result)
    return with_links(sentence, **{"shipment": link_to(result.shipment), **values})


Words = tuple[str, dict[str, object]]


def _shipped(result: ActionResult) -> Words:
    left: Shipment = result.made
    units = _units(left)
    sentence = (
        ngettext(
            "Handed over %(units)s unit at %(source)s: %(shipment)s.",
            "Handed over %(units)s units at %(source)s: %(shipment)s.",
            plural_of(units),
        )
        if left.is_pickup
        else ngettext(
            "Shipped %(units)s unit from %(source)s: %(shipment)s.",
            "Shipped %(units)s units from %(source)s: %(shipment)s.",
            plural_of(units),
        )
    )
    source = _source_name(left)
    return sentence, {"units": quantity(units), "source": source, "shipment": link_to(left)}


def _units(shipment: Shipment) -> Decimal:
    lines = ShipmentLine.objects.filter(shipment=shipment)
    return lines.aggregate(units=Sum("quantity"))["units"] or ZERO


def _dated(result: ActionResult) -> Words:
    if result.values["expected_on"] is None:
        return _("Release runs set the expected date of %(shipment)s again."), {}
    on = day(result.values["expected_on"])
    return _("The expected date of %(shipment)s is %(day)s."), {"day": on}


def _served(result: ActionResult) -> Words:
    keys = [shipment.pk for shipment in result.made.ready]
    ready = Shipment.objects.filter(pk__in=keys).select_related("source").order_by("pk")
    sources = sorted({_source_name(shipment) for shipment in ready})
    is_kept = any(map(waits_for_rest, ready))
    return (
        ngettext(
            "%(ready)s is set aside at %(sources)s until the rest of the order can leave.",
            "%(ready)s are set aside at %(sources)s until the rest of the order can leave.",
            len(ready),
        )
        if is_kept
        else ngettext(
            "%(ready)s is ready at %(sources)s.", "%(ready)s are ready at %(sources)s.", len(ready)
        ),
        {
            "ready": format_html_join(", ", "{}", ((link_to(shipment),) for shipment in ready)),
            "sources": ", ".join(sources),
        },
    )


def _source_name(shipment: Shipment) -> str:
    return "" if shipment.source is None else shipment.source.name or shipment.source.code


def _sent_back(result: ActionResult) -> Words:
    if result.shipment.state == Shipment.State.CUSTOMER_CARE:
        return _("Sent %(shipment)s to customer care."), {}
    return _("Sent %(shipment)s back to the queue."), {}


def _prioritized(result: ActionResult) -> Words:
    return (
        _("The priority of %(shipment)s is %(priority)s."),
        {"priority": whole(result.values["priority"])},
    )


def _assigned(result: ActionResult) -> Words:
    if not result.values["username"]:
        return _("%(shipment)s is not assigned to anyone."), {}
    return _("Assigned %(shipment)s to %(person)s."), {"person": result.values["username"]}


def _unbarred(result: ActionResult) -> Words:
    values = {"source": result.values["source_code"], "sku": result.values["sku"]}
    return _("%(source)s may serve %(sku)s of %(shipment)s again. A release run follows."), values


# By the code of the action; releases in the mode in force lead to the page of their run.
RESULTS: dict[str, Callable[[ActionResult], Words]] = {
    "release": _served,
    "hold": lambda _result: (_("%(shipment)s is on hold."), {}),
    "lift-hold": lambda _result: (
        _("Lifted the hold of %(shipment)s. A release run follows."),
        {},
    ),
    "assign": _assigned,
    "set-priority": _prioritized,
    "set-expected-date": _dated,
    "reassign": _served,
    "reroute": _served,
    "pack": lambda _result: (_("Packed %(shipment)s."), {}),
    "unpack": lambda _result: (_("Unpacked %(shipment)s."), {}),
    "set-aside": lambda _result: (
        _("Set %(shipment)s aside. The customer gets an e-mail."),
        {},
    ),
    "fulfill": _shipped,
    "undo-fulfillment": lambda _result: (
        _("Shipping of %(shipment)s is undone. It is ready and on hold."),
        {},
    ),
    "backorder": _sent_back,
    "lift-bar": _unbarred,
    "customer-care": lambda _result: (_("Sent %(shipment)s to customer care."), {}),
    "cancel": lambda _result: (_("Canceled shipment %(shipment)s."), {}),
}
