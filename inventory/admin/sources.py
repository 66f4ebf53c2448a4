"""Sources, which hold units to ship."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.bases import ModelForm
from core.admin.country_field import CountryField
from core.admin.fields import DaysFormField, days_in_words
from core.admin.history import OWN_WORDS, HistoryAdmin
from core.admin.theme import CheckboxSelectMultiple, whole_column
from core.clock import today
from core.formats import day, labelled
from inventory.models import Source
from inventory.models.source import DEFAULT_CODE, WEEKDAYS, every_day
from inventory.operations import stocks
from inventory.operations.closed_days import next_closed_days


class WeekdaysField(forms.MultipleChoiceField):
    """The days of the week on which a source works."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Working days"),
            choices=WEEKDAYS,
            initial=every_day,
            widget=CheckboxSelectMultiple,
            error_messages={"required": _("Select at least one working day.")},
            help_text=_("Orders leave on these days. Expected dates fall on them."),
        )

    def in_words(self, value: Any) -> str:
        return weekdays_in_words(value)


def weekdays_in_words(days: Any) -> str:
    """Return days of the week by their names."""
    return ", ".join(str(name) for code, name in WEEKDAYS if code in (days or ()))


OWN_WORDS["work_days"] = weekdays_in_words
OWN_WORDS["closed_days"] = days_in_words


class SourceForm(ModelForm):
    """A source, its country chosen by name."""

    class Meta:
        model = Source
        exclude: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" in self.fields:
            self.fields["country"] = CountryField(stored=self.instance.country)
        if "work_days" in self.fields:
            self.fields["work_days"] = WeekdaysField()
        if "cut_off_time" in self.fields:
            self.fields["cut_off_time"].widget.format = "%H:%M"
        if "closed_days" in self.fields:
            column = Source._meta.get_field("closed_days")
            self.fields["closed_days"] = DaysFormField(
                label=capfirst(str(column.verbose_name)),
                required=False,
                help_text=_("Days on which nothing leaves, one on a line, such as 2027-01-31."),
            )


@admin.register(Source)
class SourceAdmin(HistoryAdmin):
    form = SourceForm
    list_display = ("code", "name", "is_enabled", "ships_to_home", "is_pickup_location", "products")
    list_filter = ("is_enabled", "ships_to_home", "is_pickup_location", "stocks")
    search_fields = ("code", "name", "city")
    ordering = ("code", "pk")
    fieldsets = [
        (None, {"fields": ["code", "name", "is_enabled", "description"]}),
        (_("Fulfillment"), {"fields": ["ships_to_home", "is_pickup_location", "lead_time_days"]}),
        (
            _("Working days"),
            {
                "fields": [
                    "work_days",
                    "is_closed_on_holidays",
                    "closed_days",
                    "cut_off_time",
                    "next_closed_days",
                ]
            },
        ),
        (_("Contact"), {"fields": ["contact_name", "email", "phone", "opening_hours"]}),
        (
            _("Address"),
            {
                "fields": [
                    "street",
                    "city",
                    "region",
                    "postcode",
                    "country",
                    "latitude",
                    "longitude",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        held = Count("items", filter=Q(items__quantity__gt=0))
        sources: QuerySet[Source] = super().get_queryset(request).annotate(product_count=held)
        return sources

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        stocks.save_source(obj, today=today(), changed=form.changed_data if change else None)

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> Any:
        """The code is fixed after creation; the default source stays enabled."""
        if obj is None:
            return ("next_closed_days",)
        fixed = ("code", "is_enabled") if obj.code == DEFAULT_CODE else ("code",)
        return (*fixed, "next_closed_days")

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        """Sources are disabled; only one that was never used may go, and never the default."""
        if obj is None or not super().has_delete_permission(request, obj):
            return False
        return obj.code != DEFAULT_CODE and not is_used(obj)

    products = whole_column("product_count", _("products on hand"))

    @admin.display(description=_("next closed days"))
    def next_closed_days(self, source: Source) -> str:
        """Return the weekdays on which a stored source is closed, and its next other days."""
        weekly = [str(name) for code, name in WEEKDAYS if code not in source.work_days]
        lines = [labelled(gettext("Every week"), ", ".join(weekly))] if weekly else []
        for closed_on, name in next_closed_days(source, today=today()):
            lines.append(f"{day(closed_on)} ({name})" if name else day(closed_on))
        if source.pk is None:
            return gettext("They are listed here once the source is saved.")
        if not lines:
            return gettext("No closed days ahead.")
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines))


def is_used(source: Source) -> bool:
    """Whether anything refers to the source, so that it has history."""
    return any(
        relation.related_model._default_manager.filter(**{relation.field.name: source}).exists()
        for relation in source._meta.related_objects
        if relation.one_to_many
    )
