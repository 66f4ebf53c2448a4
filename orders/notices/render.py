"""Renders the text of an e-mail, in the customer's language where the site has it."""

import re
from collections.abc import Iterable, Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from orders.models import NoticeText, OrderEmail
from orders.notices.placeholders import PLACEHOLDERS
from orders.notices.templates import fill_template
from orders.notices.texts import TEXTS
from orders.order_links import kept_address

BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
# What the column of the subject keeps.
SUBJECT_SIZE = 300


# Of the notices of one e-mail, the first in this order gives it its subject.
KINDS = tuple(
    getattr(OrderEmail.Kind, name)
    for name in (
        "CONFIRMATION",
        "PAYMENT_NEEDED",
        "DELAYED",
        "READY_TO_COLLECT",
        "COLLECT_REMINDER",
        "CANCELED",
        "EXPECTED_DATE_CHANGED",
        "SHIPPING_UNDONE",
        "DISPATCHED",
        "TRACKING",
        "BEING_PREPARED",
        "REFUNDED",
    )
)


def render_emails(emails: Sequence[OrderEmail]) -> tuple[str, str]:
    """Return subject and body of notices that are sent as one e-mail, each with its order.

    Each has the text of staff for its kind and language, else the built-in one. The subject is that
    of the notice that matters most; the greeting is said once.

    :raises TemplateFaultError: if a text of staff cannot be filled.
    """
    ordered = sorted(emails, key=lambda email: (KINDS.index(email.kind), email.pk))
    with translation.override(ordered[0].written_in):
        own = {text.kind: text for text in _own_texts(ordered)}
        written = []
        for email in ordered:
            text = own.get(email.kind)
            built_in = TEXTS[email.kind].template
            written.append(_filled(email, *((text.subject, text.text) if text else built_in())))
        return written[0][0], _signed(_joined([text for _subject, text in written]))


def fill(email: OrderEmail, subject: str, text: str) -> tuple[str, str]:
    """Return subject and body of ``email`` from these templates, in the active language."""
    one_line, body = _filled(email, subject, text)
    return one_line, _signed(body)


def _own_texts(emails: Sequence[OrderEmail]) -> Iterable[NoticeText]:
    kinds = {email.kind for email in emails}
    return NoticeText.objects.filter(kind__in=kinds, language=emails[0].written_in)


def _filled(email: OrderEmail, subject: str, text: str) -> tuple[str, str]:
    """Return subject and text of ``email`` from these templates.

    The subject is one line, whatever its placeholders hold: a header of the message.
    """
    values = {name: PLACEHOLDERS[name].value(email) for name in TEXTS[email.kind].placeholders}
    body = BLANK_LINES.sub("\n\n", fill_template(text, values)).strip()
    one_line = " ".join(fill_template(subject, values).split())
    return one_line[:SUBJECT_SIZE], body


def _joined(texts: Sequence[str]) -> str:
    """Return texts below one another, without the paragraph with which all begin repeated."""
    greeting, _blank, _rest = texts[0].partition("\n\n")
    others = (text.removeprefix(f"{greeting}\n\n") for text in texts[1:])
    return "\n\n".join([texts[0], *others])


def _signed(body: str) -> str:
    return "\n\n".join(filter(None, [body, _link_words()])) + "\n"


def _link_words() -> str:
    """Return what leads to the page of the order: without a working link, as the text is kept."""
    address = kept_address()
    return f"{_('See the state of your order at any time:')} {address}" if address else ""
