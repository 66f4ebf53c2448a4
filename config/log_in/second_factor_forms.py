"""Forms that ask for a second factor: how often is limited."""

from typing import Any

from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from config.log_in import attempts
from config.log_in.password_limit import LimitedForm
from core.operations.failed_attempts import succeed

CODE = _("Code")


def _code_field(help_text: Any) -> forms.CharField:
    shown = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
    return forms.CharField(
        label=CODE, max_length=20, help_text=help_text, widget=UnfoldAdminTextInputWidget(shown)
    )


class LimitedCodeForm(LimitedForm):
    """Counts a code as wrong before it is compared."""

    user: Any

    def clean_code(self) -> str:
        attempt = self.begin([attempts.of_second_factor(self.user.pk)])
        code: str = super().clean_code()  # type: ignore[misc]
        succeed(attempt, user_id=self.user.pk)
        return code


class SecondFactorForm(LimitedCodeForm, AuthenticateForm):
    """The second step of a log-in."""

    code = _code_field(_("From your authenticator app, or one of your recovery codes."))


class SecondFactorAgainForm(LimitedCodeForm, ReauthenticateForm):
    """Asks who changes what keeps an account safe once more."""

    code = _code_field(_("From your authenticator app, or one of your recovery codes."))


class NewAppForm(LimitedCodeForm, ActivateTOTPForm):
    """Shows that the app knows the secret."""

    code = _code_field(_("The six digits that the app shows now."))


class NewPasskeyForm(AddWebAuthnForm):
    """A new passkey, and what its person calls it."""

    name = forms.CharField(
        label=_("Name"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget()
    )


class PasswordAgainForm(LimitedForm, PasswordForm):
    """Asks who changes what keeps an account safe for the password once more."""

    password = forms.CharField(
        label=_("Password"),
        widget=UnfoldAdminPasswordWidget({"autocomplete": "current-password", "autofocus": True}),
    )

    def clean_password(self) -> str:
        attempt = self.begin([attempts.of_own_password(self.user.pk)])
        password: str = super().clean_password()
        succeed(attempt, user_id=self.user.pk)
        return password
