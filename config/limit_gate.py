"""Which addresses of the back office are for people who are limited to sources or stocks.

Whatever is not named here is closed to them: a new page is until somebody has judged it.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.urls import ResolverMatch

from core.access_limits import current, has_rule, seen

# Models whose rows are for everybody who has the permission.
EVERYBODYS = {"inventory.product", "fulfillment.carrier"}
STANDARD = ("changelist", "add", "change", "delete", "history")
# Sources and stocks are made by people who see all, and so are rules: they act everywhere.
CLOSED = {
    "inventory_source_add",
    "inventory_stock_add",
    "inventory_saleschannel_add",
    "fulfillment_waitingrule_add",
    "fulfillment_waitingrule_delete",
    "fulfillment_carrier_add",
    # The history of a product tells what every source held.
    "inventory_product_history",
}
# Pages of no one row, or of more than their row, that were seen to keep the limits.
OPEN = {
    "index",
    "search",
    "login",
    "logout",
    "own_emails",
    "own_sessions",
    "password_change",
    "password_change_done",
    "autocomplete",
    "jsi18n",
    "core_job_progress",
    "core_job_figures",
    "core_job_cancel",
    "core_bulkchange_take_back",
    "core_bulkchange_as_it_was",
    "inventory_futuresupply_change_supply",
    "inventory_futuresupply_receive",
    "inventory_futuresupply_take_back",
    "inventory_futuresupply_cancel",
    "inventory_futuresupply_deliveries",
    "inventory_futuresupply_delivery",
    "inventory_futuresupply_received",
    "inventory_futuresupply_labels",
    "inventory_futuresupply_export",
    "inventory_low_stock",
    "inventory_low_stock_export",
    "inventory_product_supply",
    "inventory_product_waiting",
    "inventory_product_preview_new",
    "inventory_product_preview",
    "inventory_product_bulk_assign",
    "inventory_product_bulk_unassign",
    "inventory_product_bulk_transfer",
    "inventory_product_bulk_status",
    "inventory_product_bulk_labels",
    "inventory_sourceitem_bulk_unassign",
    "inventory_sourceitem_bulk_transfer",
    "inventory_sourceitem_bulk_status",
    "inventory_sourceitem_bulk_option",
    "inventory_sourceitem_export",
    "fulfillment_parcel_export",
    "orders_order_export",
    "orders_order_note",
    "orders_order_status",
    "orders_order_availability",
    "orders_order_customers",
    "orders_order_products",
    "orders_order_task",
    "orders_order_take_back",
    "orders_order_columns",
    "orders_order_save_view",
    "orders_order_delete_view",
    "orders_return_refund",
    "orders_payment_decide",
    "orders_paymentoperation_decide",
    "fulfillment_shipment_review",
    "fulfillment_shipment_review_explanation",
    "fulfillment_shipment_review_export",
    "fulfillment_shipment_review_bulk",
    "fulfillment_shipment_review_columns",
    "fulfillment_shipment_review_save_view",
    "fulfillment_shipment_review_delete_view",
    "fulfillment_shipment_columns",
    "fulfillment_shipment_save_view",
    "fulfillment_shipment_delete_view",
    "fulfillment_shipment_act",
    "fulfillment_shipment_note",
    "fulfillment_shipment_packing_slip",
    "fulfillment_shipment_part",
    "fulfillment_shipment_add_parcel",
    "fulfillment_shipment_change_parcel",
    "fulfillment_delayrequest_answer",
    "fulfillment_picklist_pack",
    "fulfillment_picklist_short",
    "fulfillment_picklist_document",
    "fulfillment_picklist_scan",
    "fulfillment_picklist_counts",
    "fulfillment_picklist_take_off",
    "fulfillment_picklist_close",
    "fulfillment_releaserun_progress",
    "fulfillment_releaserun_decisions",
}
# The bulk pages of shipments have the names of their actions.
OPEN_BEGINNINGS = ("fulfillment_shipment_bulk_",)
# What addresses call the key of the row that their name is about.
KEYS = ("pk", "object_id", "pick_list_id", "run_id", "shipment_id")
# Addresses that name a row of another model than their name says.
OTHER_ROWS = ("_delete_view", "_save_view", "_columns")


def is_open(name: str) -> bool:
    """Whether people with limits may open the address of this name; one of the admin's."""
    if name in CLOSED:
        return False
    if name in OPEN or name.startswith(OPEN_BEGINNINGS):
        return True
    model = _model_of(name)
    if model is None or name.rpartition("_")[2] not in STANDARD:
        return False
    return has_rule(model) or model._meta.label_lower in EVERYBODYS


def is_open_now(name: str) -> bool:
    """Whether who asks may open the address of this name, as far as limits go."""
    return current() is None or is_open(name.removeprefix("admin:"))


def refuse_outside(request: HttpRequest) -> None:
    """Refuse an address that is closed to who asks, or that names a row outside the limits.

    :raises Http404: as if there were no such page.
    """
    page = request.resolver_match
    if page is None or current() is None:
        return
    if not is_open(page.url_name or ""):
        raise Http404
    for model, key in _rows_named(page):
        if not seen(model._base_manager.filter(pk=key)).exists():
            raise Http404


def _rows_named(page: ResolverMatch) -> list[tuple[type[Model], Any]]:
    name = page.url_name or ""
    model = None if name.endswith(OTHER_ROWS) else _model_of(name)
    if model is None or not has_rule(model):
        return []
    keys = [unquote(str(page.kwargs[one])) for one in KEYS if one in page.kwargs]
    return [(model, key) for key in keys if _is_key(model, key)]


def _is_key(model: type[Model], key: str) -> bool:
    """Whether Django finds a row by this text: it takes +5 for 5."""
    try:
        model._meta.pk.to_python(key)
    except ValidationError:
        return False
    return True


@cache
def _model_of(name: str) -> type[Model] | None:
    """Return the model that the name of an address begins with: the one of the longest name."""
    found = [
        model
        for model in apps.get_models()
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
    ]
    return max(found, key=lambda model: len(str(model._meta.model_name)), default=None)
