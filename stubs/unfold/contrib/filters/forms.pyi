from typing import Any

from django import forms

class AutocompleteDropdownForm(forms.Form):
    field: type[forms.Field]
    widget: type[forms.Widget]
    def __init__(
        self,
        request: Any,
        name: str,
        label: Any,
        choices: Any,
        field: Any,
        model_admin: Any,
        *args: Any,
        **kwargs: Any,
    ) -> None: ...
