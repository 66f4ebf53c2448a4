"""``{{ item|labelled_cell:facts }}``: a cell of a list, as a card on a phone shows it."""

import re
from collections.abc import Collection

from django import template
from django.utils.safestring import SafeString

LABEL = 'data-label="'
COLUMN = re.compile(r'(?<= class=")[^"]*\bfield-(\w+)')

register = template.Library()


@register.filter
def labelled_cell(cell: SafeString, facts: Collection[str]) -> SafeString:
    """Return a cell as the theme draws it, its label beginning with a capital.

    The columns of ``facts`` are marked as what a card shows.
    """
    before, mark, label = cell.partition(LABEL)
    column = COLUMN.search(before)
    if column and column[1] in facts:
        before = f"{before[: column.start()]}is-fact {before[column.start() :]}"
    return SafeString(f"{before}{mark}{label[:1].upper()}{label[1:]}")
