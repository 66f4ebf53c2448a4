from django import forms
from django.contrib.auth.models import User

class ActivateTOTPForm(forms.Form):
    user: User
    secret: str
    def clean_code(self) -> str: ...
