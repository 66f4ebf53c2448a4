"""Which values of options have no meaning together. PURE.

The table of options says what each may hold by itself. These rules look at what would be in force
at one level, and refuse what would leave nothing to sell or what could never apply. A value that
merely has no effect now (a positive threshold while backorders are allowed) is explained beside
its input, not refused.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil, lcm
from typing import Any

from core.quantities import DECIMALS_NOT_ALLOWED, FRACTION, QUANTUM, format_quantity, fraction_error
from core.text import gettext_noop as _
from inventory.options import Backorders, OptionKind, Scope, options_for
from inventory.resolution import NOTHING, Origin, Values, resolve, uses_decimals

ORIGINS = {
    Scope.GLOBAL: Origin.GLOBAL,
    Scope.PRODUCT: Origin.PRODUCT,
    Scope.SOURCE_ITEM: Origin.SOURCE_ITEM,
}
MESSAGES = {
    "MINIMUM_ABOVE_MAXIMUM": _(
        "The minimum of %(minimum)s is above the maximum of %(maximum)s: nothing can be bought."
    ),
    "INCREMENT_NOT_WHOLE": _(
        "Increments of %(increment)s need a product whose Qty Uses Decimals is Yes."
    ),
    "NOTHING_FITS": _(
        "No multiple of %(increment)s lies between the minimum of %(minimum)s and the maximum "
        "of %(maximum)s: nothing can be bought."
    ),
    "VIRTUAL_TAKES_NO_BACKORDERS": _("A virtual product with managed stock takes no backorders."),
    DECIMALS_NOT_ALLOWED: FRACTION,
    "FRACTIONS_LEFT": _(
        "Qty Uses Decimals cannot be switched off while there are fractions: on hand at "
        "%(on_hand)s; incoming at %(incoming)s; ordered in %(ordered)s."
    ),
}
NAMED = 5
# Quantities that a product, or a source item, sets for itself.
QUANTITY_OPTIONS = tuple(
    option.name for option in options_for(Scope.PRODUCT) if option.kind is OptionKind.QUANTITY
)
RULED_OPTIONS = (
    "manage_stock",
    "backorders",
    "enable_qty_increments",
    "qty_uses_decimals",
    *QUANTITY_OPTIONS,
)


# What the mark on such a product says.
CANNOT_BE_BOUGHT = {
    "MINIMUM_ABOVE_MAXIMUM": _(
        "Cannot be bought: the minimum of %(minimum)s is above the maximum of %(maximum)s."
    ),
    "NOTHING_FITS": _(
        "Cannot be bought: no multiple of %(increment)s lies between the minimum of %(minimum)s "
        "and the maximum of %(maximum)s."
    ),
}
LIMITING_OPTIONS = (
    "min_cart_qty",
    "max_cart_qty",
    "enable_qty_increments",
    "qty_increments",
    "qty_uses_decimals",
)


@dataclass(frozen=True, slots=True)
class NothingToBuy:
    """Why no quantity of a product can be bought; ``gaps`` are the values to blame, by name."""

    code: str
    gaps: Mapping[str, Decimal]

    @property
    def values(self) -> dict[str, str]:
        """Return the gaps as people read them."""
        return {gap: format_quantity(value) for gap, value in self.gaps.items()}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Options that contradict each other; ``name`` is the one to correct.

    ``message`` is a sentence with gaps that ``values`` fill.
    """

    name: str
    code: str
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


def conflicts(
    scope: Scope,
    *,
    configuration: Values,
    product: Values = NOTHING,
    source_item: Values = NOTHING,
    is_virtual: bool = False,
    items: Collection[Values] = (),
) -> list[Conflict]:
    """Return what contradicts itself at ``scope``, in the order of the rules.

    Each level maps option names to its own value, ``None`` (or absent) where it inherits. Only
    what the level itself sets is refused there; what it inherits is corrected where it is set.
    ``items`` are the own values of a product's source items, of which one may use decimals.

    Rule: A value without a meaning is refused.
    """
    levels = {"configuration": configuration, "product": product, "source_item": source_item}
    resolved = {name: resolve(name, **levels) for name in RULED_OPTIONS}
    effective = {name: found.value for name, found in resolved.items()}
    own = {name for name, found in resolved.items() if found.origin is ORIGINS[scope]}
    if scope is Scope.PRODUCT and items:
        effective["qty_uses_decimals"] = any(uses_decimals(product, item) for item in items)
    found = [_minimum_above_maximum(effective, own), _nothing_fits(effective, own)]
    if is_virtual:
        found.append(_virtual_with_backorders(effective, own))
    if scope is Scope.GLOBAL:
        found.append(_increment_not_whole(effective, own))
    else:
        found += _fractions(effective, own)
    return [conflict for conflict in found if conflict is not None]


def fractions_left(
    *, on_hand: Sequence[str], incoming: Sequence[str], ordered: Sequence[str]
) -> Conflict:
    """Return why Qty Uses Decimals stays on, with the sources and orders that have fractions.

    Rule: Qty Uses Decimals, §2.
    """
    kinds = {"on_hand": on_hand, "incoming": incoming, "ordered": ordered}
    values = {kind: _named(names) for kind, names in kinds.items()}
    code = "FRACTIONS_LEFT"
    return Conflict("qty_uses_decimals", code, MESSAGES[code], values)


def _named(names: Sequence[str]) -> str:
    """Return the first names, with a mark where there are more; a dash for none."""
    more = ["…"] if len(names) > NAMED else []
    return ", ".join([*names[:NAMED], *more]) or "–"


def _fractions(effective: Mapping[str, Any], own: Collection[str]) -> list[Conflict]:
    """Return the own quantities that are fractions where decimals are not used.

    The configuration is of no product, so its quantities may have fractions; only increments,
    which nothing sold in whole units could have, are whole there.
    """
    if effective["qty_uses_decimals"]:
        return []
    faults = [(name, fraction_error(effective[name])) for name in QUANTITY_OPTIONS if name in own]
    return [
        Conflict(name, DECIMALS_NOT_ALLOWED, error.message, error.values)
        for name, error in faults
        if error is not None
    ]


def nothing_to_buy(effective: Mapping[str, Any]) -> NothingToBuy | None:
    """Return why values in force leave no quantity that could be bought; None: there is one.

    A condition over the products in SQL decides the same, and a test holds them equal.

    Rule: §2, values that together leave nothing to buy.
    """
    minimum, maximum = effective["min_cart_qty"], effective["max_cart_qty"]
    if maximum <= 0:
        return None
    if minimum > maximum:
        gaps = {"minimum": minimum, "maximum": maximum}
        return NothingToBuy("MINIMUM_ABOVE_MAXIMUM", gaps)
    if smallest_to_buy(effective) <= maximum:
        return None
    shown = effective["qty_increments"] if effective["enable_qty_increments"] else _step(effective)
    return NothingToBuy(
        "NOTHING_FITS", {"increment": shown, "minimum": minimum, "maximum": maximum}
    )


def smallest_to_buy(effective: Mapping[str, Any]) -> Decimal:
    """Return the least quantity that the minimum, the increments and whole units allow.

    ``effective`` holds the values in force of :data:`LIMITING_OPTIONS`.
    """
    step = _step(effective)
    minimum: Decimal = effective["min_cart_qty"]
    return max(1, ceil(minimum / step)) * step


def _step(effective: Mapping[str, Any]) -> Decimal:
    step = QUANTUM if effective["qty_uses_decimals"] else Decimal(1)
    if effective["enable_qty_increments"]:
        step = _common_multiple(step, max(effective["qty_increments"], QUANTUM))
    return step


def _common_multiple(one: Decimal, other: Decimal) -> Decimal:
    return lcm(int(one / QUANTUM), int(other / QUANTUM)) * QUANTUM


def _minimum_above_maximum(effective: Mapping[str, Any], own: Collection[str]) -> Conflict | None:
    found = nothing_to_buy(effective)
    if found is None or found.code != "MINIMUM_ABOVE_MAXIMUM":
        return None
    return _conflict_at(own, ("max_cart_qty", "min_cart_qty"), found.code, **found.gaps)


def _increment_not_whole(effective: Mapping[str, Any], own: Collection[str]) -> Conflict | None:
    increment = effective["qty_increments"]
    if not increment % 1:
        return None
    return _conflict_at(own, ("qty_increments",), "INCREMENT_NOT_WHOLE", increment=increment)


def _nothing_fits(effective: Mapping[str, Any], own: Collection[str]) -> Conflict | None:
    found = nothing_to_buy(effective)
    if found is None or found.code != "NOTHING_FITS":
        return None
    return _conflict_at(
        own,
        (
            "qty_increments",
            "max_cart_qty",
            "min_cart_qty",
            "enable_qty_increments",
            "qty_uses_decimals",
        ),
        found.code,
        **found.gaps,
    )


def _virtual_with_backorders(effective: Mapping[str, Any], own: Collection[str]) -> Conflict | None:
    if not effective["manage_stock"]:
        return None
    if effective["backorders"] == Backorders.NO_BACKORDERS:
        return None
    return _conflict_at(own, ("backorders",), "VIRTUAL_TAKES_NO_BACKORDERS")


def _conflict_at(
    own: Collection[str], names: Collection[str], code: str, **values: Decimal
) -> Conflict | None:
    """Return the conflict, at the first of ``names`` that the level sets; else None."""
    for name in names:
        if name in own:
            gaps = {gap: format_quantity(value) for gap, value in values.items()}
            return Conflict(name, code, MESSAGES[code], gaps)
    return None
