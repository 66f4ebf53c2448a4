"""Decisions of runs as sentences: reasons for waiting, remedies."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from core.admin.fields import days_in_words
from core.formats import day, moment, plural_of, quantity, series
from fulfillment.release.planning.remedy import RemedyKind
from fulfillment.release.planning.values import WaitReason
from fulfillment.review.reasons import REASONS

REMEDIES = {
    "RECEIVE": _("Receive %(quantity)s × %(sku)s at %(source)s."),
    "SET_IN_STOCK": _("Set %(sku)s at %(source)s to In Stock."),
    "LOWER_SAFETY_STOCK": _("Lower the safety stock of %(sku)s at %(source)s to %(quantity)s."),
    "ENABLE_FUTURE_INVENTORY": _("Promise from future inventory, in the configuration."),
    "ENABLE_FUTURE_INVENTORY_OF_PRODUCT": _("Promise from future inventory of %(sku)s."),
    "EXTEND_FUTURE_DATE_LIMIT": _("Extend the future date limit to %(until)s."),
    "USE_DECIMALS": _("Set Qty Uses Decimals of %(sku)s at %(source)s to Yes."),
    "LIFT_SPLIT_LIMITS": _("Allow more sources than the limits do now."),
    "ENABLE_SOURCE": _("Enable the source %(source)s."),
    "SHIP_TO_HOME": _("Let the source %(source)s ship to home."),
    "LINK_SOURCE": _("Assign the source %(source)s to the stock of the order."),
    "LIFT_BAR": _("Lift the bar of %(sku)s at %(source)s."),
    "SET_RELEASE_DATE": _("Move the release date of %(sku)s to %(until)s."),
    "LIFT_HOLD": _("Lift its hold."),
    "SETTLE_PAYMENT": _("Settle the payment of its order."),
    "SHIP_WHAT_IS_READY": _("Ship what is ready: the order no longer ships complete."),
}


def what_and_why(detail: Mapping[str, Any]) -> SafeString:
    """Return :func:`sentences`, a line each."""
    return format_html_join("", "<div>{}</div>", ((line,) for line in sentences(detail)))


def sentences(detail: Mapping[str, Any]) -> list[str]:
    """Return the units released, by source, and the units missing, with reasons, as plain text."""
    lines = [*map(_child, detail.get("children", ())), *map(_shortage, detail.get("shortages", ()))]
    if detail.get("shortages") and detail.get("expected_on"):
        lines.append(gettext("It could ship on %(date)s.") % {"date": day(detail["expected_on"])})
    return [*lines, *(line for closed in detail.get("closed", ()) for line in _closed(closed))]


def _closed(closed: Mapping[str, Any]) -> Iterator[str]:
    """Yield why units that are there earlier do not leave before the date."""
    values = {"source": closed["source"], "days": days_in_words(closed["days"])}
    if closed["is_past_cut_off"]:
        yield gettext("Today’s cut-off time of %(source)s has passed.") % values
    if closed["days"]:
        yield gettext("%(source)s is closed on %(days)s.") % values


def _child(child: Mapping[str, Any]) -> str:
    units = ", ".join(
        f"{quantity(Decimal(take['quantity']))} × {take['sku']}" for take in child["takes"]
    )
    values = {"source": child["source"], "date": day(child["expected_on"]), "units": units}
    if child["expected_on"]:
        return gettext("Promised from %(source)s on %(date)s: %(units)s") % values
    return gettext("Ready at %(source)s: %(units)s") % values


def _shortage(shortage: Mapping[str, Any]) -> str:
    facts = shortage["facts"]
    values = {
        "missing": quantity(Decimal(shortage["missing"])),
        "sku": shortage["sku"],
        "reasons": series(_reason(reason, facts) for reason in shortage["reasons"]),
    }
    said = gettext("%(missing)s × %(sku)s missing: %(reasons)s") % values
    if "coming" not in facts:
        return said
    parts = [f"{said}.", _part(facts["coming"])]
    if facts["coming"].get("goes_to_later"):
        parts.append(
            gettext("Shipments after it that need fewer units would take some of them first.")
        )
    return " ".join(parts)


def _reference(reference: str, sent_from: str) -> str:
    """Return a reference of supply; that of a transfer with the source that its units left."""
    if not sent_from:
        return reference
    told = gettext("%(reference)s from %(source)s")
    return told % {"reference": reference, "source": sent_from}


def _part(coming: Mapping[str, Any]) -> str:
    """Return how much would be there with incoming supply, and when."""
    part, wanted = Decimal(coming["quantity"]), Decimal(coming["wanted"])
    rest = wanted - part
    sent_from = coming.get("sent_from", {})
    references = ", ".join(
        _reference(one, sent_from.get(one, "")) for one in coming.get("references", ())
    )
    values = {
        "part": quantity(part),
        "wanted": quantity(wanted),
        "rest": quantity(rest),
        "date": day(coming["expected_on"]),
        "references": references,
    }
    if not rest:
        if references:
            return (
                gettext("All %(wanted)s would be there by %(date)s, with %(references)s.") % values
            )
        return gettext("All %(wanted)s would be there by %(date)s.") % values
    count = plural_of(rest)
    if Decimal(coming.get("incoming", 0)) < part:
        sentence = ngettext(
            "%(part)s of %(wanted)s would be there by %(date)s, and %(rest)s is missing.",
            "%(part)s of %(wanted)s would be there by %(date)s, and %(rest)s are missing.",
            count,
        )
    elif references:
        sentence = ngettext(
            "%(part)s of %(wanted)s would come on %(references)s by %(date)s, "
            "and %(rest)s is missing.",
            "%(part)s of %(wanted)s would come on %(references)s by %(date)s, "
            "and %(rest)s are missing.",
            count,
        )
    else:
        sentence = ngettext(
            "%(part)s of %(wanted)s would come by %(date)s, and %(rest)s is missing.",
            "%(part)s of %(wanted)s would come by %(date)s, and %(rest)s are missing.",
            count,
        )
    return sentence % values


def _reason(reason: str, facts: Mapping[str, Any]) -> str:
    """Return why, and in brackets who, where, when."""
    words = REASONS[reason]
    if reason == WaitReason.PAYMENT and facts.get("payment_retry_at"):
        known = [_retry(facts["payment_retry_at"])]
    elif reason == WaitReason.SPLIT_LIMIT and not facts.get("is_every_choice_tried", True):
        known = [gettext("not every choice was tried")]
    elif reason == WaitReason.BEFORE_RELEASE_DATE and facts.get("release_on"):
        known = [day(facts["release_on"])]
    elif words.names:
        known = facts.get(words.names, [])
    else:
        known = [_record(record) for record in facts.get(reason.lower(), ())]
    return f"{words.sentence} ({', '.join(known)})" if known else str(words.sentence)


def _record(record: Mapping[str, Any]) -> str:
    """Return units that are to come, as a reason's facts give them."""
    units = quantity(Decimal(record["quantity"]))
    values = {**record, "quantity": units, "date": day(record["expected_on"])}
    if record["expected_on"] is None:
        return gettext("%(quantity)s at %(source)s") % values
    return gettext("%(quantity)s at %(source)s on %(date)s") % values


def _retry(text: str) -> str:
    return gettext("asked for again on %(time)s") % {"time": moment(text)}


CAUSES = {
    "DISABLED": _("the source is disabled"),
    "NOT_LINKED": _("the source does not serve the stock of this order"),
    "NOT_SHIPPING_HOME": _("the source does not ship to home"),
    "NOT_FOR_PICKUP": _("the order is collected at another source"),
    "BARRED": _("the source is barred for this shipment"),
    "OUT_OF_STOCK": _("the item is Out of Stock"),
    "SAFETY_STOCK": _("all of it is safety stock"),
    "BEFORE_RELEASE_DATE": _("the release date has not come"),
}


def stock_sentence(stock: Mapping[str, Any]) -> str:
    """Return what is at a source, and why it may not go, as an explanation gives it."""
    kept = Decimal(stock["safety_stock"])
    values = {
        "quantity": quantity(Decimal(stock["quantity"])),
        "sku": stock["sku"],
        "source": stock["source"],
        "kept": quantity(kept),
        "why": ", ".join(gettext(CAUSES[cause]) for cause in stock["causes"]),
    }
    if stock["causes"]:
        return gettext("%(quantity)s × %(sku)s at %(source)s may not go: %(why)s.") % values
    if kept:
        sentence = gettext(
            "%(quantity)s × %(sku)s at %(source)s may go in queue order, but %(kept)s of them are "
            "safety stock."
        )
        return sentence % values
    return gettext("%(quantity)s × %(sku)s at %(source)s may go in queue order.") % values


def remedy_sentence(remedy: Mapping[str, Any]) -> str:
    """Return one change that would help, as an explanation gives it."""
    values = {**remedy, "until": day(remedy.get("until"))}
    if "quantity" in remedy:
        values["quantity"] = quantity(Decimal(remedy["quantity"]))
    return gettext(REMEDIES[remedy["kind"]]) % values


def asks_for_more(remedies: Iterable[Mapping[str, Any]], short: Mapping[str, Decimal]) -> bool:
    """Whether more is to be received of something than is ``short`` of it, by SKU."""
    received = [remedy for remedy in remedies if remedy["kind"] == RemedyKind.RECEIVE]
    return any(Decimal(remedy["quantity"]) > short.get(remedy["sku"], 0) for remedy in received)
