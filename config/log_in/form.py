"""The form of the log-in page."""

from typing import Any

from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

REFUSED = _("The username or the password is wrong. Capital letters matter.")
# As long as an e-mail address may be, by which people log in, too.
LONGEST = 254


class LogInForm(AuthenticationForm):
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
        name = self.cleaned_data.get("username")
        found = _people(name) if name else []
        if len(found) == 1:
            self.cleaned_data["username"] = found[0].get_username()
        return super().clean()


def _people(name: str) -> list[User]:
    """Return whom a name or else an e-mail address stands for; capital letters do not matter."""
    named = list(User.objects.filter(username__iexact=name).order_by("pk"))
    return named or list(User.objects.filter(email__iexact=name).order_by("pk"))
