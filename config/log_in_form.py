"""The form of the log-in page."""

from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

REFUSED = _("The username or the password is wrong. Capital letters matter.")


class LogInForm(AuthenticationForm):
    """Says one thing of every failure: it tells nobody which users there are."""

    error_messages = {"invalid_login": REFUSED, "inactive": REFUSED}
