"""After units came in: links to what a release run makes ready, or to what still waits."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext

from inventory.models import InventoryConfiguration, Product
from inventory.queries.product_list import totals_of

VIEW_SHIPMENTS = "fulfillment.view_shipment"


def tell_what_follows(
    request: HttpRequest, products: Iterable[Product], *, since: datetime
) -> None:
    """Say that a release run follows for those of ``products`` with backordered units.

    Its links lead to the shipments that became ready after ``since``, and to those that still
    wait. Nothing is said where no run follows, or to people who may not see shipments.
    """
    chosen = list(products)
    runs = InventoryConfiguration.load().in_force("release_enabled")
    if not chosen or not runs or not request.user.has_perm(VIEW_SHIPMENTS):
        return
    totals = totals_of(chosen)
    for product in chosen:
        if totals[product.pk]["total_waiting"] <= 0:
            continue
        asked = {"q": product.sku, "tab": "to-ship", "released_at__gte": since.isoformat()}
        ready = f"{reverse('admin:fulfillment_shipment_changelist')}?{urlencode(asked)}"
        waiting = reverse("admin:inventory_product_waiting", args=[product.pk])
        message = format_html(
            '{} <a class="underline" href="{}">{}</a> · <a class="underline" href="{}">{}</a>',
            gettext("A release run for %(sku)s follows within seconds.") % {"sku": product.sku},
            *(ready, gettext("Shipments that became ready")),
            *(waiting, gettext("Shipments that still wait")),
        )
        messages.info(request, message)
