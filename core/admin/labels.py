"""Colored labels of states."""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString


@lru_cache(maxsize=1_000)
def drawn_label(text: str, kind: str, size: str = "md") -> SafeString:
    """Draw a label in one of the colors of states; a page repeats few of them many times."""
    values = {"text": text, "type": kind, "size": size}
    return render_to_string("unfold/helpers/label.html", values)
