"""``{% load formats %}``: the filters that write quantities, money and dates.

``{{ line.quantity|quantity }}``, ``{{ order.total|money:order.currency }}``,
``{{ shipment.expected_on|day }}``, ``{{ order.placed_at|moment }}``, ``{{ count|whole }}``.
"""

from django import template

from core.formats import appointment, clock, day, moment, money, quantity, short_day, whole

register = template.Library()
for form in (quantity, whole, money, day, short_day, moment, clock, appointment):
    register.filter(form, expects_localtime=True)
