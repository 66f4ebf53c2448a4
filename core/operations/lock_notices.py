"""Informs people by e-mail that their log-in is locked."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from core.formats import moment
from core.models import FailedAttempts, PersonLanguage
from core.operations.log_in_mail import HandedOver, hand_over
from core.text import gettext_noop

BODY = gettext_noop(
    "Hello %(name)s,\n\n"
    "Too many wrong passwords in a row were entered for your account “%(name)s”. Log-in is locked "
    "until %(time)s.\n\n"
    "%(devices)s\n\n"
    "If this was not you, inform a superuser, and choose a password that you use nowhere else."
)
CODES_BODY = gettext_noop(
    "Hello %(name)s,\n\n"
    "Too many wrong codes in a row were entered for your account “%(name)s”, after the right "
    "password. Log-in with a second factor is locked until %(time)s.\n\n"
    "If this was not you, somebody knows your password: choose another one, and inform a superuser."
)


def send_lock_notices(*, now: datetime, lock: timedelta) -> int:
    """Inform everybody whose log-in was locked since the last time; return how many.

    A lock that is over by now, or an account without an e-mail address, needs no e-mail. One that
    the mail server does not take now is tried again the next time; one that it refuses for good, or
    that may have arrived, is not.
    """
    sent = 0
    own = dict(PersonLanguage.objects.values_list("user", "language"))
    due = FailedAttempts.objects.filter(is_notice_due=True).select_related("user").order_by("pk")
    for row in due:
        # Of two that read the row at once, one sends.
        claim = FailedAttempts.objects.filter(pk=row.pk, is_notice_due=True)
        if not claim.update(is_notice_due=False):
            continue
        if row.user is None or not row.user.email or row.last_at + lock <= now:
            continue
        with translation.override(own.get(row.user.pk, settings.LANGUAGE_CODE)):
            send = partial(_send, row, row.user, until=row.last_at + lock)
            came = hand_over(send, subject="a locked log-in")
        if came.is_open:
            FailedAttempts.objects.filter(pk=row.pk).update(is_notice_due=True)
        if came is HandedOver.SERVER_AWAY:
            break
        sent += came is HandedOver.DONE
    return sent


def _send(row: FailedAttempts, person: User, *, until: datetime) -> None:
    others = (
        _("Devices on which you have logged in before are not locked.")
        if row.scope == FailedAttempts.Scope.ACCOUNT
        else _("Only the device on which they were entered is locked.")
    )
    body = CODES_BODY if row.scope == FailedAttempts.Scope.SECOND_FACTOR else BODY
    values = {"name": person.get_username(), "time": moment(until), "devices": others}
    send_mail(_("Your log-in is locked"), _(body) % values, None, [person.email])
