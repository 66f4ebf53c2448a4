from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Orders")

    def ready(self) -> None:
        """Offer the order file beside the inventory's."""
        from inventory.files import file_formats  # noqa: PLC0415 - models are not ready before
        from orders.files.format import Orders  # noqa: PLC0415

        file_formats.register("ORDERS", Orders())
