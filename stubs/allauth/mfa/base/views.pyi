from typing import Any

from django import forms
from django.http import HttpResponse
from django.views.generic import TemplateView
from django.views.generic.edit import FormView

class AuthenticateView(TemplateView):
    stage: Any
    def form_valid(self, form: forms.Form) -> HttpResponse: ...
    def form_invalid(self, form: forms.Form) -> HttpResponse: ...

class ReauthenticateView(FormView[forms.Form]): ...
class IndexView(TemplateView): ...
