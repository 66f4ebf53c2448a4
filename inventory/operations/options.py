"""Saves what options are set to: on the configuration, or on a product."""

from collections.abc import Collection, Sequence

from django.db import connection, transaction
from django.db.models import Model

from core.acts import Act
from inventory import ports
from inventory.models import InventoryConfiguration, Product, SourceItem, StockBalance
from inventory.models.configuration import GLOBAL_OPTIONS
from inventory.operations.item_rows import takes_backorders
from inventory.option_rules import Conflict, conflicts
from inventory.options import Group, Scope
from inventory.queries.buyable import UnbuyableProducts, left_with_nothing
from inventory.queries.decimals import conflicts_of_change, items_of

# What a release run, or the status that the system wrote, depends on.
RELEASE_OPTIONS = {option.name for option in GLOBAL_OPTIONS if option.group is Group.RELEASE} | {
    "source_selection",
    "future_inventory",
    "backorders",
    "manage_stock",
}
STATUS_OPTIONS = {"backorders", "manage_stock", "product_type"}
# What dates the shipments that wait for a product.
RELEASE_DATE = {"release_on"}

# An Out of Stock that the system wrote is undone where backorders are now allowed. Rows are
# locked in key order before they are written.
RESTORE_STATUSES = f"""
WITH restored AS MATERIALIZED (
    SELECT item.id
    FROM inventory_sourceitem AS item
    JOIN inventory_product AS product ON product.id = item.product_id
    LEFT JOIN inventory_inventoryconfiguration AS configuration ON configuration.id = 1
    WHERE item.is_status_automatic
      AND (%s::bigint[] IS NULL OR item.product_id = ANY(%s::bigint[]))
      AND {takes_backorders("item.backorders")}
    ORDER BY item.id
    FOR UPDATE OF item
)
UPDATE inventory_sourceitem AS item
SET status = '{SourceItem.Status.IN_STOCK}', is_status_automatic = FALSE
FROM restored WHERE item.id = restored.id
"""  # noqa: S608 - constants alone


class OptionConflictError(Exception):
    """Values that have no meaning together; nothing was written."""

    def __init__(self, found: Sequence[Conflict]) -> None:
        super().__init__(" ".join(conflict.message % conflict.values for conflict in found))
        self.conflicts = tuple(found)


class LeavesNothingToBuyError(Exception):
    """Global values would leave products with nothing to buy; nothing was written."""

    def __init__(self, found: UnbuyableProducts) -> None:
        super().__init__(", ".join(found.skus))
        self.found = found


def save_configuration(
    configuration: InventoryConfiguration,
    *,
    changed: Collection[str] | None = None,
    is_confirmed: bool = False,
) -> None:
    """Save the global values; they take effect at once for everything that inherits.

    Opens the transaction. ``changed`` names the options to write (every one when left out); all
    others stay as they are stored. Statuses that the system wrote are undone where backorders
    became allowed, and a release run follows where a rule of release changed.

    :raises OptionConflictError: for values that came to contradict each other.
    :raises LeavesNothingToBuyError: unless ``is_confirmed``, for products that override a part
        and could no longer be bought.

    Rule: Stock options, stored and resolved.
    """
    names = {option.name for option in GLOBAL_OPTIONS}
    with transaction.atomic():
        rows = InventoryConfiguration.objects.select_for_update(no_key=True)
        stored = rows.get(pk=configuration.pk)
        known, before = _of_site(stored), stored.overrides()
        written = _take(stored, configuration, names if changed is None else names & {*changed})
        _refuse(_of_site(stored), known=known)
        if not is_confirmed:
            unbuyable = left_with_nothing(before=before, after=stored.overrides())
            if unbuyable.count:
                raise LeavesNothingToBuyError(unbuyable)
        stored.save(update_fields=written)
        if written & STATUS_OPTIONS:
            restore_automatic_statuses()
        if written & RELEASE_OPTIONS:
            waiting = StockBalance.objects.filter(waiting_quantity__gt=0)
            products = waiting.values_list("product_id", flat=True).distinct()
            ports.current().note_arrival(sorted(products))


def save_product(product: Product, act: Act, *, changed: Collection[str] | None = None) -> None:
    """Save a product with its own values; opens the transaction.

    ``changed`` names the columns to write of a product that is there (every one when left out);
    all others stay as they are stored. What follows from a changed option is as for
    :func:`save_configuration`; a release date that moves, moves what waits for it.

    :raises OptionConflictError: for values that came to contradict each other.
    """
    columns = {field.name for field in Product._meta.concrete_fields if not field.primary_key}
    with transaction.atomic():
        site = InventoryConfiguration.hold()
        rows = Product.objects.select_for_update(no_key=True).filter(pk=product.pk)
        stored = rows.order_by("pk").first()
        if stored is None:
            _refuse(_of_product(product, site), known=[])
            product.save()
            return
        known, before = _of_product(stored, site), stored.overrides()
        written = _take(stored, product, columns if changed is None else columns & {*changed})
        _refuse(_of_product(stored, site), known=known)
        _refuse(conflicts_of_change(stored.pk, before, stored.overrides()), known=[])
        stored.save(update_fields=written)
        if written & RELEASE_DATE:
            ports.current().move_preorders([product.pk], act)
        if written & STATUS_OPTIONS:
            restore_automatic_statuses([product.pk])
        if written & (RELEASE_OPTIONS | STATUS_OPTIONS | RELEASE_DATE):
            ports.current().note_arrival([product.pk])


def restore_automatic_statuses(product_ids: Collection[int] | None = None) -> int:
    """Undo Out of Stock where the system wrote it and backorders are allowed; return how many.

    Looks at every product when ``product_ids`` is left out. Runs in the caller's transaction.

    Rule: Reservations, automatic status.
    """
    chosen = None if product_ids is None else list(product_ids)
    with connection.cursor() as cursor:
        cursor.execute(RESTORE_STATUSES, [chosen, chosen])
        count: int = cursor.rowcount
        return count


def _take(stored: Model, wanted: Model, names: Collection[str]) -> set[str]:
    """Give a stored row the values of ``wanted`` in the columns ``names``; return what differs."""
    differing = {name for name in names if getattr(stored, name) != getattr(wanted, name)}
    for name in differing:
        setattr(stored, name, getattr(wanted, name))
    return differing


def _refuse(found: Sequence[Conflict], *, known: Sequence[Conflict]) -> None:
    """Refuse conflicts that this change makes; those that are there already stay to be corrected.

    A global change can leave a product with one, which must not lock its other values.
    """
    made = [conflict for conflict in found if conflict not in known]
    if made:
        raise OptionConflictError(made)


def _of_site(configuration: InventoryConfiguration) -> list[Conflict]:
    return conflicts(Scope.GLOBAL, configuration=configuration.overrides())


def _of_product(product: Product, configuration: InventoryConfiguration) -> list[Conflict]:
    return conflicts(
        Scope.PRODUCT,
        configuration=configuration.overrides(),
        product=product.overrides(),
        is_virtual=product.is_virtual,
        items=items_of(product),
    )
