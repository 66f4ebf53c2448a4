"""Filters of templates: quantities, money and the colors of states."""

from django import template
from django.conf import settings

from core.formats import money, signed
from orders.admin.wording import color, units

register = template.Library()


@register.filter
def language_name(code: str) -> str:
    """Return the name of a language in the reader's; a code that is none of ours as it is."""
    return str(dict(settings.LANGUAGES).get(code, code))


for form in (units, signed, money, color):
    register.filter(form)
