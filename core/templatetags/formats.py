"""``{% load formats %}``: the filters that write quantities, money and dates.

``{{ line.quantity|quantity }}``, ``{{ order.total|money:order.currency }}``,
``{{ shipment.expected_on|day }}``, ``{{ order.placed_at|moment }}``,
``{{ key.last_used_at|ago }}``, ``{{ count|whole }}``, ``{{ label|labelled:text }}``.
"""

from django import template

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
