"""Lists in pages: ``next``, ``previous``, ``results``."""

import re
from typing import Any

from django.db import DataError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

PAGE_SIZE = 50
LARGEST_PAGE = 200
CURSOR = re.compile(r"[0-9A-Za-z+/=_-]+\Z")
PAGE_PARAMETERS = ("cursor", "page_size")


class Pages(CursorPagination):
    """Pages by cursor, in an order that the endpoint names and that is total."""

    page_size = PAGE_SIZE
    max_page_size = LARGEST_PAGE
    page_size_query_param = "page_size"
    # Translated when it is read.
    page_size_query_description = _("Rows in a page, 1 to 200.")  # type: ignore[assignment]
    ordering: str | tuple[str, ...] = "-pk"

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size")
        if text is None:
            return PAGE_SIZE
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= LARGEST_PAGE):
            raise ValidationError({"page_size": gettext("Write a number from 1 to 200.")})
        return int(text)

    def decode_cursor(self, request: Request) -> Any:
        """Return the position that the cursor names.

        :raises ValueError: for what is no cursor; the library passes over strange characters.
        """
        text = request.query_params.get(self.cursor_query_param)
        if text and not CURSOR.match(text):
            raise ValueError(text)
        return super().decode_cursor(request)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValueError, DataError) as error:
            message = gettext("This cursor is not valid. Start without one.")
            raise ValidationError({"cursor": [message]}) from error

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == "page_size":
                parameter["schema"] |= {"minimum": 1, "maximum": LARGEST_PAGE}
        return parameters


class PagesByCode(Pages):
    """Pages of what people name by a code, in its order."""

    ordering = "code"


class PagesBySku(Pages):
    ordering = "sku"
