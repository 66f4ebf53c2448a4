"""Says in words what a run decided for a shipment, and why it waits."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from core.quantities import format_quantity

SENTENCES = {
    "NO_STOCK": _("none at a source it may leave from"),
    "NOT_ENOUGH_STOCK": _("not enough there"),
    "TAKEN_BY_EARLIER": _("earlier shipments took what was there"),
    "WAITING_BEHIND": _("units are kept for shipments before it"),
    "ITEM_OUT_OF_STOCK": _("units lie at an item marked Out of Stock"),
    "SAFETY_STOCK": _("the rest is safety stock"),
    "SOURCE_NOT_ELIGIBLE": _("units lie at a source it may not leave from"),
    "PICKUP_SOURCE_ONLY": _("units lie elsewhere, but it is collected at its pickup source"),
    "SPLIT_LIMIT": _("no choice of sources within the limits covers it"),
    "FUTURE_DISABLED_SITE": _("more is coming, but the site promises nothing from future supply"),
    "FUTURE_DISABLED_PRODUCT": _("more is coming, but the product promises nothing from it"),
    "FUTURE_NO_DATE": _("more is coming, but no date is known"),
    "FUTURE_BEYOND_LIMIT": _("more is coming, but after the future date limit"),
    "FUTURE_OVERDUE": _("supply that should have come is overdue"),
    "HELD": _("it is held"),
    "PAYMENT": _("its payment is not settled"),
    "ROUTING_ERROR": _("no source could be chosen"),
}
# Facts that are names: of shipments, of sources.
NAMES = {
    "TAKEN_BY_EARLIER": "taken_by",
    "WAITING_BEHIND": "kept_for",
    "ITEM_OUT_OF_STOCK": "out_of_stock_at",
    "SAFETY_STOCK": "safety_stock_at",
    "SOURCE_NOT_ELIGIBLE": "units_elsewhere_at",
    "PICKUP_SOURCE_ONLY": "units_elsewhere_at",
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
    facts = shortage["facts"]
    values = {
        "missing": shortage["missing"],
        "sku": shortage["sku"],
        "reasons": "; ".join(_reason(reason, facts) for reason in shortage["reasons"]),
    }
    said = gettext("%(missing)s × %(sku)s missing: %(reasons)s") % values
    return f"{said}. {_part(facts['coming'])}" if "coming" in facts else said


def _part(coming: Mapping[str, str]) -> str:
    """Return that incoming supply covers only a part, and when."""
    part, wanted = Decimal(coming["quantity"]), Decimal(coming["wanted"])
    sentence = gettext(
        "%(part)s of %(wanted)s would be there on %(date)s, and %(rest)s would be missing."
    )
    return sentence % {
        "part": format_quantity(part),
        "wanted": format_quantity(wanted),
        "rest": format_quantity(wanted - part),
        "date": _day(coming["expected_on"]),
    }


def _reason(reason: str, facts: Mapping[str, Any]) -> str:
    """Return why, and in brackets who, where, when."""
    sentence = gettext(SENTENCES[reason])
    if reason == "PAYMENT" and facts.get("payment_retry_at"):
        known = [_retry(facts["payment_retry_at"])]
    elif reason == "SPLIT_LIMIT" and not facts.get("is_every_choice_tried", True):
        known = [gettext("not every choice was tried")]
    elif reason in NAMES:
        known = facts.get(NAMES[reason], [])
    else:
        known = [_record(record) for record in facts.get(reason.lower(), ())]
    return f"{sentence} ({', '.join(known)})" if known else sentence


def _record(record: Mapping[str, Any]) -> str:
    """Return units that are to come, as a reason's facts give them."""
    quantity = format_quantity(Decimal(record["quantity"]))
    values = {"quantity": quantity, "source": record["source"]}
    if record["expected_on"] is None:
        return gettext("%(quantity)s at %(source)s") % values
    values["date"] = _day(record["expected_on"])
    return gettext("%(quantity)s at %(source)s on %(date)s") % values


def _retry(text: str) -> str:
    at = timezone.localtime(datetime.fromisoformat(text))
    return gettext("asked for again on %(time)s") % {"time": date_format(at, "DATETIME_FORMAT")}


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "DATE_FORMAT")
