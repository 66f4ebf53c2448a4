"""The log-in page."""

from typing import cast

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import reverse

from config.log_in import devices
from config.log_in.first_step import begin_log_in
from config.log_in.form import LogInForm
from config.log_in.password_limit import say_when
from core.kept_form import INPUT_NAME, KeptForm


class LogInPage(LoginView):
    """Asks for name and password; what else a log-in needs is allauth's to ask."""

    authentication_form = LogInForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        person = form.get_user()
        begin_log_in(self.request, person)
        login = Login(user=person, redirect_url=self._next())
        name = {"username": person.get_username()}
        answer = perform_password_login(self.request, name, login)
        if self.request.user == person:
            devices.remember(self.request, answer, person.pk)
        return answer

    def _next(self) -> str:
        """Return the page asked for, or what shows what was entered before, after a second step."""
        kept = KeptForm.read(self.request.POST.get(INPUT_NAME, ""))
        return self.get_success_url() if kept is None else reverse("admin:login")

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_invalid(form)
        say_when(answer, cast("LogInForm", form))
        return answer
