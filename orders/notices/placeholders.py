"""What stands for the placeholders of e-mails to customers, from the facts of each."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.countries import locality_lines
from core.text import gettext_noop
from orders.models import OrderEmail
from orders.no_date_reason import sentence_of
from orders.notices.email_queue import Together
from orders.order_links import kept_address
from orders.queries.addresses import address_of


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What stands for a placeholder: how it is called, and its text in the active language."""

    label: str | Promise
    value: Callable[[OrderEmail], str]


def _units(email: OrderEmail) -> str:
    lines = email.context.get("lines", [])
    is_collected = _is_collected(email)
    return "\n".join(row for line in lines for row in _unit_rows(line, is_collected=is_collected))


def _is_collected(email: OrderEmail) -> bool:
    """Return whether all that an e-mail is about is collected at stores: nothing of it is sent."""
    context = email.context
    is_sent = context.get("is_sent", not email.order.is_pickup)
    return bool(context.get("is_collected", not is_sent))


def _unit_rows(line: Mapping[str, Any], *, is_collected: bool) -> Iterator[str]:
    units = formats.quantity(Decimal(line["quantity"]))
    yield f"- {units} × {_in_one_line(line['name'])} ({_in_one_line(line['sku'])})"
    canceled = Decimal(line.get("canceled_quantity") or 0)
    if canceled > 0:
        sentence = gettext("Canceled: %(quantity)s.")
        yield "    " + sentence % {"quantity": formats.quantity(canceled)}
    backordered = Decimal(line.get("backordered_quantity") or 0)
    if backordered > 0:
        say = _backordered_at_store if is_collected else _backordered
        said = say(line)
        day = formats.day(line.get("expected_on"))
        yield "    " + said % {"quantity": formats.quantity(backordered), "date": day}


def _backordered_at_store(line: Mapping[str, Any]) -> str:
    if line.get("expected_on") is None:
        return gettext(
            "On backorder: %(quantity)s. We do not know yet when you can collect this. "
            "We will write again as soon as we know."
        )
    if line.get("is_preorder"):
        return gettext(
            "Pre-ordered: %(quantity)s. We expect to have this ready for you on %(date)s."
        )
    return gettext("On backorder: %(quantity)s. We expect to have this ready for you by %(date)s.")


def _backordered(line: Mapping[str, Any]) -> str:
    if line.get("expected_on") is None:
        return gettext(
            "On backorder: %(quantity)s. We do not know yet when we can send this. "
            "We will write again as soon as we know."
        )
    if line.get("is_preorder"):
        return gettext("Pre-ordered: %(quantity)s. We expect to send this on %(date)s.")
    return gettext("On backorder: %(quantity)s. We expect to send this by %(date)s.")


def _delays(email: OrderEmail) -> str:
    is_collected = _is_collected(email)
    delays = email.context.get("delays", [])
    return "\n\n".join(_delay(delay, is_collected=is_collected) for delay in delays)


def _delay(delay: Mapping[str, Any], *, is_collected: bool) -> str:
    """Return one question about late units: which, until when, and what no answer means."""
    rows = [row for line in delay["lines"] for row in _unit_rows(line, is_collected=is_collected)]
    due = gettext("They were due by %(date)s.") % {"date": formats.day(delay["agreed_on"])}
    refund = gettext("We refund what you have paid for canceled units.")
    if delay["new_on"]:
        date_of_new = {"date": formats.day(delay["new_on"])}
        news = (
            gettext("We now expect to have these units ready for you by %(date)s.")
            if is_collected
            else gettext("We now expect to send these units by %(date)s.")
        ) % date_of_new
        choice = gettext("You can wait until %(date)s, or cancel these units.") % date_of_new
    else:
        unknown = (
            gettext("We do not know yet when you can collect these units.")
            if is_collected
            else gettext("We do not know yet when we can send these units.")
        )
        news = f"{unknown} {sentence_of(delay.get('no_date_reason', ''))}"
        choice = (
            gettext(
                "You can wait as long as it takes, or cancel these units. If you wait, you can "
                "still cancel them until you have collected them."
            )
            if is_collected
            else gettext(
                "You can wait as long as it takes, or cancel these units. If you wait, you can "
                "still cancel them until they are sent."
            )
        )
    return "\n".join([*rows, "", due, news, "", f"{choice} {refund}", _silence(delay)])


def _silence(delay: Mapping[str, Any]) -> str:
    day = formats.day(delay["answer_by"])
    if delay["silence"] == "AGREES":
        return gettext(
            "If you do not answer by %(day)s, we understand that you wait. You can still cancel "
            "these units until %(date)s."
        ) % {"day": day, "date": formats.day(delay["new_on"])}
    if delay["is_canceled_by_silence"]:
        return gettext(
            "If you do not answer by %(day)s, the delay is not accepted: we cancel these units and "
            "refund what you have paid for them."
        ) % {"day": day}
    return gettext(
        "If you do not answer by %(day)s, the delay is not accepted. Our staff then decide about "
        "these units."
    ) % {"day": day}


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _day(fact: str) -> Callable[[OrderEmail], str]:
    def value(email: OrderEmail) -> str:
        day = email.context.get(fact)
        return formats.day(date.fromisoformat(day)) if day else ""

    return value


def _amount(fact: str) -> Callable[[OrderEmail], str]:
    def value(email: OrderEmail) -> str:
        amount = email.context.get(fact)
        return formats.money(Decimal(amount), email.order.currency) if amount else ""

    return value


CAUSES = {
    "PAYMENT_DECLINED": gettext_noop("The payment was declined."),
    "NOT_AVAILABLE": gettext_noop("They are not available."),
    "DELAYED": gettext_noop("They were late, and the delay was not accepted."),
    "CUSTOMER_ASKED": gettext_noop("You asked us to cancel them."),
}


def _reason(email: OrderEmail) -> str:
    cause = CAUSES.get(email.context.get("cause", ""))
    return gettext(cause) if cause else ""


def _no_date_reason(email: OrderEmail) -> str:
    if email.context.get("expected_on"):
        return ""
    return sentence_of(email.context.get("no_date_reason", ""))


def _stores(email: OrderEmail) -> str:
    return "\n\n".join(map(_store, email.context.get("stores", [])))


def _store(store: Mapping[str, str]) -> str:
    locality = locality_lines(
        store.get("country", ""),
        city=store.get("city", ""),
        region=store.get("region", ""),
        postcode=store.get("postcode", ""),
    )
    rows = [store.get("name", ""), store.get("street", ""), *locality]
    if store.get("phone"):
        rows.append(gettext("Phone: %(phone)s") % {"phone": store["phone"]})
    if store.get("opening_hours"):
        rows.append(gettext("Open: %(hours)s") % {"hours": store["opening_hours"]})
    return "\n".join(filter(None, map(_in_one_line, rows)))


def _address(email: OrderEmail) -> str:
    """Return where the order is sent; nothing for one of which all is collected."""
    is_sent = email.context.get("is_sent", not email.order.is_pickup)
    lines = address_of(email.order) if is_sent else ()
    return "\n".join(filter(None, map(_in_one_line, lines)))


def _tracking(email: OrderEmail) -> str:
    rows = (
        " ".join(filter(None, [one["carrier"], one["number"], one["link"]]))
        for one in email.context.get("parcels", [])
    )
    return "\n".join(map(_in_one_line, rows))


def _together(how: Together) -> Callable[[OrderEmail], str]:
    return lambda email: "✓" if email.context.get("together") == how else ""


PLACEHOLDERS: Mapping[str, Placeholder] = {
    "customer_name": Placeholder(
        _("Name of the customer"), lambda email: _in_one_line(email.order.customer_name)
    ),
    "order_number": Placeholder(_("Number of the order"), lambda email: email.order.number),
    "units": Placeholder(_("The units, as a list with what is said about each"), _units),
    "delays": Placeholder(
        _("The late units, their new date, the last day to answer, and what no answer means"),
        _delays,
    ),
    "total": Placeholder(_("Total of the order"), _amount("total")),
    "is_sent_together": Placeholder(
        _("For conditions: whether the order waits, and is sent as a whole"),
        _together(Together.SENT),
    ),
    "is_collected_together": Placeholder(
        _("For conditions: whether the order waits, and is collected as a whole"),
        _together(Together.COLLECTED),
    ),
    "expected_on": Placeholder(
        _("New expected date; empty if there is no date yet"), _day("expected_on")
    ),
    "former_expected_on": Placeholder(
        _("Expected date before; empty if there was none"), _day("former_expected_on")
    ),
    "no_date_reason": Placeholder(
        _("Why there is no date yet, as a sentence; empty if there is a date"), _no_date_reason
    ),
    "may_cancel": Placeholder(
        _("For conditions: whether the customer can cancel the units on the page of the order"),
        lambda email: "✓" if email.context.get("may_cancel") and kept_address() else "",
    ),
    "tracking": Placeholder(
        _("Carriers, tracking numbers and links, one in each line; empty if there are none"),
        _tracking,
    ),
    "address": Placeholder(
        _("Address that the order is sent to, with its recipient; empty if it is collected"),
        _address,
    ),
    "is_collected": Placeholder(
        _("For conditions: whether all of it is collected at a store"),
        lambda email: "✓" if _is_collected(email) else "",
    ),
    "store": Placeholder(_("Name, address, phone and opening hours of the store"), _stores),
    "reason": Placeholder(_("Why the units were canceled, as a sentence; may be empty"), _reason),
    "refund_amount": Placeholder(
        _("Amount that is paid back; empty if there is none"), _amount("refund_amount")
    ),
    "is_uncharged": Placeholder(
        _("For conditions: whether units were canceled before they were charged"),
        lambda email: "✓" if email.context.get("is_uncharged") else "",
    ),
    "has_link": Placeholder(
        _("For conditions: whether the e-mail ends with a link to the page of the order"),
        lambda email: "✓" if kept_address() else "",
    ),
    "amount": Placeholder(_("Amount that was paid back"), _amount("amount")),
    "until": Placeholder(
        _("Last day of the authorization, or of collecting; empty if there is none"), _day("until")
    ),
}
# What has several lines, which a subject cannot have.
LISTS = frozenset({"units", "delays", "tracking", "address", "store"})
