"""Sends people the link by which they choose a new password."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from core.callers import Caller
from core.models import PasswordResetRequest, PersonLanguage, SecurityEvent
from core.operations.log_in_mail import HandedOver, hand_over
from core.operations.security_events import record
from core.text import gettext_noop

# The page that the link opens; its address has who it is for, and what proves it.
LINK_PAGE = "password_reset_link"
BODY = gettext_noop(
    "Hello %(name)s,\n\n"
    "Somebody asked for a new password for your account “%(name)s”. If it was you, choose one "
    "here:\n\n"
    "%(link)s\n\n"
    "The link works once, and for one hour.\n\n"
    "If it was not you, do nothing: your password stays as it is."
)


def request_reset(email: str, *, language: str, now: datetime) -> None:
    """Write down that a new password was asked for, of an address that may be nobody's."""
    PasswordResetRequest.objects.bulk_create(
        [PasswordResetRequest(email=email, language=language, requested_at=now, is_due=True)],
        update_conflicts=True,
        unique_fields=["email"],
        update_fields=["language", "requested_at", "is_due"],
    )


def may_choose_password() -> QuerySet[User]:
    """Return who may have a new password by e-mail: those who may log in with one."""
    people = User.objects.filter(is_active=True, is_staff=True)
    return people.exclude(password="").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def send_password_resets(*, now: datetime, lifetime: timedelta) -> int:
    """Send a link to everybody who asked for one; return how many e-mails were sent.

    Who shares an address with others gets one for each account, with its name. Of a mail server
    that takes nothing now another try is made each time, for ``lifetime`` after it was asked.
    """
    PasswordResetRequest.objects.filter(requested_at__lte=now - lifetime).delete()
    sent = 0
    for row in PasswordResetRequest.objects.filter(is_due=True).order_by("pk"):
        # Of two that read the row at once, one sends.
        claim = PasswordResetRequest.objects.filter(pk=row.pk, is_due=True)
        if not claim.update(is_due=False):
            continue
        came = [_sent(person, row.language, now=now) for person in _asked_by(row)]
        sent += came.count(HandedOver.DONE)
        if HandedOver.DONE not in came and any(one.is_open for one in came):
            PasswordResetRequest.objects.filter(pk=row.pk).update(is_due=True)
        else:
            # One that was asked for meanwhile is due again, and stays.
            PasswordResetRequest.objects.filter(pk=row.pk, is_due=False).delete()
        if HandedOver.SERVER_AWAY in came:
            break
    return sent


def _asked_by(row: PasswordResetRequest) -> QuerySet[User]:
    return may_choose_password().filter(email__iexact=row.email).order_by("pk")


def _sent(person: User, language: str, *, now: datetime) -> HandedOver:
    own = PersonLanguage.objects.filter(user=person).values_list("language", flat=True).first()
    with translation.override(own or language):
        send = partial(_send, person)
        came = hand_over(send, subject="a new password")
    if came is HandedOver.DONE:
        record(Caller(now), SecurityEvent.Kind.PASSWORD_ASKED, person_id=person.pk)
    return came


def _send(person: User) -> None:
    names = (
        urlsafe_base64_encode(force_bytes(person.pk)),
        default_token_generator.make_token(person),
    )
    values = {
        "name": person.get_username(),
        "link": f"{settings.SITE_URL}{reverse(LINK_PAGE, args=names)}",
    }
    send_mail(_("Choose a new password"), _(BODY) % values, None, [person.email])
