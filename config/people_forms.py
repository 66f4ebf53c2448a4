"""The forms of users, whose names differ by more than capital letters."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from config.limit_fields import LimitFields
from core.admin.theme import UserChangeForm, UserCreationForm


class NameForm:
    """Refuses the name of another, however it is written: people log in by any spelling of it."""

    cleaned_data: dict[str, Any]
    instance: User

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        other = User.objects.filter(username__iexact=name).exclude(pk=self.instance.pk).first()
        if other is not None:
            words = gettext(
                "There is a user “%(name)s” already. Capital letters make no difference."
            )
            raise ValidationError(words % {"name": other.get_username()})
        return name


class NewPersonForm(NameForm, UserCreationForm):
    """A new user."""


class PersonForm(NameForm, LimitFields, UserChangeForm):
    """A user."""
