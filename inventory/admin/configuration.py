"""Configuration › Inventory: the global value of every option."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from inventory.admin.history import HistoryAdmin
from inventory.admin.sentences import sentences, tell
from inventory.admin.use_config import OptionsForm
from inventory.models import InventoryConfiguration
from inventory.models.configuration import GLOBAL_OPTIONS
from inventory.operations import options
from inventory.option_rules import Conflict, conflicts
from inventory.options import Group, Scope
from inventory.resolution import Resolved, Values, resolve

GROUPS = {
    Group.STOCK: _("Stock Options"),
    Group.PRODUCT_STOCK: _("Product Stock Options"),
    Group.RELEASE: _("Backorder Release"),
}


class ConfigurationForm(OptionsForm):
    scope = Scope.GLOBAL

    class Meta:
        model = InventoryConfiguration
        fields = tuple(option.name for option in GLOBAL_OPTIONS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tell(self, sentences(configuration=self.instance.overrides()))

    def inherited(self, name: str) -> Resolved:
        return resolve(name, configuration={})

    def conflicts(self, entered: Values) -> list[Conflict]:
        return conflicts(Scope.GLOBAL, configuration=entered)


@admin.register(InventoryConfiguration)
class InventoryConfigurationAdmin(HistoryAdmin):
    """One row, so the list goes straight to it and nothing adds or deletes."""

    form = ConfigurationForm
    ordering = ("pk",)
    fieldsets = [
        (
            label,
            {"fields": [option.name for option in GLOBAL_OPTIONS if option.group is group]},
        )
        for group, label in GROUPS.items()
    ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = InventoryConfiguration.load()
        return redirect("admin:inventory_inventoryconfiguration_change", row.pk)

    def save_model(
        self, request: HttpRequest, obj: InventoryConfiguration, form: Any, change: bool
    ) -> None:
        options.save_configuration(obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: InventoryConfiguration | None = None
    ) -> bool:
        return False
