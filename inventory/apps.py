from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "inventory"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Inventory")

    def ready(self) -> None:
        from core.operations.bulk import apply, preview  # noqa: PLC0415 - models come first
        from inventory.files import background  # noqa: PLC0415
        from inventory.operations.bulk.registry import ROW_ACTIONS  # noqa: PLC0415

        background.register_kinds()
        preview.register(ROW_ACTIONS)
        apply.register_kind(_("Bulk change"))
