"""The e-mails to people whose password or second factor changed."""

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import translation
from django.utils.translation import gettext as _

from core.callers import Caller
from core.formats import moment
from core.models import AccountEmail, PersonLanguage, SecurityEvent
from core.network_addresses import UNKNOWN_ADDRESS
from core.operations.security_events import record
from core.text import gettext_noop

Kind = SecurityEvent.Kind
SUBJECTS = {
    Kind.PASSWORD_CHANGED: gettext_noop("Your password was changed"),
    Kind.FACTOR_ADDED: gettext_noop("A second factor was added to your account"),
    Kind.FACTOR_REMOVED: gettext_noop("A second factor was removed from your account"),
}
SENTENCES = {
    Kind.PASSWORD_CHANGED: gettext_noop(
        "The password of your account “%(name)s” was changed on %(time)s."
    ),
    Kind.FACTOR_ADDED: gettext_noop(
        "A second factor was added to your account “%(name)s” on %(time)s."
    ),
    Kind.FACTOR_REMOVED: gettext_noop(
        "A second factor was removed from your account “%(name)s” on %(time)s."
    ),
}


def record_and_inform(
    caller: Caller, kind: SecurityEvent.Kind, *, person_id: int, name: str = ""
) -> None:
    """Write an event about how a person logs in, and queue an e-mail that informs them of it.

    Who has no e-mail address is not informed. For the transaction in which it changes.
    """
    record(caller, kind, person_id=person_id, name=name)
    person = User.objects.exclude(email="").filter(pk=person_id).order_by("pk").first()
    if person is None:
        return
    own = PersonLanguage.objects.filter(user=person_id).values_list("language", flat=True)
    with translation.override(own.order_by("pk").first() or settings.LANGUAGE_CODE):
        AccountEmail.objects.create(
            user=person,
            recipient=person.email,
            subject=_(SUBJECTS[kind]),
            body=_body(caller, kind, person),
            created_at=caller.at,
            next_attempt_at=caller.at,
        )


def _body(caller: Caller, kind: SecurityEvent.Kind, person: User) -> str:
    values = {"name": person.get_username(), "time": moment(caller.at)}
    return "\n\n".join(
        [
            _("Hello %(name)s,") % values,
            _(SENTENCES[kind]) % values,
            "\n".join(_facts(caller, person)),
            _(
                "If this was you, or was agreed with you, there is nothing to do. If not, inform a "
                "superuser at once, and choose a password that you use nowhere else."
            ),
        ]
    )


def _facts(caller: Caller, person: User) -> list[str]:
    found = User.objects.filter(pk=caller.actor_id or 0)
    actor = found.order_by("pk").first()
    facts = []
    if actor is None:
        facts.append(_("Done by: a command on the server"))
    elif actor != person:
        facts.append(_("Done by: %(name)s") % {"name": actor.get_username()})
    else:
        facts.append(_("Done by: you"))
    if caller.address not in (None, UNKNOWN_ADDRESS):
        facts.append(_("Network address: %(address)s") % {"address": caller.address})
    return facts
