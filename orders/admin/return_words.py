"""Returned units, in words."""

from django.utils.translation import gettext

from orders.admin.wording import units
from orders.models import ReturnLine


def returned_in_words(line: ReturnLine) -> str:
    """Return what came back in which condition, and where it went."""
    values = {
        "units": units(line.quantity),
        "sku": line.order_line.sku,
        "condition": line.get_condition_display(),
        "source": line.source.code,
    }
    if line.is_to_stock:
        return gettext("%(units)s × %(sku)s, %(condition)s, to stock at %(source)s") % values
    return gettext("%(units)s × %(sku)s, %(condition)s, not to stock") % values
