"""A text that a script completes: it offers what matches while one types."""

from typing import Any

from django import forms
from django.utils.safestring import SafeString

from core.admin.plain_controls import attributes
from core.admin.theme import INPUT_CLASS


class LookupInput(forms.TextInput):
    """What is typed counts as it is, so that it is right without JavaScript.

    A subclass says the address to which a script adds the ``term``; the answer is JSON with
    ``results``, each with the ``text`` to fill in and perhaps a ``label``.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        own = {"autocomplete": "off", "spellcheck": "false", "class": INPUT_CLASS}
        super().__init__({**own, **(attrs or {})})

    def lookup_url(self) -> str:
        """Return the address that is asked, with a ``?``."""
        # Django's classes have a metaclass of their own, which refuses no abstract methods.
        raise NotImplementedError

    def lookup_attributes(self) -> dict[str, Any]:
        """Return further attributes that the script reads."""
        return {}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        list_id = f"{(attrs or {}).get('id', name)}_codes"
        lookup = {"list": list_id, "data-lookup": self.lookup_url(), **self.lookup_attributes()}
        box = super().render(name, value, {**(attrs or {}), **lookup}, renderer)
        return SafeString(f"{box}<datalist{attributes({'id': list_id})}></datalist>")
