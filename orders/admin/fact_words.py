"""The facts of an order that a change sets, in words."""

from typing import Any, cast

from django.db.models import Field
from django.utils.text import capfirst
from django.utils.translation import gettext

from core.countries import country_name
from inventory.models import Source
from orders.admin.wording import language_name
from orders.models import FulfillmentMethod, Order

# What of an order a change may set, by column.
SHOWN_FACTS = (
    "customer_name",
    "customer_email",
    "customer_language",
    "fulfillment_method",
    "pickup_source",
    "ship_complete",
    *Order.ADDRESS,
    "latitude",
    "longitude",
)
NOTHING = "–"


def fact_name(column: str) -> str:
    """Return what a column of an order is called."""
    field = cast("Field[Any, Any]", Order._meta.get_field(column))
    return str(capfirst(field.verbose_name))


def fact_in_words(column: str, value: object) -> str:
    """Return what a column of an order says, as people read it; a dash for nothing.

    A source is named by its code.
    """
    if isinstance(value, Source):
        return value.code
    if value is None or value == "":
        return NOTHING
    match column:
        case "country":
            return country_name(str(value))
        case "customer_language":
            return language_name(str(value))
        case "fulfillment_method":
            return str(FulfillmentMethod(str(value)).label)
        case "ship_complete":
            return gettext("Yes") if str(value) == "True" else gettext("No")
    return str(value)
