"""What options do now, in the reader's language, for the place beside their inputs."""

from typing import Any

from django.utils.translation import gettext

from core.quantities import format_quantity
from inventory.explanation import explain
from inventory.options import OPTIONS
from inventory.resolution import NOTHING, Values, resolve
from inventory.salability import (
    SalabilityFacts,
    StorefrontMessage,
    is_unlimited,
    salable_quantity,
    storefront_message,
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
    match storefront_message(facts, show_availability=show_availability):
        case StorefrontMessage.IN_STOCK:
            return gettext("In Stock")
        case StorefrontMessage.OUT_OF_STOCK:
            return gettext("Out of Stock")
        case StorefrontMessage.ONLY_X_LEFT:
            left = format_quantity(salable_quantity(facts))
            return gettext("Only %(quantity)s left") % {"quantity": left}
        case StorefrontMessage.NOTHING:
            return gettext("Nothing is shown")
