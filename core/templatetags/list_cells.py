"""``{{ item|labelled_cell }}``: a cell of a list, whose label on a phone is a sentence's."""

from django import template
from django.utils.safestring import SafeString

LABEL = 'data-label="'

register = template.Library()


@register.filter
def labelled_cell(cell: SafeString) -> SafeString:
    """Return a cell as the theme draws it, its label beginning with a capital."""
    before, mark, label = cell.partition(LABEL)
    return SafeString(f"{before}{mark}{label[:1].upper()}{label[1:]}")
