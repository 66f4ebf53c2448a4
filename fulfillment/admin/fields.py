"""Form fields of shipments, on their page as in the review."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.admin.fields import WholeFormField
from core.admin.theme import INPUT_CLASS, SELECT_CLASS
from core.clock import today
from fulfillment.operations.moves.expected_date import PastDateError, refuse_past
from fulfillment.queries.people import assignable_people
from inventory.admin.typed_choice import MOST_LISTED


class PriorityField(WholeFormField):
    """A position in the queue."""

    def __init__(self, **described: Any) -> None:
        super().__init__(
            label=_("Priority"),
            min_value=-1_000_000,
            max_value=1_000_000,
            help_text=_("Higher goes first in the queue."),
            **described,
        )


# Where "" means that nothing was chosen: no user name has a colon.
NOBODY = ":nobody"


def person_field(*, nobody: str = "") -> forms.Field:
    """Return a field for a person who may work on shipments: a list of few, of many a user name.

    ``nobody`` is the choice of nobody in the list; in the other it is an empty user name.
    """
    people = list(assignable_people().values_list("username", flat=True)[: MOST_LISTED + 1])
    if len(people) > MOST_LISTED:
        return forms.CharField(
            label=_("Person"),
            max_length=150,
            required=False,
            help_text=_("The user name; empty for nobody."),
            widget=forms.TextInput(attrs={"class": INPUT_CLASS}),
        )
    return forms.ChoiceField(
        label=_("Person"),
        required=nobody != "",
        choices=[(nobody, _("Nobody")), *((name, name) for name in people)],
        widget=forms.Select(attrs={"class": SELECT_CLASS}),
    )


class ExpectedDayField(forms.DateField):
    """A day that has not passed, or none."""

    def __init__(self, **described: Any) -> None:
        # As browsers want the value of a date's input.
        widget = forms.DateInput(attrs={"class": INPUT_CLASS, "type": "date"}, format="%Y-%m-%d")
        super().__init__(label=_("Expected on"), required=False, widget=widget, **described)

    def clean(self, value: Any) -> date | None:
        """Return the day.

        :raises django.core.exceptions.ValidationError: for one that has passed.
        """
        day: date | None = super().clean(value)
        try:
            refuse_past(day, today=today())
        except PastDateError as error:
            message = _("The date has passed: name today or a later day.")
            raise forms.ValidationError(message, code="past") from error
        return day
