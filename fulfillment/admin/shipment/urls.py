"""The addresses of the actions on a shipment."""

from functools import partial

from django.contrib.admin import ModelAdmin
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from fulfillment.admin.shipment.page import act


def shipment_urls(admin: ModelAdmin) -> list[URLPattern]:
    """Return the address of the actions; the view checks what the person may do."""
    return [
        path(
            "<int:shipment_id>/act/<slug:code>/",
            admin.admin_site.admin_view(require_POST(partial(act, admin))),
            name="fulfillment_shipment_act",
        )
    ]
