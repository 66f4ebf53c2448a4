"""Forms that ask for a second factor: how often is limited."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from config.log_in import attempts
from config.log_in.password_limit import LimitedForm, Secret
from config.log_in.time_steps import take_code
from core.callers import caller_of
from core.models import SecurityEvent
from core.operations.failed_attempts import succeed
from core.operations.security_events import count

Kind = SecurityEvent.Kind

CODE = _("Code")
FROM_WHERE = _("From your authenticator app, or one of your recovery codes.")
REFUSED = _("The passkey was not accepted. Try again.")


def _code_field(help_text: Any) -> forms.CharField:
    shown = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
    return forms.CharField(
        label=CODE, max_length=20, help_text=help_text, widget=UnfoldAdminTextInputWidget(shown)
    )


class LimitedCodeForm(LimitedForm):
    """Counts a code as wrong before it is compared."""

    user: Any

    def clean_code(self) -> str:
        entered = Secret(caller_of(context.request), Kind.CODE_FAILED)
        counters = [attempts.of_second_factor(context.request, self.user.pk)]
        with self.limited(entered, counters, person_id=self.user.pk) as attempt:
            code: str = super().clean_code()  # type: ignore[misc]
            succeed(attempt, user_id=self.user.pk)
        return code


class OnceCodeForm(forms.Form):
    """Takes a code of an app that is right, and was not taken before."""

    authenticator: Authenticator

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        is_app = self.authenticator.type == Authenticator.Type.TOTP
        if is_app and not take_code(self.authenticator, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(LimitedCodeForm, OnceCodeForm, AuthenticateForm):
    """The second step of a log-in."""

    code = _code_field(FROM_WHERE)


class SecondFactorAgainForm(LimitedCodeForm, OnceCodeForm, ReauthenticateForm):
    """Asks who changes what keeps an account safe once more."""

    code = _code_field(FROM_WHERE)


class NewAppForm(LimitedCodeForm, ActivateTOTPForm):
    """Shows that the app knows the secret."""

    code = _code_field(_("The six digits that the app shows now."))


class CredentialField(forms.JSONField):
    """What a browser answers about a passkey."""

    widget = forms.HiddenInput

    def bound_data(self, _data: Any, _initial: Any) -> None:
        """Show no answer again: each is good for one question."""

    def to_python(self, value: Any) -> Any:
        try:
            found = super().to_python(value)
        except (ValueError, RecursionError) as error:
            # A number of thousands of digits, or thousands of lists in each other.
            raise ValidationError(REFUSED) from error
        if found is not None and not isinstance(found, dict):
            raise ValidationError(REFUSED)
        return found


@contextmanager
def _refused() -> Iterator[None]:
    """Refuse what the library meets in an answer that no browser gives."""
    try:
        yield
    except (AssertionError, LookupError, TypeError, ValueError) as error:
        raise ValidationError(REFUSED) from error


class ComparedPasskey:
    """Writes down a passkey that is not accepted."""

    user: Any

    def clean_credential(self) -> Any:
        try:
            with _refused():
                return super().clean_credential()  # type: ignore[misc]
        except ValidationError:
            count(caller_of(context.request), Kind.CODE_FAILED, person_id=self.user.pk)
            raise


class PasskeyForm(ComparedPasskey, AuthenticateWebAuthnForm):
    """The second step of a log-in with a passkey."""

    credential = CredentialField()


class PasskeyAgainForm(ComparedPasskey, ReauthenticateWebAuthnForm):
    """Asks who changes what keeps an account safe for a passkey once more."""

    credential = CredentialField()


class NewPasskeyForm(AddWebAuthnForm):
    """A new passkey, and what its person calls it."""

    credential = CredentialField()
    name = forms.CharField(
        label=_("Name"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget()
    )

    def clean(self) -> dict[str, Any] | None:
        with _refused():
            return super().clean()


class PasswordAgainForm(LimitedForm, PasswordForm):
    """Asks who changes what keeps an account safe for the password once more."""

    password = forms.CharField(
        label=_("Password"),
        widget=UnfoldAdminPasswordWidget({"autocomplete": "current-password", "autofocus": True}),
    )

    def clean_password(self) -> str:
        entered = Secret(caller_of(context.request), Kind.LOG_IN_FAILED)
        counters = [attempts.of_own_password(self.user.pk)]
        with self.limited(entered, counters, person_id=self.user.pk) as attempt:
            password: str = super().clean_password()
            succeed(attempt, user_id=self.user.pk)
        return password
