from typing import Any

from django import forms

class AddWebAuthnForm(forms.Form):
    def clean(self) -> dict[str, Any] | None: ...

class AuthenticateWebAuthnForm(forms.Form):
    def clean_credential(self) -> object: ...

class ReauthenticateWebAuthnForm(AuthenticateWebAuthnForm): ...
