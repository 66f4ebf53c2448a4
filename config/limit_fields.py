"""The fields by which a user or an API key is limited to sources or stocks."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.theme import CheckboxSelectMultiple
from core.callers import Caller
from core.models import ApiKey
from core.operations.access_limits import Limits, limit_access
from inventory.admin.typed_choice import SOURCE, STOCK, CodeBoxes, RowsChoice
from inventory.models import Source, Stock

NAMES = ("limit_sources", "limit_stocks")
TITLE = _("Limits")


class LimitBoxes(CodeBoxes, CheckboxSelectMultiple):
    """Boxes of codes, as the other forms of the site have them."""


class LimitFields(forms.Form):
    """The sources and stocks that a user or a key is limited to; none is all."""

    limit_sources = RowsChoice(
        Source.objects.order_by("code"),
        lookup=SOURCE,
        label=_("Only these sources"),
        help_text=_("Shipments, units, counts and deliveries of other sources are not shown."),
        required=False,
        to_field_name="code",
        widget=LimitBoxes,
    )
    limit_stocks = RowsChoice(
        Stock.objects.order_by("code"),
        lookup=STOCK,
        label=_("Only these stocks"),
        help_text=_("Orders of other stocks are not shown. The sources of these stocks are shown."),
        required=False,
        to_field_name="code",
        widget=LimitBoxes,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = Limits.of(getattr(self.instance, "access_limit", None))
        for name, model, keys in zip(
            NAMES, (Source, Stock), (limits.sources, limits.stocks), strict=True
        ):
            rows: QuerySet[Any] = model._default_manager.filter(pk__in=keys).order_by("code")
            self.initial[name] = list(rows) if keys else []

    instance: Any

    def clean_limit_sources(self) -> Any:
        return self._clean_limit("limit_sources")

    def clean_limit_stocks(self) -> Any:
        return self._clean_limit("limit_stocks")

    def _clean_limit(self, name: str) -> Any:
        chosen = self.cleaned_data[name]
        # Without the field a person keeps what he or she is.
        is_superuser = self.cleaned_data.get(
            "is_superuser", getattr(self.instance, "is_superuser", False)
        )
        if chosen and is_superuser and isinstance(self.instance, User):
            words = gettext("A superuser sees everything. Clear this, or clear “Superuser”.")
            raise forms.ValidationError(words)
        return chosen


def save_limits(form: Any, owner: User | ApiKey, caller: Caller) -> None:
    """Limit a user or a key to what a form with :class:`LimitFields` says."""
    # What was limited to sources that there are no longer stays so until somebody chooses anew.
    if not set(NAMES) & set(form.changed_data):
        return
    sources, stocks = (list(form.cleaned_data[name]) for name in NAMES)
    limits = Limits(frozenset(row.pk for row in sources), frozenset(row.pk for row in stocks))
    codes = [row.code for row in (*sources, *stocks)]
    limit_access(owner, limits, codes=codes, caller=caller)
