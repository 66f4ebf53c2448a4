"""Sources, which hold and ship units."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin.bases import ModelForm
from core.admin.country_field import CountryField
from core.admin.history import HistoryAdmin
from core.admin.theme import whole_column
from inventory.models import Source
from inventory.models.source import DEFAULT_CODE
from inventory.operations import stocks


class SourceForm(ModelForm):
    """A source, its country chosen by name."""

    class Meta:
        model = Source
        exclude: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" in self.fields:
            self.fields["country"] = CountryField(stored=self.instance.country)


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
        (_("Contact"), {"fields": ["contact_name", "email", "phone"]}),
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
        stocks.save_source(obj, changed=form.changed_data if change else None)

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> Any:
        """The code is fixed after creation; the default source stays enabled."""
        if obj is None:
            return ()
        return ("code", "is_enabled") if obj.code == DEFAULT_CODE else ("code",)

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        """Sources are disabled; only one that was never used may go, and never the default."""
        if obj is None or not super().has_delete_permission(request, obj):
            return False
        return obj.code != DEFAULT_CODE and not is_used(obj)

    products = whole_column("product_count", _("products on hand"))


def is_used(source: Source) -> bool:
    """Whether anything refers to the source, so that it has history."""
    return any(
        relation.related_model._default_manager.filter(**{relation.field.name: source}).exists()
        for relation in source._meta.related_objects
        if relation.one_to_many
    )
