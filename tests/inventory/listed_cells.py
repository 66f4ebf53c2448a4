"""What a list of the admin shows in its first row."""

import html
import re
from typing import Any

from django.utils.html import strip_tags


def cells(page: Any) -> dict[str, str]:
    """Return the words of each cell of a list's first row, by column."""
    row = page.text.partition('<tr class="data-row')[2].partition("</tr>")[0]
    found = re.findall(r'class="[^"]*?field-(\w+)[^"]*"[^>]*>(.*?)</t[dh]>', row, re.DOTALL)
    return {name: html.unescape(" ".join(strip_tags(words).split())) for name, words in found}
