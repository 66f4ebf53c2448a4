"""The form of the log-in page."""

from datetime import timedelta
from math import ceil
from typing import Any

from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.forms import AuthenticationForm

from config.log_in import attempts
from core.formats import whole
from core.operations import failed_attempts

REFUSED = _("The username or the password is wrong. Capital letters matter.")
# As long as an e-mail address may be, by which people log in, too.
LONGEST = 254


class LogInForm(AuthenticationForm):
    """Says one thing of every failure: it tells nobody which users there are.

    ``retry_after`` is in how many seconds another attempt is allowed, where this one was not.
    """

    error_messages = {"invalid_login": REFUSED, "inactive": REFUSED}
    retry_after = 0

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
        account = found[0].pk if found else None
        counters = attempts.counters(self.request, name, user_id=account)
        now = timezone.now()
        refusal = failed_attempts.begin(counters, now=now)
        if refusal is not None:
            self.retry_after = max(ceil((refusal.until - now).total_seconds()), 1)
            raise ValidationError(_refusal_words(self.retry_after, is_lock=refusal.is_lock))
        cleaned = super().clean()
        failed_attempts.succeed(counters)
        return cleaned


def _people(name: str) -> list[User]:
    """Return whom a name or else an e-mail address stands for; capital letters do not matter."""
    named = list(User.objects.filter(username__iexact=name).order_by("pk"))
    return named or list(User.objects.filter(email__iexact=name).order_by("pk"))


def _refusal_words(seconds: int, *, is_lock: bool) -> str:
    if not is_lock:
        sentence = ngettext(
            "Too many wrong passwords. Try again in %(count)s second.",
            "Too many wrong passwords. Try again in %(count)s seconds.",
            seconds,
        )
        return sentence % {"count": whole(seconds)}
    minutes = ceil(timedelta(seconds=seconds) / timedelta(minutes=1))
    sentence = ngettext(
        "Too many wrong passwords. Log-in is locked for %(count)s minute. A superuser can unlock "
        "it sooner.",
        "Too many wrong passwords. Log-in is locked for %(count)s minutes. A superuser can unlock "
        "it sooner.",
        minutes,
    )
    return sentence % {"count": whole(minutes)}
