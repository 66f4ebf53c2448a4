"""What can be sold of a product, in words: to staff, or on a storefront."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext

from core import formats
from core.quantities import ZERO
from inventory.salability import (
    SalabilityFacts,
    owed_quantity,
    salable_quantity,
    storefront_sentence,
)


def salable_in_words(facts: SalabilityFacts) -> str:
    """Return how many can be sold, and how many sold ones no unit covers.

    A number, or a word where there is no limit: ``37``, ``0 · 5 backordered``,
    ``Unlimited · 105 backordered``.
    """
    if not facts.policy.manage_stock:
        return gettext("Always salable")
    if facts.preorder_on is not None and facts.policy.is_unlimited:
        return gettext("Pre-order, without limit")
    owed = owed_quantity(facts)
    salable = max(salable_quantity(facts), ZERO)
    if facts.preorder_on is not None:
        words = gettext("%(quantity)s more pre-orders")
        return words % {"quantity": formats.quantity(salable)}
    if facts.policy.is_unlimited:
        words = gettext("Unlimited · %(backordered)s backordered") if owed else gettext("Unlimited")
    elif owed and not salable:
        words = gettext("0 · %(backordered)s backordered")
    else:
        return formats.quantity(salable)
    return words % {"backordered": formats.quantity(owed)}


def storefront_in_words(facts: SalabilityFacts, *, show_availability: bool) -> str:
    """Return what a storefront shows beside the product."""
    found = storefront_sentence(facts, show_availability=show_availability)
    return gettext("No message") if found is None else formats.filled(found.message, found.values)


def tell_what_stays_owed(request: HttpRequest, owed: Decimal) -> None:
    """Say how many units were sold before backorders went off, and are still owed; if any."""
    if owed:
        sentence = gettext("Backorders are off. Units still backordered: %(backordered)s.")
        messages.warning(request, sentence % {"backordered": formats.quantity(owed)})
