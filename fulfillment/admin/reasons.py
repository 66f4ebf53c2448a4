"""Says in words what a run decided for a shipment, and why it waits."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

SENTENCES = {
    "NO_STOCK": _("none at a source it may leave from"),
    "NOT_ENOUGH_STOCK": _("not enough there"),
    "TAKEN_BY_EARLIER": _("earlier shipments took what was there"),
    "WAITING_BEHIND": _("units are kept for shipments before it"),
    "ITEM_OUT_OF_STOCK": _("units lie at an item marked Out of Stock"),
    "SAFETY_STOCK": _("the rest is safety stock"),
    "SOURCE_NOT_ELIGIBLE": _("units lie at a source it may not leave from"),
    "PICKUP_SOURCE_ONLY": _("units lie elsewhere, but it is collected at its pickup source"),
    "SPLIT_LIMIT": _("it would leave from more sources than the limits allow"),
    "FUTURE_DISABLED_SITE": _("more is coming, but the site promises nothing from future supply"),
    "FUTURE_DISABLED_PRODUCT": _("more is coming, but the product promises nothing from it"),
    "FUTURE_NO_DATE": _("more is coming, but no date is known"),
    "FUTURE_BEYOND_LIMIT": _("more is coming, but after the future date limit"),
    "FUTURE_OVERDUE": _("supply that should have come is overdue"),
    "HELD": _("it is held"),
    "PAYMENT": _("its payment is not settled"),
    "ROUTING_ERROR": _("no source could be chosen"),
}


def what_and_why(detail: Mapping[str, Any]) -> SafeString:
    """Return, a line each, what is released from where, and what is missing and why."""
    return format_html_join("", "<div>{}</div>", ((line,) for line in sentences(detail)))


def sentences(detail: Mapping[str, Any]) -> list[str]:
    """Return what is released from where, and what is missing and why, as plain text."""
    lines = [*map(_child, detail.get("children", ())), *map(_shortage, detail.get("shortages", ()))]
    if detail.get("shortages") and detail.get("expected_on"):
        lines.append(gettext("It could go on %(date)s.") % {"date": _day(detail["expected_on"])})
    return lines


def _child(child: Mapping[str, Any]) -> str:
    units = ", ".join(f"{take['quantity']} × {take['sku']}" for take in child["takes"])
    if child["expected_on"]:
        sentence = gettext("Promised from %(source)s on %(date)s: %(units)s")
        day = _day(child["expected_on"])
        return sentence % {"source": child["source"], "date": day, "units": units}
    return gettext("Ready at %(source)s: %(units)s") % {"source": child["source"], "units": units}


def _shortage(shortage: Mapping[str, Any]) -> str:
    reasons = "; ".join(gettext(SENTENCES[reason]) for reason in shortage["reasons"])
    facts = shortage["facts"]
    names = [*facts.get("taken_by", ()), *facts.get("kept_for", ())]
    values = {
        "missing": shortage["missing"],
        "sku": shortage["sku"],
        "reasons": reasons,
        "names": f" ({', '.join(names)})" if names else "",
    }
    return gettext("%(missing)s × %(sku)s missing: %(reasons)s%(names)s") % values


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "DATE_FORMAT")
