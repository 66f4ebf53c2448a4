"""The addresses of the review, beneath those of the shipments."""

from collections.abc import Callable
from functools import partial

from django.contrib.admin import ModelAdmin
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_POST

from fulfillment.admin.review.bulk import apply, preview
from fulfillment.admin.review.export import export
from fulfillment.admin.review.page import review_page
from fulfillment.admin.review.panel import explanation_fragment
from fulfillment.admin.review.saved_views import choose_columns, delete_view, save_view

View = Callable[..., HttpResponseBase]


def review_urls(admin: ModelAdmin) -> list[URLPattern]:
    """Return the review's addresses; each view checks what the person may do."""

    def page(route: str, view: View, name: str, *, is_write: bool = False) -> URLPattern:
        allowed = require_POST if is_write else require_GET
        return path(
            f"review/{route}",
            admin.admin_site.admin_view(allowed(partial(view, admin))),
            name=f"fulfillment_shipment_review{name}",
        )

    return [
        page("", review_page, ""),
        page("<int:shipment_id>/explanation/", explanation_fragment, "_explanation"),
        page("export/", export, "_export"),
        page("bulk/", preview, "_bulk", is_write=True),
        page("bulk/apply/", apply, "_bulk_apply", is_write=True),
        page("columns/", choose_columns, "_columns", is_write=True),
        page("views/", save_view, "_save_view", is_write=True),
        page("views/<int:view_id>/delete/", delete_view, "_delete_view", is_write=True),
    ]
