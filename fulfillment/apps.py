from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FulfillmentConfig(AppConfig):
    name = "fulfillment"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Fulfillment")

    def ready(self) -> None:
        from django.contrib.auth.models import Group  # noqa: PLC0415

        # The apps upstream ask these. They are loaded before this one.
        from core.operations import jobs  # noqa: PLC0415
        from core.operations.bulk import preview  # noqa: PLC0415
        from fulfillment import (  # noqa: PLC0415 - models come first
            inventory_port,
            orders_port,
            roles,
        )
        from fulfillment.files.tracking_numbers import ParcelsFormat  # noqa: PLC0415
        from fulfillment.release.runs import record  # noqa: PLC0415
        from fulfillment.review.bulk import ROW_ACTIONS  # noqa: PLC0415
        from fulfillment.waiting_rules import rule_runs  # noqa: PLC0415
        from inventory import ports as inventory_ports  # noqa: PLC0415
        from inventory.files import file_formats  # noqa: PLC0415
        from orders import ports as orders_ports  # noqa: PLC0415

        # Groups are Django's, and are shown by pages of its own and of ours.
        Group.add_to_class("__str__", roles.role_name)
        inventory_ports.register(inventory_port)
        orders_ports.register(orders_port)
        preview.register(ROW_ACTIONS)
        file_formats.register("PARCELS", ParcelsFormat())
        jobs.register(record.KIND, record.LABEL, None)
        jobs.register(rule_runs.KIND, rule_runs.LABEL, rule_runs.perform, goes_on=True)
