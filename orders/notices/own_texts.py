"""Texts of e-mails that staff write: read, kept, given up."""

from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import translation

from core.text import FaultError, gettext_noop
from orders.models import NoticeText
from orders.notices.placeholders import LISTS
from orders.notices.templates import TemplateFaultError, check_template
from orders.notices.texts import TEXTS


class TextChangedError(FaultError):
    """Somebody else changed the text meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            gettext_noop(
                "Somebody else has changed this text. Nothing was saved. Open the page again."
            )
        )


def text_in_use(kind: str, language: str) -> tuple[NoticeText | None, str, str]:
    """Return the text of staff, if there is one, and the subject and text that are sent."""
    own = NoticeText.objects.filter(kind=kind, language=language).first()
    if own is not None:
        return own, own.subject, own.text
    with translation.override(language):
        return None, *TEXTS[kind].template()


def mark_of(own: NoticeText | None) -> str:
    """Return what tells a kept text from every other, and from none."""
    if own is None:
        return ""
    return sha256(f"{own.subject}\n{own.text}".encode()).hexdigest()


def check_subject(kind: str, subject: str) -> None:
    """Make sure that a subject can be used; lists of units are not for a subject.

    :raises TemplateFaultError: if it cannot.
    """
    if len(subject.splitlines()) > 1:
        raise TemplateFaultError(gettext_noop("The subject is one line."))
    allowed = [name for name in TEXTS[kind].placeholders if name not in LISTS]
    check_template(subject, placeholders=allowed)


def check_text(kind: str, text: str) -> None:
    """Make sure that a text can be used.

    :raises TemplateFaultError: if it cannot.
    """
    texts = TEXTS[kind]
    check_template(text, placeholders=texts.placeholders, required=texts.required)


@transaction.atomic
def save_text(kind: str, language: str, *, subject: str, text: str, shown: str) -> None:
    """Send this subject and text from now on; ``shown`` is the mark of the text that was shown.

    :raises TemplateFaultError: if either cannot be used.
    :raises TextChangedError: if the kept text is not the one that was shown.
    """
    check_subject(kind, subject)
    check_text(kind, text)
    own = _locked(kind, language, shown) or NoticeText(kind=kind, language=language)
    own.subject, own.text = subject, text
    try:
        with transaction.atomic():
            own.save()
    except IntegrityError as error:
        # Two people wrote the first text at once.
        raise TextChangedError from error


@transaction.atomic
def restore_built_in(kind: str, language: str, *, shown: str) -> None:
    """Go back to the built-in text; the former one stays in the history.

    :raises TextChangedError: if the kept text is not the one that was shown.
    """
    own = _locked(kind, language, shown)
    if own is not None:
        own.delete()


def _locked(kind: str, language: str, shown: str) -> NoticeText | None:
    own = NoticeText.objects.select_for_update().filter(kind=kind, language=language).first()
    if mark_of(own) != shown:
        raise TextChangedError
    return own
