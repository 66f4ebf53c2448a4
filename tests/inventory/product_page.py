"""The product's page as it is posted, and the address of any row's page."""

from typing import Any

from django.urls import reverse

from inventory.models import Product
from tests.form_values import shown
from tests.inventory.test_use_config import BOXES


def posted(
    product: Product, *, without_boxes: tuple[str, ...] = (), **entered: str
) -> dict[str, Any]:
    """Return what the product's page posts; its sources as they are."""
    unticked = {f"{name}_use_config" for name in without_boxes}
    rows = {
        "source_items-TOTAL_FORMS": "0",
        "source_items-INITIAL_FORMS": "0",
    }
    items = list(product.source_items.order_by("source__code", "pk"))
    for index, item in enumerate(items):
        rows |= {
            f"source_items-{index}-id": str(item.pk),
            f"source_items-{index}-product": str(product.pk),
            f"source_items-{index}-status": item.status,
            f"source_items-{index}-quantity": str(item.quantity),
            f"source_items-{index}-safety_stock": str(item.safety_stock),
            f"source_items-{index}-backorders_use_config": "on",
            f"source_items-{index}-notify_quantity_below_use_config": "on",
            f"source_items-{index}-qty_uses_decimals_use_config": "on",
        }
    rows |= {
        "source_items-TOTAL_FORMS": str(len(items)),
        "source_items-INITIAL_FORMS": str(len(items)),
    }
    return {
        "sku": product.sku,
        "name": product.name,
        "is_enabled": "on",
        "product_type": product.product_type,
        "order_multiple": str(product.order_multiple),
        "price": str(product.price),
        **{name: on for name, on in BOXES.items() if name not in unticked},
        **rows,
        **shown(product),
        **entered,
    }


def change_url(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
