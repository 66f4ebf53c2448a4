"""Refuses what no form and no list can read, before it reaches them."""

import logging
from collections.abc import Callable, Iterable

from django.contrib.admin.options import IncorrectLookupParameters
from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config import error_pages
from config.error_pages import API
from config.errors import UnreadableRequestError
from core.text import is_storable

UTF_8 = {"utf-8", "utf8"}

logger = logging.getLogger(__name__)


class UnreadableMiddleware:
    """Answers texts that no database keeps, other character sets, and values out of range."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        """Refuse an address or a form that cannot be read.

        :raises config.errors.UnreadableRequestError: saying why.
        """
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower().strip("\"'") not in UTF_8:
            message = gettext("The request uses the character set “%(charset)s”. Send it in UTF-8.")
            raise UnreadableRequestError(message % {"charset": charset})
        if request.path.startswith(API):
            # Its endpoints name the parameter that they refuse.
            return
        if not all(map(is_storable, [request.path_info, *_words(request.GET)])):
            raise UnreadableRequestError(
                gettext("The address has a character that cannot be stored. Remove it.")
            )

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the answer to values that the database refuses; None to any other error."""
        if request.path.startswith(API):
            return None
        if isinstance(error, DataError):
            status, title = (
                400,
                _("A value is too large, or has a character that cannot be stored."),
            )
            advice = _("Nothing was saved. Go back, correct what was entered, and try again.")
            again = None
        elif isinstance(error, IncorrectLookupParameters):
            status, title = 400, _("The address has a filter that cannot be read.")
            advice, again = _("Go back, and choose the filters again."), None
        elif isinstance(error, IntegrityError):
            status, title = 409, _("This conflicts with another change. Nothing was saved.")
            advice, again = _("Try again."), error_pages.posted(request)
        else:
            return None
        logger.warning("%s: %s %s", status, request.method, request.path, exc_info=error)
        return error_pages.render(
            request, status=status, title=title, advice=advice, again=again, is_repeatable=True
        )


def _words(values: QueryDict) -> Iterable[str]:
    for name, several in values.lists():
        yield name
        yield from several
