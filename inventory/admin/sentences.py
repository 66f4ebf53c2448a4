"""What options do now, in the reader's language, for the place beside their inputs."""

from typing import Any

from django.utils.translation import gettext

from core.quantities import format_quantity
from inventory.explanation import explain
from inventory.options import OPTIONS
from inventory.resolution import NOTHING, Values, resolve
from inventory.salability import (
    SalabilityFacts,
    is_unlimited,
    salable_quantity,
    storefront_sentence,
)


def sentences(
    *,
    configuration: Values,
    product: Values = NOTHING,
    source_item: Values = NOTHING,
    is_virtual: bool = False,
) -> dict[str, str]:
    """Return what each option does now, by name, translated."""
    levels = {"configuration": configuration, "product": product, "source_item": source_item}
    effective: dict[str, Any] = {
        option.name: resolve(option.name, **levels).value for option in OPTIONS
    }
    found = explain(effective, is_virtual=is_virtual)
    return {name: gettext(sentence.message) % sentence.values for name, sentence in found.items()}


def salable_in_words(facts: SalabilityFacts) -> str:
    """Return how many can be sold, as a number or as a word where there is no limit."""
    if not facts.policy.manage_stock:
        return gettext("Always salable")
    quantity = format_quantity(salable_quantity(facts))
    if is_unlimited(facts.policy):
        return gettext("%(quantity)s (unlimited)") % {"quantity": quantity}
    return quantity


def storefront_in_words(facts: SalabilityFacts, *, show_availability: bool) -> str:
    """Return what a storefront shows beside the product."""
    found = storefront_sentence(facts, show_availability=show_availability)
    return gettext("Nothing is shown") if found is None else gettext(found.message) % found.values
