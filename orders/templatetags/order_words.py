"""Filters of templates: quantities, money and the colors of states."""

from django import template

from core.formats import money, signed
from orders.admin.wording import color, units

register = template.Library()
for form in (units, signed, money, color):
    register.filter(form)
