"""Writes source items: set, adjusted, unassigned."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext

from core import formats
from core.acts import Act
from core.operations.stale_rows import StaleRowsError, nothing_compared
from core.sql import listed
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.operations.item_rows import (
    COLUMNS,
    MAKE_TABLE,
    OPTIONS,
    WrittenItems,
    lock_items,
    write_locked_items,
)
from inventory.operations.row_values import arrays_of
from inventory.operations.whole_units import refuse_fractions_at
from inventory.option_rules import conflicts
from inventory.options import Scope

# The values that each row must still have, by (product id, source id); None: there is no row yet.
Expected = Mapping[tuple[int, int], Mapping[str, Any] | None]
NOTHING_EXPECTED: Expected = {}
NO_VALUES: Mapping[int, Mapping[str, Any]] = {}
NO_VERSIONS: Mapping[tuple[int, int], int] = {}
STAGE = f"""{MAKE_TABLE}
INSERT INTO wanted_item (product_id, source_id, {listed("{0}, sets_{0}", COLUMNS)},
    names_status, is_by_person, made_status)
SELECT *, sets_status, %s, %s
FROM unnest(%s::bigint[], %s::bigint[], {listed("%s::{}[], %s::boolean[]", COLUMNS.values())})
    AS sent(product_id, source_id, {listed("{0}, sets_{0}", COLUMNS)})
"""  # noqa: S608 - constants alone


class SourceItemError(Exception):
    """What was asked of source items cannot be; nothing was written.

    ``key`` is the (product id, source id) of the one that it is about, where it is about one.
    """

    key: tuple[int, int] | None = None


class StaleSourceItemError(SourceItemError, StaleRowsError):
    """A source item has changed since it was shown."""


class OptionOfVirtualError(SourceItemError):
    """An item of a virtual product with managed stock would take backorders; names SKUs."""

    def __init__(self, skus: Sequence[str]) -> None:
        super().__init__(", ".join(skus))
        self.skus = tuple(skus)


class UnknownSourceItemError(SourceItemError):
    """A product is not held at a source; names (product id, source id)."""

    def __init__(self, product_id: int, source_id: int) -> None:
        super().__init__(f"{product_id}, {source_id}")
        self.key = (product_id, source_id)


@dataclass(frozen=True, slots=True)
class ItemChange:
    """New values of one product at one source; what is left out stays as it is.

    ``values`` may name ``quantity``, ``safety_stock``, ``status`` and any option of the source
    item's scope (``None`` = use default).
    """

    product_id: int
    source_id: int
    values: Mapping[str, Any]


def set_items(
    changes: Sequence[ItemChange],
    act: Act,
    *,
    expected_versions: Mapping[tuple[int, int], int] = NO_VERSIONS,
    expected: Expected = NOTHING_EXPECTED,
    also_locked: Collection[int] = (),
    is_by_person: bool = False,
    made_status: str | None = None,
) -> WrittenItems:
    """Set what source items hold and how they sell, all or nothing; opens the transaction.

    A row that does not exist yet is made. A count below what is allocated is allowed: shipments
    fall back, last in queue order first, and are named. A status that a person changes stays;
    one that the system wrote is undone when the quantity rises. ``is_by_person`` and
    ``made_status`` are as for :func:`stage_changes`. ``expected_versions`` are those
    that were shown, by (product id, source id), ``expected`` the values. Items in
    ``also_locked`` are locked together with those that change.

    :raises StaleSourceItemError: for a row whose version, or an expected value, is another now.
    :raises OptionOfVirtualError: for backorders where a virtual product takes none.
    :raises inventory.ports.HeldUnitsError: when virtual lines or packed shipments hold what must
        go.
    :raises FractionError: for a fraction where the item does not use decimals.
    :raises FractionsLeftError: where decimals would be used no longer, and there are fractions.
    :raises django.db.IntegrityError: for a value that the database refuses, such as a negative.

    Rule: Reservations, counts.
    """
    with transaction.atomic():
        if any(change.values.keys() & set(OPTIONS) for change in changes):
            InventoryConfiguration.hold()
        stage_changes(changes, is_by_person=is_by_person, made_status=made_status)
        locked = lock_items(also_locked=also_locked)
        _refuse_stale(expected_versions)
        _refuse_unexpected(expected, created_count=locked.created_count)
        _refuse_conflicts(changes)
        written = write_locked_items(locked, act)
    return replace(written, changed_count=len(changes))


def adjust_items(
    amounts: Mapping[tuple[int, int], Decimal],
    act: Act,
    *,
    expected_versions: Mapping[tuple[int, int], int] = NO_VERSIONS,
) -> WrittenItems:
    """Add to (or take from) what is on hand, by (product id, source id); opens the transaction.

    :raises UnknownSourceItemError: for a product that is not held at its source.
    :raises StaleSourceItemError: for a row whose version is another than ``expected_versions`` say.
    :raises SourceItemError: if any item would fall below 0.
    :raises FractionError: for a fraction where the item does not use decimals.

    Rule: Reservations, counts.
    """
    while True:
        counts = _counts(amounts)
        changes = [ItemChange(*key, {"quantity": count}) for key, count in counts.items()]
        try:
            with transaction.atomic():
                refuse_fractions_at(
                    (key, amount) for key, amount in amounts.items() if counts[key] % 1
                )
                stage_changes(changes)
                lock_items()
                if _counts(amounts) != counts:
                    raise _RecountedError
                return set_items(changes, act, expected_versions=expected_versions)
        except _RecountedError:
            continue


class _RecountedError(Exception):
    """A count changed before its row was locked; the locks were given back."""


def _counts(amounts: Mapping[tuple[int, int], Decimal]) -> dict[tuple[int, int], Decimal]:
    """Return what each item would hold after its amount is added."""
    items = _items([product_id for product_id, _source in amounts])
    counts = {}
    for key, amount in amounts.items():
        if key not in items:
            raise UnknownSourceItemError(*key)
        counts[key] = items[key].quantity + amount
        if counts[key] < 0:
            raise _below_zero(items[key])
    return counts


def _below_zero(item: SourceItem) -> SourceItemError:
    sentence = gettext("%(item)s holds %(units)s only.")
    error = SourceItemError(sentence % {"item": item, "units": formats.quantity(item.quantity)})
    error.key = (item.product_id, item.source_id)
    return error


def _refuse_conflicts(changes: Sequence[ItemChange]) -> None:
    """Refuse option values that have no meaning for their product."""
    own = [change for change in changes if change.values.keys() & set(OPTIONS)]
    if not own:
        return
    site = InventoryConfiguration.hold().overrides()
    products = Product.objects.in_bulk({change.product_id for change in own})
    refused = {
        products[change.product_id].sku
        for change in own
        if conflicts(
            Scope.SOURCE_ITEM,
            configuration=site,
            product=products[change.product_id].overrides(),
            source_item=change.values,
            is_virtual=products[change.product_id].is_virtual,
        )
    }
    if refused:
        raise OptionOfVirtualError(sorted(refused))


def stage_changes(
    changes: Sequence[ItemChange], *, is_by_person: bool = False, made_status: str | None = None
) -> None:
    """Stage new values of source items, in the caller's transaction.

    ``is_by_person``: a person set them, so that Out of Stock stays. ``made_status`` is the status
    of new rows with nothing on hand that name none; None: Out of Stock while backorders are off.
    """
    keys = [[one.product_id for one in changes], [one.source_id for one in changes]]
    values = arrays_of([one.values for one in changes], COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(STAGE, [is_by_person, made_status, *keys, *values])


def _items(product_ids: Collection[int]) -> dict[tuple[int, int], SourceItem]:
    items = SourceItem.objects.filter(product_id__in=set(product_ids)).order_by("pk")
    found = items.select_related("product", "source")
    return {(item.product_id, item.source_id): item for item in found}


def _refuse_stale(expected_versions: Mapping[tuple[int, int], int]) -> None:
    for (product_id, source_id), version in expected_versions.items():
        rows = SourceItem.objects.filter(product_id=product_id, source_id=source_id)
        if rows.values_list("version", flat=True).get() != version:
            raise StaleSourceItemError(f"{product_id}, {source_id}")


def _refuse_unexpected(expected: Expected, *, created_count: int) -> None:
    """Refuse rows that have other values than expected, that are gone, or that are there now."""
    if not expected:
        return
    items = _items({product_id for product_id, _source in expected})
    is_other = any(_is_other(items[key], values or {}) for key, values in expected.items())
    if is_other or created_count != sum(values is None for values in expected.values()):
        raise StaleSourceItemError(", ".join(str(items[key]) for key in expected))


def _is_other(item: SourceItem, values: Mapping[str, Any]) -> bool:
    return any(getattr(item, name) != value for name, value in values.items())


class StillAllocatedError(SourceItemError):
    """Units are allocated there; ``items`` are the source items that hold them."""

    def __init__(self, items: list[SourceItem]) -> None:
        super().__init__(", ".join(str(item) for item in items))
        self.items = items


def unassign(
    source_item_ids: Collection[int],
    *,
    expected: Mapping[int, Mapping[str, Any]] = NO_VALUES,
    compare: Callable[[], None] = nothing_compared,
) -> None:
    """Unassign source items, all or none; opens the transaction.

    ``expected`` are the values that an item must still have, by id; ``compare`` is called once
    the items are locked, and may refuse them.

    :raises StaleSourceItemError: for an item with another value than expected.
    :raises StillAllocatedError: while units are allocated at any of them.

    Rule: Bulk work, unassign.
    """
    with transaction.atomic():
        chosen = SourceItem.objects.filter(pk__in=source_item_ids)
        items = list(chosen.select_related("product", "source").locked())
        compare()
        holding = [item for item in items if item.allocated]
        if any(_is_other(item, expected.get(item.pk, {})) for item in items):
            raise StaleSourceItemError(", ".join(map(str, items)))
        if holding:
            raise StillAllocatedError(holding)
        SourceItem.objects.filter(pk__in=[item.pk for item in items]).delete()
