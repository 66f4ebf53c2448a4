"""The log-in page."""

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse


class LogInPage(LoginView):
    """Asks for name and password; what else a log-in needs is allauth's to ask."""

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        person = form.get_user()
        login = Login(user=person, redirect_url=self.get_success_url())
        return perform_password_login(self.request, {"username": person.get_username()}, login)
