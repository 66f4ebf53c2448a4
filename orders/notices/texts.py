"""The built-in texts of e-mails to customers, and what each kind may and must say.

A new kind is one row of :data:`TEXTS`. Texts are templates (see :mod:`orders.notices.templates`),
of sentences that are translated each for itself.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.text import gettext_noop
from orders.models import OrderEmail

Kind = OrderEmail.Kind


class Syntax(str):
    """A part of a built-in text without words: conditions, placeholders, blank lines."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class KindOfText:
    """One kind's built-in subject and text, the placeholders that it has, and the required ones."""

    subject: str
    parts: tuple[str, ...]
    placeholders: tuple[str, ...]
    required: tuple[str, ...] = ("units",)

    def template(self) -> tuple[str, str]:
        """Return the templates of subject and text in the active language."""
        text = "".join(part if isinstance(part, Syntax) else gettext(part) for part in self.parts)
        return gettext(self.subject), f"{text}\n"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What stands for a placeholder: how it is called, and its text in the active language."""

    label: str | Promise
    value: Callable[[OrderEmail], str]


def _units(email: OrderEmail) -> str:
    return "\n".join(row for line in email.context.get("lines", []) for row in _unit_rows(line))


def _unit_rows(line: Mapping[str, Any]) -> Iterator[str]:
    units = formats.quantity(Decimal(line["quantity"]))
    yield f"- {units} × {_in_one_line(line['name'])} ({_in_one_line(line['sku'])})"
    canceled = Decimal(line.get("canceled_quantity") or 0)
    if canceled > 0:
        sentence = gettext("%(quantity)s of them were canceled.")
        yield "    " + sentence % {"quantity": formats.quantity(canceled)}
    backordered = Decimal(line.get("backordered_quantity") or 0)
    if backordered > 0:
        yield "    " + _backordered(line, formats.quantity(backordered))


def _backordered(line: Mapping[str, Any], quantity: str) -> str:
    if line.get("expected_on") is None:
        said = gettext(
            "%(quantity)s of them are on backorder. We do not know yet when we can send them. "
            "We will write again as soon as we know."
        )
    elif line.get("is_preorder"):
        said = gettext("%(quantity)s of them are pre-ordered; we expect to send them on %(date)s.")
    else:
        said = gettext("%(quantity)s of them are on backorder; we expect to send them by %(date)s.")
    return said % {"quantity": quantity, "date": formats.day(line.get("expected_on"))}


def _delays(email: OrderEmail) -> str:
    return "\n\n".join(map(_delay, email.context.get("delays", [])))


def _delay(delay: Mapping[str, Any]) -> str:
    """Return one question about late units: which, until when, and what no answer means."""
    rows = [row for line in delay["lines"] for row in _unit_rows(line)]
    due = gettext("They were due by %(date)s.") % {"date": formats.day(delay["agreed_on"])}
    refund = gettext("We refund what you have paid for canceled units.")
    if delay["new_on"]:
        date_of_new = {"date": formats.day(delay["new_on"])}
        news = gettext("We now expect to send these units by %(date)s.") % date_of_new
        choice = gettext("You can wait until %(date)s, or cancel these units.") % date_of_new
    else:
        news = gettext(
            "We do not know yet when we can send these units, because we have no date from our "
            "supplier."
        )
        choice = gettext(
            "You can wait as long as it takes, or cancel these units. If you wait, you can still "
            "cancel them until they are sent."
        )
    return "\n".join([*rows, "", due, news, "", f"{choice} {refund}", _silence(delay)])


def _silence(delay: Mapping[str, Any]) -> str:
    day = formats.day(delay["answer_by"])
    if delay["silence"] == "AGREES":
        return gettext(
            "Without your answer by %(day)s, we understand that you wait. You can still cancel "
            "these units until %(date)s."
        ) % {"day": day, "date": formats.day(delay["new_on"])}
    if delay["is_canceled_by_silence"]:
        return gettext(
            "Without your answer by %(day)s, the delay is not accepted: we cancel these units and "
            "refund what you have paid for them."
        ) % {"day": day}
    return gettext(
        "Without your answer by %(day)s, the delay is not accepted. Our staff then decide about "
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
}


def _reason(email: OrderEmail) -> str:
    cause = CAUSES.get(email.context.get("cause", ""))
    return gettext(cause) if cause else ""


def _store(email: OrderEmail) -> str:
    store = email.context.get("store", {})
    locality = f"{store.get('postcode', '')} {store.get('city', '')}"
    rows = [store.get("name", ""), store.get("street", ""), locality]
    if store.get("phone"):
        rows.append(gettext("Phone: %(phone)s") % {"phone": store["phone"]})
    return "\n".join(filter(None, map(_in_one_line, rows)))


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
    "expected_on": Placeholder(
        _("New expected date; empty if there is no date yet"), _day("expected_on")
    ),
    "former_expected_on": Placeholder(
        _("Expected date before; empty if there was none"), _day("former_expected_on")
    ),
    "tracking": Placeholder(
        _("Tracking number; empty if there is none"),
        lambda email: email.context.get("tracking", ""),
    ),
    "store": Placeholder(_("Name, address and phone of the store"), _store),
    "reason": Placeholder(_("Why the units were canceled, as a sentence; may be empty"), _reason),
    "refund_amount": Placeholder(
        _("Amount that is paid back; empty if there is none"), _amount("refund_amount")
    ),
    "is_uncharged": Placeholder(
        _("For conditions: whether units were canceled before they were charged"),
        lambda email: "✓" if email.context.get("is_uncharged") else "",
    ),
    "amount": Placeholder(_("Amount that was paid back"), _amount("amount")),
    "until": Placeholder(
        _("Last day: of the authorization, empty if it has ended, or of collecting"), _day("until")
    ),
}
# What has several lines, which a subject cannot have.
LISTS = frozenset({"units", "delays"})
COMMON = ("customer_name", "order_number", "units")
HELLO = gettext_noop("Hello {{ customer_name }},")
BREAK = Syntax("\n\n")
UNITS = Syntax("\n\n{{ units }}")

TEXTS: Mapping[str, KindOfText] = {
    Kind.CONFIRMATION: KindOfText(
        gettext_noop("Your order {{ order_number }}"),
        (
            HELLO,
            BREAK,
            gettext_noop("Thank you for your order {{ order_number }}."),
            UNITS,
            BREAK,
            gettext_noop("Total: {{ total }}"),
        ),
        (*COMMON, "total"),
    ),
    Kind.EXPECTED_DATE_CHANGED: KindOfText(
        gettext_noop("A new date for your order {{ order_number }}"),
        (
            HELLO,
            Syntax("\n\n{% if expected_on %}"),
            gettext_noop(
                "We now expect to send the backordered units of your order {{ order_number }} by "
                "{{ expected_on }}."
            ),
            Syntax("{% else %}"),
            gettext_noop(
                "We do not know yet when we can send the backordered units of your order "
                "{{ order_number }}. We will write again as soon as we know."
            ),
            Syntax("{% endif %}"),
            UNITS,
        ),
        (*COMMON, "expected_on", "former_expected_on"),
        ("units", "expected_on"),
    ),
    # The link to answer by is below every text.
    Kind.DELAYED: KindOfText(
        gettext_noop("A delay of your order {{ order_number }}"),
        (
            HELLO,
            BREAK,
            gettext_noop(
                "Some units of your order {{ order_number }} are late. Please reply to this e-mail "
                "and let us know what to do."
            ),
            Syntax("\n\n{{ delays }}"),
        ),
        ("customer_name", "order_number", "delays"),
        ("delays",),
    ),
    Kind.BEING_PREPARED: KindOfText(
        gettext_noop("Your order {{ order_number }} is being prepared"),
        (
            HELLO,
            BREAK,
            gettext_noop(
                "Your backordered units have arrived. We are preparing these units of your order "
                "{{ order_number }}:"
            ),
            UNITS,
        ),
        COMMON,
    ),
    Kind.DISPATCHED: KindOfText(
        gettext_noop("Your order {{ order_number }} is on its way to you"),
        (
            HELLO,
            BREAK,
            gettext_noop("These units of your order {{ order_number }} have been sent to you:"),
            UNITS,
            Syntax("{% if tracking %}\n\n"),
            gettext_noop("Tracking number: {{ tracking }}"),
            Syntax("{% endif %}"),
        ),
        (*COMMON, "tracking"),
    ),
    Kind.READY_TO_COLLECT: KindOfText(
        gettext_noop("Your order {{ order_number }} is ready to collect"),
        (
            HELLO,
            BREAK,
            gettext_noop(
                "These units of your order {{ order_number }} are ready for you to collect:"
            ),
            UNITS,
            Syntax("\n\n{{ store }}\n\n"),
            gettext_noop("We keep them for you until {{ until }}."),
        ),
        (*COMMON, "store", "until"),
        ("units", "store", "until"),
    ),
    Kind.CANCELED: KindOfText(
        gettext_noop("Canceled units of your order {{ order_number }}"),
        (
            HELLO,
            BREAK,
            gettext_noop("These units of your order {{ order_number }} were canceled:"),
            UNITS,
            Syntax("\n\n{% if reason %}{{ reason }}\n{% endif %}{% if refund_amount %}"),
            gettext_noop("You will get {{ refund_amount }} back."),
            Syntax("{% elif is_uncharged %}"),
            gettext_noop("You are not charged for them."),
            Syntax("{% endif %}"),
        ),
        (*COMMON, "reason", "refund_amount", "is_uncharged"),
    ),
    Kind.REFUNDED: KindOfText(
        gettext_noop("Refund for your order {{ order_number }}"),
        (
            HELLO,
            BREAK,
            gettext_noop(
                "We have paid back {{ amount }} for these units of your order {{ order_number }}:"
            ),
            UNITS,
        ),
        (*COMMON, "amount"),
        ("units", "amount"),
    ),
    Kind.PAYMENT_NEEDED: KindOfText(
        gettext_noop("Payment needed for your order {{ order_number }}"),
        (
            HELLO,
            Syntax("\n\n{% if until %}"),
            gettext_noop(
                "The payment of your order {{ order_number }} is only reserved until {{ until }}, "
                "and cannot be extended. Please contact us by then about another way to pay for "
                "these units:"
            ),
            Syntax("{% else %}"),
            gettext_noop(
                "The payment of your order {{ order_number }} is no longer reserved. Please "
                "contact us about another way to pay for these units. Until then they cannot be "
                "sent:"
            ),
            Syntax("{% endif %}"),
            UNITS,
        ),
        (*COMMON, "until"),
        ("units", "until"),
    ),
}
