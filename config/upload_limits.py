"""Refuses what is sent by its length before any of it is stored; files of strangers never are.

A form's check against other sites reads the form, and so stores its files, before anybody asks who
sent it: this stands before that check.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config import error_pages
from config.error_pages import API
from core.api import problems
from core.formats import whole

FORM_WITH_FILES = "multipart/form-data"


class UploadMiddleware:
    """Answers 411 to what does not say its length, 413 to what is longer than a file may be."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        """Return a refusal; have the files of who is not signed in forgotten as they come."""
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return _of_unknown_length(request)
        if request.content_type != FORM_WITH_FILES or request.path.startswith(API):
            # Other bodies are read into memory, within limits of their own.
            return None
        if int(request.META.get("CONTENT_LENGTH") or 0) > longest_form():
            return _too_large(request)
        if not request.user.is_staff:
            request.upload_handlers = [ForgottenUpload(request)]
        return None


def longest_form() -> int:
    """Return how many bytes a form with a file has at most: the file, and other fields beside."""
    return settings.IMPORT_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class ForgottenUpload(FileUploadHandler):
    """Keeps that there was a file, and nothing of it."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Forget a piece."""

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return an empty file in its place."""
        kind: Any = self.content_type
        return InMemoryUploadedFile(
            BytesIO(), self.field_name, self.file_name or "", kind, 0, self.charset
        )


def _of_unknown_length(request: HttpRequest) -> HttpResponse:
    advice = gettext("Send the request with its length (Content-Length), not in pieces.")
    if request.path.startswith(API):
        return problems.unavailable(411, "LENGTH_REQUIRED", advice)
    title = _("This request does not say how long it is.")
    return error_pages.render(request, status=411, title=title, advice=advice)


def _too_large(request: HttpRequest) -> HttpResponse:
    limit = {"limit": whole(settings.IMPORT_MAX_BYTES)}
    return error_pages.render(
        request,
        status=413,
        title=_("The file is too large. Nothing was saved."),
        advice=gettext("A file has at most %(limit)s bytes. Split it in parts.") % limit,
    )
