"""``{{ field|read_value }}``: what a field of a form shows that cannot be changed there."""

from django import template

from core.admin.read_values import read_value

register = template.Library()
register.filter(read_value)
