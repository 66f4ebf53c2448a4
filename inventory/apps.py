from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "inventory"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Inventory")

    def ready(self) -> None:
        from inventory.files import background  # noqa: PLC0415 - models are not ready before
        from core.operations.bulk import apply  # noqa: PLC0415

        background.register_kinds()
        apply.register_kind(_("Bulk change"))
