"""Filters of templates: quantities, money, the colors of states."""

from django import template

from core.formats import money, signed
from orders.admin.wording import color, language_name, units

register = template.Library()


for form in (units, signed, money, color, language_name):
    register.filter(form)
