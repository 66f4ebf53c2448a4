"""``{% load formats %}``: the filters that write quantities, money, dates.

``{{ line.quantity|quantity }}``, ``{{ order.total|money:order.currency }}``,
``{{ shipment.expected_on|day }}``, ``{{ order.placed_at|moment }}``,
``{{ key.last_used_at|ago }}``, ``{{ count|whole }}``, ``{{ label|labelled:text }}``;
``{{ order.number|unbroken }}`` stays on one line where that is long enough.
"""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.formats import (
    ago_in_html,
    appointment,
    clock,
    day,
    labelled,
    moment,
    money,
    quantity,
    short_day,
    whole,
)

register = template.Library()
for form in (quantity, whole, money, day, short_day, moment, clock, appointment):
    register.filter(form, expects_localtime=True)
register.filter("ago", ago_in_html)
register.filter(labelled)


@register.filter
def unbroken(text: str) -> SafeString:
    """Return a text that the page styles as one word."""
    return format_html('<span class="unbroken">{}</span>', text)
