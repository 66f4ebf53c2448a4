"""The forms of users, whose names differ by more than capital letters."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from config.limit_fields import LimitFields
from core.admin.theme import UserChangeForm, UserCreationForm


def name_is_taken(name: str, *, by_other_than: int | None = None) -> str:
    """Return, in a sentence, that another has this name, however it is written; "" if nobody."""
    other = User.objects.filter(username__iexact=name).exclude(pk=by_other_than or 0).first()
    if other is None:
        return ""
    words = gettext("There is a user “%(name)s” already. Capital letters make no difference.")
    return words % {"name": other.get_username()}


class NameForm:
    """Refuses the name of another, however it is written: people log in by any spelling of it."""

    cleaned_data: dict[str, Any]
    instance: User

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if said := name_is_taken(name, by_other_than=self.instance.pk):
            raise ValidationError(said)
        return name


class NewPersonForm(NameForm, UserCreationForm):
    """A new user."""


class PersonForm(NameForm, LimitFields, UserChangeForm):
    """A user."""
