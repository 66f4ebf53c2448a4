"""Configuration › Inventory: the global value of every option."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

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
        tell(self, self.sentences())

    def inherited(self, name: str) -> Resolved:
        return resolve(name, configuration={})

    def conflicts(self, entered: Values) -> list[Conflict]:
        return conflicts(Scope.GLOBAL, configuration=entered)

    def sentences(self) -> dict[str, str]:
        """Return what each option does now, with the values typed so far."""
        return sentences(configuration=self.instance.overrides())


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
    change_form_before_template = "inventory/configuration_preview.html"

    class Media:
        js = ["inventory/preview.js"]

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(require_POST(self.preview_view))
        return [
            path("preview/", preview, name="inventory_configuration_preview"),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Answer what each option would do if the form were saved as it stands."""
        row = InventoryConfiguration.load()
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        form = ConfigurationForm(request.POST, instance=row)
        form.is_valid()
        return JsonResponse({"sentences": form.sentences()})

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = InventoryConfiguration.load()
        return redirect("admin:inventory_inventoryconfiguration_change", row.pk)

    def save_model(
        self, request: HttpRequest, obj: InventoryConfiguration, form: Any, change: bool
    ) -> None:
        options.save_configuration(obj, changed=form.changed_data)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: InventoryConfiguration | None = None
    ) -> bool:
        return False
