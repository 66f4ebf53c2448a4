"""``{% inline_rows group %}``: the rows of a table below a form."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from core.admin.inline_rows import drawn_rows

register = template.Library()


@register.simple_tag
def inline_rows(group: Any) -> SafeString:
    """Return the rows of ``group``, an inline formset as the admin's pages have it."""
    return drawn_rows(group)
