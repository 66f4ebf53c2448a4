"""The pages of second factors."""

from typing import Any, cast

from allauth.account.views import ReauthenticateView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import (
    DownloadRecoveryCodesView,
    GenerateRecoveryCodesView,
    ViewRecoveryCodesView,
)
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from config.log_in import devices
from config.log_in.password_limit import LimitedForm, say_when
from config.log_in.second_factor import PASSWORD_KEY, factors_of, needs_second_factor
from config.log_in.second_factor_forms import (
    NewAppForm,
    NewPasskeyForm,
    PasskeyAgainForm,
    PasskeyForm,
    PasswordAgainForm,
    SecondFactorAgainForm,
    SecondFactorForm,
)
from config.log_in.time_steps import take_code

INDEX = "mfa_index"


class FactorPage(View):
    """Gives a page of allauth's the frame of the site's pages."""

    title: Promise

    @method_decorator(never_cache)
    def dispatch(self, *arguments: Any, **named: Any) -> HttpResponseBase:
        return super().dispatch(*arguments, **named)

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**named)  # type: ignore[misc]
        return {**admin.site.each_context(self.request), "title": self.title, **found}

    def form_invalid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if isinstance(form, LimitedForm):
            say_when(answer, form)
        return answer


class ChangePage(FactorPage):
    """Changes what a person has, one change after the other.

    Two at once would leave none where one is needed, or add the same twice.
    """

    def dispatch(self, *arguments: Any, **named: Any) -> HttpResponseBase:
        if self.request.method != "POST":
            return self.changed(*arguments, **named)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=str(self.request.user.pk))
            return self.changed(*arguments, **named)

    def changed(self, *arguments: Any, **named: Any) -> HttpResponseBase:
        """Answer while nothing else changes what the person has."""
        return super().dispatch(*arguments, **named)


class FactorsPage(FactorPage, IndexView):
    """What a person has."""

    title = _("Second factor")

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        person = cast("User", self.request.user)
        found = super().get_context_data(**named)
        is_needed = needs_second_factor(person)
        return {
            **found,
            "is_needed": is_needed,
            "factor_count": factors_of(person.pk),
            "codes_left": _codes_left(found["authenticators"].get("recovery_codes")),
        }


def _codes_left(recovery_codes: Any) -> int:
    """Return how many recovery codes are left; none where the key that encrypted them is gone."""
    try:
        return len(recovery_codes.get_unused_codes()) if recovery_codes else 0
    except ValidationError:
        return 0


class NewAppPage(ChangePage, ActivateTOTPView):
    """The picture that an app scans, and the code that it shows then."""

    form_class = NewAppForm
    title = _("Set up an authenticator app")

    def changed(self, *arguments: Any, **named: Any) -> HttpResponseBase:
        """Show what there is where an app is set up already, as in another tab."""
        if is_mfa_enabled(self.request.user, [Authenticator.Type.TOTP]):
            return HttpResponseRedirect(reverse(INDEX))
        return super().changed(*arguments, **named)

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        app = Authenticator.objects.get(user=form.user, type=Authenticator.Type.TOTP)
        take_code(app, form.cleaned_data["code"])
        return answer


class RemoveAppPage(ChangePage, DeactivateTOTPView):
    """Codes of the app are not accepted any more."""

    title = _("Remove the authenticator app")


class ReadableCodesPage(FactorPage):
    """Offers new codes where those that are kept cannot be read: their key is gone."""

    def dispatch(self, *arguments: Any, **named: Any) -> HttpResponseBase:
        try:
            return super().dispatch(*arguments, **named)
        except ValidationError:
            words = gettext("The recovery codes cannot be read any more. Make new ones.")
            messages.warning(self.request, words)
            return HttpResponseRedirect(reverse("mfa_generate_recovery_codes"))


class RecoveryCodesPage(ReadableCodesPage, ViewRecoveryCodesView):
    """The codes that are left."""

    title = _("Recovery codes")


class RecoveryCodesFile(ReadableCodesPage, DownloadRecoveryCodesView):
    """The codes that are left, as a text."""

    title = _("Recovery codes")


class NewRecoveryCodesPage(FactorPage, GenerateRecoveryCodesView):
    """New codes in place of the former ones, also where those cannot be read any more."""

    title = _("New recovery codes")

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        # Past the count of the former codes, whose key may be gone: the page does not show it.
        found: dict[str, Any] = super(GenerateRecoveryCodesView, self).get_context_data(**named)
        return {**admin.site.each_context(self.request), "title": self.title, **found}


class NewPasskeyPage(ChangePage, AddWebAuthnView):
    """The browser makes a passkey; its person gives it a name."""

    form_class = NewPasskeyForm
    title = _("Add a passkey")


class RemovePasskeyPage(ChangePage, RemoveWebAuthnView):
    """The passkey is not accepted any more."""

    title = _("Remove a passkey")

    def get_success_url(self) -> str:
        return reverse(INDEX)

    def form_valid(self, form: Any) -> HttpResponse:
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.object):
            words = adapter.error_messages["cannot_delete_authenticator"]
            messages.error(self.request, str(words))
            return HttpResponseRedirect(self.get_success_url())
        answer: HttpResponse = super().form_valid(form)
        return answer


class PasswordAgainPage(FactorPage, ReauthenticateView):
    """Asks for the password once more."""

    form_class = PasswordAgainForm
    title = _("Is it you?")


class CodeAgainPage(FactorPage, CodeAgainView):
    """Asks for a code once more."""

    form_class = SecondFactorAgainForm
    title = _("Is it you?")


class PasskeyAgainPage(FactorPage, ReauthenticateWebAuthnView):
    """Asks for a passkey once more."""

    form_class = PasskeyAgainForm
    title = _("Is it you?")

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say what was wrong where the passkey is asked for."""
        for words in form.errors.get("credential", []):
            messages.error(self.request, words)
        return HttpResponseRedirect(self.request.get_full_path())


class SecondStepPage(FactorPage, AuthenticateView):
    """The second step of a log-in; the device is known from then on."""

    form_class = SecondFactorForm
    webauthn_form_class = PasskeyForm
    title = _("Second factor")

    def post(self, *arguments: Any, **named: Any) -> HttpResponse:
        """Go on where the password is still the one of the first step."""
        password = self.stage.login.user.get_session_auth_hash()
        if not constant_time_compare(self.request.session.get(PASSWORD_KEY, ""), password):
            refused: HttpResponse = self.stage.abort()
            return refused
        answer: HttpResponse = super().post(*arguments, **named)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        person = self.stage.login.user
        answer: HttpResponse = super().form_valid(form)
        if self.request.user == person:
            devices.remember(self.request, answer, person.pk)
        return answer


def _closed(page: Any) -> Any:
    """Return a page for those who are logged in."""
    return admin.site.admin_view(page.as_view())


# The names are allauth's. The step is below the log-in page: the cookie of a device is, too.
second_step = path("admin/login/second-step/", SecondStepPage.as_view(), name="mfa_authenticate")
addresses = [
    path("", _closed(FactorsPage), name=INDEX),
    path("app/", _closed(NewAppPage), name="mfa_activate_totp"),
    path("app/remove/", _closed(RemoveAppPage), name="mfa_deactivate_totp"),
    path("passkeys/", _closed(NewPasskeyPage), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/remove/", _closed(RemovePasskeyPage), name="mfa_remove_webauthn"),
    path("recovery-codes/", _closed(RecoveryCodesPage), name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", _closed(NewRecoveryCodesPage), name="mfa_generate_recovery_codes"),
    path(
        "recovery-codes/file/",
        _closed(RecoveryCodesFile),
        name="mfa_download_recovery_codes",
    ),
    path("again/password/", _closed(PasswordAgainPage), name="account_reauthenticate"),
    path("again/code/", _closed(CodeAgainPage), name="mfa_reauthenticate"),
    path("again/passkey/", _closed(PasskeyAgainPage), name="mfa_reauthenticate_webauthn"),
]
