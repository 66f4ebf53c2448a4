"""What can be sold of a product, and what a storefront shows of it, in words."""

from django.utils.translation import gettext

from core.quantities import format_quantity
from inventory.salability import (
    SalabilityFacts,
    salable_quantity,
    storefront_sentence,
)


def salable_in_words(facts: SalabilityFacts) -> str:
    """Return how many can be sold, as a number or as a word where there is no limit."""
    if not facts.policy.manage_stock:
        return gettext("Always salable")
    quantity = format_quantity(salable_quantity(facts))
    if facts.policy.is_unlimited:
        return gettext("%(quantity)s (unlimited)") % {"quantity": quantity}
    return quantity


def storefront_in_words(facts: SalabilityFacts, *, show_availability: bool) -> str:
    """Return what a storefront shows beside the product."""
    found = storefront_sentence(facts, show_availability=show_availability)
    return gettext("Nothing is shown") if found is None else gettext(found.message) % found.values
