from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FulfillmentConfig(AppConfig):
    name = "fulfillment"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Fulfillment")

    def ready(self) -> None:
        # The apps upstream ask these, and are loaded before this one.
        from core.operations import jobs  # noqa: PLC0415
        from fulfillment import upcalls  # noqa: PLC0415 - models are not ready before
        from fulfillment.review import bulk_job  # noqa: PLC0415
        from inventory import downstream as inventory_downstream  # noqa: PLC0415
        from orders import downstream as orders_downstream  # noqa: PLC0415

        inventory_downstream.register(upcalls.InventoryDownstream())
        orders_downstream.register(upcalls.OrdersDownstream())
        jobs.register(bulk_job.KIND, bulk_job.LABEL, bulk_job.run, goes_on=True)
