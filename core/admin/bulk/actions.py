"""The bulk actions of lists: what each asks for, in which words, with which permission."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import BulkChange
from core.operations.bulk.apply import BulkRequest
from core.operations.bulk.row_plans import Shift

SEVERAL = _("The selected rows have several values.")


class Words(Protocol):
    """How rows of an action are read by people; answered by modules."""

    def label_of(self, name: str, /) -> str:
        """Return what a value of a row is called."""

    def value_in_words(self, shift: Shift, value: Any, /) -> str:
        """Return one value of a shift."""

    def sentence_in_words(self, message: str, values: Mapping[str, str], /) -> str:
        """Return a refusal, or an effect."""

    def differences(
        self, action: str, texts: Mapping[int, tuple[str | None, str | None]], /
    ) -> list[str]:
        """Return what is another now, row by row: of each key what was shown, and is now."""


class BulkForm(forms.Form):
    """What one action asks for of the ``rows`` that were chosen; subclasses say what.

    Fields start at the value in force. ``columns`` are those of the rows that fields show.
    """

    columns: Mapping[str, str] = {}

    def __init__(self, data: Any = None, *, rows: QuerySet[Any] | None = None) -> None:
        super().__init__(data, label_suffix="")
        self.add_fields()
        if rows is not None:
            self.start_from(rows)

    def add_fields(self) -> None:
        """Add the fields that the site's values shape."""

    @property
    def is_complete(self) -> bool:
        """Whether everything is there that a preview needs."""
        return self.is_bound and self.is_valid()

    def shown_rows(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows whose values the fields show."""
        return rows

    def start_from(self, rows: QuerySet[Any]) -> None:
        """Show the value on which all rows agree, or say that they do not."""
        agreed = agreed_values(self.shown_rows(rows), self.columns.values())
        for name, column in self.columns.items():
            if column in agreed:
                self.initial[name] = agreed[column]
            else:
                self.say_several(name)

    def alternatives(self) -> Iterable[tuple[Any, forms.BoundField]]:
        """Return the choices of which one is selected, each with the field that goes with it."""
        return ()

    def single_fields(self) -> Iterable[forms.BoundField]:
        """Return the fields that stand for themselves."""
        return self

    def say_several(self, name: str) -> None:
        """Say of a field that the rows have several values."""
        shown: Any = self.fields[name]
        self.initial[name] = ""
        shown.help_text = f"{SEVERAL} {shown.help_text}".strip()
        if type(shown) is forms.ChoiceField:
            shown.choices = [("", "---------"), *cast("Iterable[Any]", shown.choices)]

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        """Return the keys of the rows, in the order of the list."""
        return list(chosen.values_list("pk", flat=True))

    def values(self) -> dict[str, Any]:
        """Return what was asked for, as it is kept."""
        return {}

    def summary(self) -> str:
        """Return the change in one sentence, without a full stop; "" is what the action says."""
        return ""


def agreed_values(rows: QuerySet[Any], columns: Iterable[str]) -> dict[str, Any]:
    """Return the value of each column in which all rows agree, in two statements."""
    rows, columns = rows.order_by(), list(columns)
    first = rows.values(*columns).first() if columns else None
    if first is None:
        return {}
    differing = {
        f"differing_{position}": Count("pk", filter=_differs(column, first[column]))
        for position, column in enumerate(columns)
    }
    counts = rows.aggregate(**differing)
    return {
        column: first[column]
        for column, name in zip(columns, differing, strict=True)
        if not counts[name]
    }


def _differs(column: str, value: Any) -> Q:
    return Q(**{f"{column}__isnull": False}) if value is None else ~Q(**{column: value})


@dataclass(frozen=True, slots=True)
class PlanWords:
    """What a preview says beside its rows, by what the action does with them.

    ``counted`` is said of the rows that it takes, ``refused`` of those that it does not; ``stays``
    begins the reason of one, and ``column`` heads what becomes of each. ``unchanged`` is said of
    rows that are as they would become; empty where no row changes.
    """

    counted: str | Promise
    refused: str | Promise
    stays: str | Promise
    column: str | Promise
    unchanged: str | Promise = ""


CHANGES = PlanWords(
    _("Would change"),
    _("Refused rows stay as they are and are listed first. The other rows are changed."),
    _("Stays as it is:"),
    _("Preview of changes"),
    _("Already have this value"),
)
# Of an action that changes no row.
PRINTS = PlanWords(
    _("Would be printed"),
    _("Refused rows are left out and are listed first. The other rows are printed."),
    _("Left out:"),
    _("Preview of what is printed"),
)


@dataclass(frozen=True, slots=True)
class ListAction:
    """One action of a list: ``slug`` names it in addresses, ``code`` in what is kept.

    ``columns`` head the names of its rows, ``details`` what is shown beside them.
    ``confirmation`` is what is asked for below the preview; ``outcome`` says what came of a change
    on the page of its job. One that is no change of rows has a ``start``, which does what was
    shown, or raises
    :class:`core.operations.bulk.apply.ChangedSinceShownError`; its ``plan_words`` say what it does.
    """

    slug: str
    code: str
    label: str | Promise
    form: type[BulkForm]
    permission: str
    words: Words
    columns: Sequence[str | Promise]
    details: Sequence[str | Promise] = ()
    confirmation: type[forms.Form] = forms.Form
    outcome: Callable[[BulkChange], list[str]] | None = None
    start: Callable[[HttpRequest, BulkRequest, datetime], HttpResponse] | None = None
    plan_words: PlanWords = CHANGES
    template: str = "core/bulk/page.html"
    is_final: bool = False


ACTIONS: dict[str, ListAction] = {}


def offer(*actions: ListAction) -> None:
    """Make list actions known by their codes, for the pages of changes; called as admins load."""
    ACTIONS.update({str(action.code): action for action in actions})


def allowed_actions(request: HttpRequest, actions: Iterable[ListAction]) -> list[ListAction]:
    """Return those of ``actions`` that this person may take."""
    return [action for action in actions if request.user.has_perm(action.permission)]
