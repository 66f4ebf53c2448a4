"""The form of the log-in page."""

from typing import Any

from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from config.log_in import attempts
from config.log_in.password_limit import LimitedForm, Secret
from core.callers import caller_of
from core.models import SecurityEvent
from core.operations.failed_attempts import succeed
from core.operations.security_events import shown_name

REFUSED = _("The username or the password is wrong. Capital letters matter.")
# As long as an e-mail address may be, by which people log in, too.
LONGEST = 254


class LogInForm(LimitedForm, AuthenticationForm):
    """Says one thing of every failure: it tells nobody which users there are."""

    error_messages = {"invalid_login": REFUSED, "inactive": REFUSED}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["username"].widget
        widget.attrs["maxlength"] = LONGEST
        self.fields["username"] = UsernameField(
            label=_("Username or e-mail"), max_length=LONGEST, widget=widget
        )

    def clean(self) -> dict[str, Any]:
        name, password = (self.cleaned_data.get(key) for key in ("username", "password"))
        if not name or not password or self.request is None:
            return super().clean()
        found = _people(name)
        if len(found) == 1:
            self.cleaned_data["username"] = found[0].get_username()
            # It may be the e-mail address of others, with whose passwords it is compared then.
            found = _people(found[0].get_username())
        people = [person.pk for person in found]
        tried = Secret(
            caller_of(self.request),
            SecurityEvent.Kind.LOG_IN_FAILED,
            shown_name(name, is_known=bool(found)),
        )
        counters = attempts.counters(self.request, name, user_ids=people)
        only = people[0] if len(people) == 1 else None
        with self.limited(tried, counters, person_id=only) as attempt:
            cleaned = super().clean()
            succeed(attempt, user_id=self.get_user().pk)
        return cleaned


def _people(name: str) -> list[User]:
    """Return all whose name or e-mail address this is; capital letters do not matter."""
    asked = Q(username__iexact=name) | Q(email__iexact=name)
    return list(User.objects.filter(asked).order_by("pk"))
