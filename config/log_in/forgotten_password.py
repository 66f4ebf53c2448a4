"""The pages by which people who forgot their password choose a new one, with a link by e-mail.

They are offered where e-mail is set up. What they answer, and how fast, tells nobody which accounts
there are.
"""

from math import ceil
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView, View
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from config.log_in import attempts
from config.log_in.new_password import after_new_password
from config.log_in.password_limit import LimitedForm, say_when
from core.broker import call_worker
from core.formats import whole
from core.operations.failed_attempts import AttemptRefusal, forget_wrong_passwords
from core.operations.password_resets import LINK_PAGE, may_choose_password, request_reset

SEND = "core.look_after_log_ins"


class ForgottenPasswordForm(LimitedForm, forms.Form):
    """Asks for the e-mail address of an account."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=UnfoldAdminTextInputWidget(
            {"type": "email", "autocomplete": "email", "autofocus": True}
        ),
    )

    def __init__(self, *arguments: Any, request: HttpRequest, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.request = request

    def clean(self) -> dict[str, Any] | None:
        if email := self.cleaned_data.get("email"):
            self.begin(attempts.of_new_password(self.request, email))
        return super().clean()

    def refusal_words(self, refusal: AttemptRefusal, seconds: int) -> str:
        minutes = ceil(seconds / 60)
        sentence = ngettext(
            "A new password was asked for too often. Try again in %(count)s minute.",
            "A new password was asked for too often. Try again in %(count)s minutes.",
            minutes,
        )
        return sentence % {"count": whole(minutes)}


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """Asks twice for the new password."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for field in self.fields.values():
            field.widget = UnfoldAdminPasswordWidget({"autocomplete": "new-password"})


class OfferedPage(View):
    """Is there where e-mail is set up, in the frame of the log-in page."""

    @method_decorator(never_cache)
    def dispatch(self, *arguments: Any, **named: Any) -> HttpResponseBase:
        if not settings.OFFERS_PASSWORD_RESET:
            raise Http404
        return super().dispatch(*arguments, **named)

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**named)  # type: ignore[misc]
        return {**found, **admin.site.each_context(self.request), "title": _("New password")}


class ForgottenPasswordPage(OfferedPage, FormView):  # type: ignore[type-arg]
    """Asks whose password is forgotten; the e-mail is sent by a worker."""

    form_class = ForgottenPasswordForm
    template_name = "config/forgotten_password.html"
    success_url = reverse_lazy("password_reset_sent")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: ForgottenPasswordForm) -> HttpResponse:
        email, language = form.cleaned_data["email"], get_language() or settings.LANGUAGE_CODE
        request_reset(email, language=language, now=timezone.now())
        call_worker(SEND)
        return super().form_valid(form)

    def form_invalid(self, form: ForgottenPasswordForm) -> HttpResponse:
        answer = super().form_invalid(form)
        say_when(answer, form)
        return answer


class ResetSentPage(OfferedPage, TemplateView):
    """Says one thing, whoever was asked for."""

    template_name = "config/password_reset_sent.html"


class NewPasswordPage(OfferedPage, PasswordResetConfirmView):
    """Takes the new password of who has the link, once."""

    form_class = NewPasswordForm
    template_name = "config/new_password.html"
    success_url = reverse_lazy("admin:login")

    def dispatch(self, *arguments: Any, **named: Any) -> HttpResponseBase:
        with transaction.atomic():
            return super().dispatch(*arguments, **named)

    def get_user(self, uidb64: str) -> User | None:
        """Return whose link it is; of two that use it at once, the second finds it used."""
        person = super().get_user(uidb64)
        if person is None:
            return None
        return may_choose_password().select_for_update().filter(pk=person.pk).first()

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        # Also who is logged in here, as whoever, logs in again: with a second factor.
        logout(self.request)
        after_new_password(self.request, form.user.pk)
        forget_wrong_passwords(form.user.pk)
        sentence = gettext("%(user)s has a new password. Log in with it.")
        messages.success(self.request, sentence % {"user": form.user.get_username()})
        return answer


addresses = [
    path("", ForgottenPasswordPage.as_view(), name="password_reset"),
    path("sent/", ResetSentPage.as_view(), name="password_reset_sent"),
    path("<uidb64>/<token>/", NewPasswordPage.as_view(), name=LINK_PAGE),
]
