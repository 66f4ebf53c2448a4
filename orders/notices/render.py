"""Renders the text of an e-mail, in the customer's language where the site has it."""

import re

from django.utils import translation
from django.utils.translation import gettext as _

from orders.models import NoticeText, OrderEmail
from orders.notices.templates import fill_template
from orders.notices.texts import PLACEHOLDERS, TEXTS
from orders.order_links import kept_address

BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
# What the column of the subject keeps.
SUBJECT_SIZE = 300


def render_email(email: OrderEmail) -> tuple[str, str]:
    """Return subject and body of ``email``, which comes with its order.

    They are those of staff for this kind and language, else the built-in ones.

    :raises TemplateFaultError: if the text of staff cannot be filled.
    """
    own = NoticeText.objects.filter(kind=email.kind, language=email.written_in).first()
    with translation.override(email.written_in):
        subject, text = (own.subject, own.text) if own is not None else TEXTS[email.kind].template()
        return fill(email, subject, text)


def fill(email: OrderEmail, subject: str, text: str) -> tuple[str, str]:
    """Return subject and body of ``email`` from these templates, in the active language.

    The subject is one line, whatever its placeholders hold: a header of the message.
    """
    values = {name: PLACEHOLDERS[name].value(email) for name in TEXTS[email.kind].placeholders}
    body = BLANK_LINES.sub("\n\n", fill_template(text, values)).strip()
    one_line = " ".join(fill_template(subject, values).split())
    parts = [body, _link_words()]
    return one_line[:SUBJECT_SIZE], "\n\n".join(filter(None, parts)) + "\n"


def _link_words() -> str:
    """Return what leads to the page of the order: without a working link, as the text is kept."""
    address = kept_address()
    return f"{_('See the state of your order at any time:')} {address}" if address else ""
