"""The pages of second factors."""

from typing import Any

from allauth.account.views import ReauthenticateView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from allauth.mfa.recovery_codes.views import (
    DownloadRecoveryCodesView,
    GenerateRecoveryCodesView,
    ViewRecoveryCodesView,
)
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib import admin, messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from config.log_in import devices
from config.log_in.password_limit import LimitedForm, say_when
from config.log_in.second_factor import factors_of, needs_second_factor
from config.log_in.second_factor_forms import (
    NewAppForm,
    NewPasskeyForm,
    PasswordAgainForm,
    SecondFactorAgainForm,
    SecondFactorForm,
)

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


class FactorsPage(FactorPage, IndexView):
    """What a person has."""

    title = _("Second factor")

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        person = self.request.user
        found = super().get_context_data(**named)
        is_needed = needs_second_factor(person) if person.pk else False
        return {**found, "is_needed": is_needed, "factor_count": factors_of(int(str(person.pk)))}


class NewAppPage(FactorPage, ActivateTOTPView):
    form_class = NewAppForm
    title = _("Set up an authenticator app")


class RemoveAppPage(FactorPage, DeactivateTOTPView):
    title = _("Remove the authenticator app")


class RecoveryCodesPage(FactorPage, ViewRecoveryCodesView):
    title = _("Recovery codes")


class NewRecoveryCodesPage(FactorPage, GenerateRecoveryCodesView):
    title = _("New recovery codes")


class NewPasskeyPage(FactorPage, AddWebAuthnView):
    form_class = NewPasskeyForm
    title = _("Add a passkey")


class RemovePasskeyPage(FactorPage, RemoveWebAuthnView):
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
    form_class = PasswordAgainForm
    title = _("Is it you?")


class CodeAgainPage(FactorPage, CodeAgainView):
    form_class = SecondFactorAgainForm
    title = _("Is it you?")


class PasskeyAgainPage(FactorPage, ReauthenticateWebAuthnView):
    title = _("Is it you?")

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say what was wrong where the passkey is asked for."""
        for words in form.errors.get("credential", []):
            messages.error(self.request, words)
        return HttpResponseRedirect(self.request.get_full_path())


class SecondStepPage(FactorPage, AuthenticateView):
    """The second step of a log-in; the device is known from then on."""

    form_class = SecondFactorForm
    title = _("Second factor")

    def form_valid(self, form: Any) -> HttpResponse:
        person = self.stage.login.user
        answer: HttpResponse = super().form_valid(form)
        if self.request.user == person:
            devices.remember(self.request, answer, person.pk)
        return answer


def _closed(page: Any) -> Any:
    """Return a page for those who are logged in."""
    return admin.site.admin_view(page.as_view())


# The names are allauth's.
addresses = [
    path("", _closed(FactorsPage), name=INDEX),
    path("log-in/", SecondStepPage.as_view(), name="mfa_authenticate"),
    path("app/", _closed(NewAppPage), name="mfa_activate_totp"),
    path("app/remove/", _closed(RemoveAppPage), name="mfa_deactivate_totp"),
    path("passkeys/", _closed(NewPasskeyPage), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/remove/", _closed(RemovePasskeyPage), name="mfa_remove_webauthn"),
    path("recovery-codes/", _closed(RecoveryCodesPage), name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", _closed(NewRecoveryCodesPage), name="mfa_generate_recovery_codes"),
    path(
        "recovery-codes/file/",
        _closed(DownloadRecoveryCodesView),
        name="mfa_download_recovery_codes",
    ),
    path("again/password/", _closed(PasswordAgainPage), name="account_reauthenticate"),
    path("again/code/", _closed(CodeAgainPage), name="mfa_reauthenticate"),
    path("again/passkey/", _closed(PasskeyAgainPage), name="mfa_reauthenticate_webauthn"),
]
