"""How many products have a value of their own of each option."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from inventory.models import Product
from inventory.models.product import PRODUCT_OPTIONS
from inventory.options import Scope


@dataclass(frozen=True, slots=True)
class OverrideCounts:
    """How many products there are; how many override an option of the configuration, by name."""

    products: int
    overriding: Mapping[str, int]


def override_counts() -> OverrideCounts:
    """Count the products, and those that override each option; one statement, one pass."""
    names = [option.name for option in PRODUCT_OPTIONS if Scope.GLOBAL in option.scopes]
    counted = Product.objects.aggregate(
        products=Count("pk"), **{f"{name}_count": Count(name) for name in names}
    )
    return OverrideCounts(counted["products"], {name: counted[f"{name}_count"] for name in names})
