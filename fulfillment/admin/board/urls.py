"""The board's addresses."""

from collections.abc import Callable
from functools import partial

from django.contrib.admin import ModelAdmin
from django.http import HttpResponse
from django.urls import URLPattern, path

from fulfillment.admin.board import page

NAME = "fulfillment_release_board"


def board_urls(admin: ModelAdmin) -> list[URLPattern]:
    """Return the addresses of the board, under those of release runs."""

    def view(function: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return admin.admin_site.admin_view(partial(function, admin))

    return [
        path("board/", view(page.board_page), name=NAME),
        path("board/live/", view(page.live_part), name=f"{NAME}_live"),
        path("board/schedule/", view(page.change_schedule), name=f"{NAME}_schedule"),
        path("board/pause/", view(page.pause), name=f"{NAME}_pause"),
        path("board/resume/", view(page.resume), name=f"{NAME}_resume"),
        path("<int:run_id>/cancel/", view(page.cancel_run), name="fulfillment_releaserun_cancel"),
    ]
