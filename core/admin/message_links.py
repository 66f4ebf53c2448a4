"""What a click did, as a message with links to what it was done to."""

from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString


def link_to(row: Model, words: str = "") -> SafeString:
    """Return a link to the page of a row, named ``words`` or as the row is."""
    stem = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(stem, args=[row.pk]), words or str(row))


def with_links(sentence: str, **values: Any) -> SafeString:
    """Return a translated sentence with its values: links as links, everything else as text."""
    escaped = {name: conditional_escape(value) for name, value in values.items()}
    return SafeString(conditional_escape(sentence) % escaped)
