"""The board's addresses."""

from collections.abc import Callable
from functools import partial

from django.contrib.admin import ModelAdmin
from django.http import HttpResponse
from django.urls import URLPattern, path

from fulfillment.admin.board import comparison, page

NAME = "fulfillment_release_board"


def board_urls(admin: ModelAdmin) -> list[URLPattern]:
    """Return the addresses of the board, under those of release runs."""

    def view(function: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return admin.admin_site.admin_view(partial(function, admin))

    return [
        path("board/", view(page.board_page), name=NAME),
        path("board/live/", view(page.live_part), name=f"{NAME}_live"),
        path("board/run/", view(page.start_run), name=f"{NAME}_run"),
        path(
            "board/compare/",
            view(comparison.compare),
            name="fulfillment_release_comparison_start",
        ),
        path(
            "board/comparison/",
            view(comparison.comparison_page),
            name="fulfillment_release_comparison",
        ),
        path(
            "board/comparison/part/",
            view(comparison.comparison_part),
            name="fulfillment_release_comparison_part",
        ),
        path("<int:run_id>/cancel/", view(page.cancel_run), name="fulfillment_releaserun_cancel"),
    ]
