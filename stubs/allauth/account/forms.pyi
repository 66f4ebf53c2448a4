from django import forms
from django.contrib.auth.models import User

class ReauthenticateForm(forms.Form):
    user: User
    def clean_password(self) -> str: ...
