"""The built-in texts of e-mails to customers, with what each kind may or must say.

A new kind is one row of :data:`TEXTS`. Texts are templates (see :mod:`orders.notices.templates`),
of sentences that are translated each for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

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
            Syntax("{% if is_sent_together %}\n\n"),
            gettext_noop("We send the goods of this order together, once all of them are here."),
            Syntax("{% elif is_collected_together %}\n\n"),
            gettext_noop(
                "You can collect the goods of this order together, once all of them are here."
            ),
            Syntax("{% endif %}{% if address %}\n\n"),
            gettext_noop("Delivery address:"),
            Syntax("\n{{ address }}{% endif %}{% if store %}\n\n"),
            gettext_noop("You can collect it here, once we have written that it is ready:"),
            Syntax("\n{{ store }}{% endif %}"),
            BREAK,
            gettext_noop("Total: {{ total }}"),
        ),
        (*COMMON, "total", "address", "store", "is_sent_together", "is_collected_together"),
    ),
    Kind.EXPECTED_DATE_CHANGED: KindOfText(
        gettext_noop("A new date for your order {{ order_number }}"),
        (
            HELLO,
            Syntax("\n\n{% if expected_on %}"),
            Syntax("{% if is_collected %}"),
            gettext_noop(
                "We now expect to have the backordered units of your order {{ order_number }} "
                "ready for you by {{ expected_on }}."
            ),
            Syntax("{% else %}"),
            gettext_noop(
                "We now expect to send the backordered units of your order {{ order_number }} by "
                "{{ expected_on }}."
            ),
            Syntax("{% endif %}{% if former_expected_on %} "),
            gettext_noop("We said {{ former_expected_on }} before."),
            Syntax("{% endif %}{% else %}{% if is_collected %}"),
            gettext_noop(
                "We do not know yet when you can collect the backordered units of your order "
                "{{ order_number }}."
            ),
            Syntax("{% else %}"),
            gettext_noop(
                "We do not know yet when we can send the backordered units of your order "
                "{{ order_number }}."
            ),
            Syntax("{% endif %} {{ no_date_reason }} "),
            gettext_noop("We will write again as soon as we know."),
            Syntax("{% if former_expected_on %} "),
            gettext_noop("We said {{ former_expected_on }} before."),
            Syntax("{% endif %}{% endif %}"),
            UNITS,
            Syntax("{% if may_cancel %}\n\n"),
            gettext_noop(
                "You can wait, or cancel these units on the page of your order. The link is at the "
                "end of this e-mail."
            ),
            Syntax("{% endif %}"),
        ),
        (
            *COMMON,
            "expected_on",
            "former_expected_on",
            "no_date_reason",
            "may_cancel",
            "is_collected",
        ),
        ("units", "expected_on"),
    ),
    # The link to answer by is below every text, where the site has an address.
    Kind.DELAYED: KindOfText(
        gettext_noop("A delay of your order {{ order_number }}"),
        (
            HELLO,
            BREAK,
            gettext_noop("Some units of your order {{ order_number }} are late."),
            Syntax("\n{% if has_link %}"),
            gettext_noop(
                "Please choose what to do on the page of your order. The link is at the end of "
                "this e-mail."
            ),
            Syntax("{% else %}"),
            gettext_noop("Please reply to this e-mail and let us know what to do."),
            Syntax("{% endif %}\n\n{{ delays }}"),
        ),
        ("customer_name", "order_number", "delays", "has_link"),
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
            gettext_noop("Follow what was sent:"),
            Syntax("\n{{ tracking }}"),
            Syntax("{% endif %}"),
        ),
        (*COMMON, "tracking"),
    ),
    Kind.TRACKING: KindOfText(
        gettext_noop("Follow your order {{ order_number }}"),
        (
            HELLO,
            BREAK,
            gettext_noop(
                "These units of your order {{ order_number }} were sent to you, and can be "
                "followed now:"
            ),
            UNITS,
            Syntax("\n\n{{ tracking }}"),
        ),
        (*COMMON, "tracking"),
        ("units", "tracking"),
    ),
    Kind.SHIPPING_UNDONE: KindOfText(
        gettext_noop("Your order {{ order_number }} has not left yet"),
        (
            HELLO,
            BREAK,
            gettext_noop(
                "We wrote to you that these units of your order {{ order_number }} had been sent. "
                "They have not left yet. We are sorry. We will write again when they do:"
            ),
            UNITS,
        ),
        COMMON,
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
            Syntax("\n\n{{ store }}{% if until %}\n\n"),
            gettext_noop("We keep them for you until {{ until }}."),
            Syntax("{% endif %}"),
        ),
        (*COMMON, "store", "until"),
        ("units", "store", "until"),
    ),
    Kind.COLLECT_REMINDER: KindOfText(
        gettext_noop("Please collect your order {{ order_number }}"),
        (
            HELLO,
            BREAK,
            gettext_noop(
                "You have not collected these units of your order {{ order_number }} yet. We said "
                "that we would keep them for you until {{ until }}:"
            ),
            UNITS,
            Syntax("\n\n{{ store }}\n\n"),
            gettext_noop("Please collect them soon, or contact us if you cannot."),
        ),
        (*COMMON, "store", "until"),
        ("units", "store"),
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
            Syntax("{% elif is_collected %}"),
            gettext_noop(
                "The payment of your order {{ order_number }} is no longer reserved. Please "
                "contact us about another way to pay for these units. Until then you cannot "
                "collect them:"
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
        (*COMMON, "until", "is_collected"),
        ("units", "until"),
    ),
}
