"""The addresses of a run."""

from collections.abc import Callable
from functools import partial

from django.contrib.admin import ModelAdmin
from django.http import HttpResponse
from django.urls import URLPattern, path

from fulfillment.admin.runs import application, page


def run_urls(admin: ModelAdmin) -> list[URLPattern]:
    """Return what a run has beside its page."""

    def view(function: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return admin.admin_site.admin_view(partial(function, admin))

    return [
        path(
            "<int:run_id>/apply/", view(application.apply_page), name="fulfillment_releaserun_apply"
        ),
        path(
            "<int:run_id>/standing/",
            view(page.standing_part),
            name="fulfillment_releaserun_standing",
        ),
        path(
            "<int:run_id>/decisions.csv",
            view(page.decisions_file),
            name="fulfillment_releaserun_decisions",
        ),
    ]
