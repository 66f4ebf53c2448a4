"""Records of future supply: made, or corrected while nothing is promised from them."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Greatest

from core.acts import Act
from core.operations.stale_rows import StaleRowsError
from core.quantities import ZERO
from inventory import ports
from inventory.models import FutureSupply, Product
from inventory.operations.future_supply import NewSupply, move_to
from inventory.operations.whole_units import hold_products, refuse_fractions_at
from inventory.promises import DateMove

CORRECT = f"""
WITH locked AS MATERIALIZED (
    SELECT id FROM inventory_futuresupply
    WHERE id = ANY(%s) AND state = '{FutureSupply.State.OPEN}' AND allocated_quantity = 0
    ORDER BY id FOR UPDATE
)
UPDATE inventory_futuresupply AS supply
SET quantity = new.quantity, expected_on = new.expected_on
FROM unnest(%s::bigint[], %s::numeric[], %s::date[], %s::numeric[], %s::date[])
    AS new(id, quantity, expected_on, was_quantity, was_expected_on), locked
WHERE supply.id = new.id AND locked.id = supply.id AND supply.quantity = new.was_quantity
  AND supply.expected_on IS NOT DISTINCT FROM new.was_expected_on
  AND new.quantity >= supply.received_quantity
  AND (supply.sent_from_id IS NULL OR new.quantity = supply.quantity)
RETURNING supply.id, supply.product_id
"""  # noqa: S608 - constants alone


def save_supply(supply: FutureSupply, *, changed: Collection[str]) -> None:
    """Save a record; of one that is there already, only the ``changed`` columns.

    Opens the transaction. More may be promised now, so a release run follows.

    :raises FractionError: for a fraction where the source item does not use decimals.
    """
    with transaction.atomic():
        if supply.pk is None or "quantity" in changed:
            refuse_fractions_at([((supply.product_id, supply.source_id), supply.quantity)])
        if supply.pk is None:
            supply.save()
        elif changed:
            supply.save(update_fields=list(changed))
        if changed:
            ports.current().note_arrival([supply.product_id])


class SupplyRecordedError(StaleRowsError):
    """Supply of products came, went or was recorded since it was shown; nothing was written."""

    def __init__(self, skus: Sequence[str]) -> None:
        super().__init__(", ".join(skus))
        self.skus = tuple(skus)


def record_supplies(
    supplies: Sequence[FutureSupply], *, coming: Mapping[int, Decimal] | None = None
) -> None:
    """Record new supply together, all or none; opens the transaction, and a release run follows.

    ``coming`` is what was outstanding of each product, by id, where the units were chosen by it:
    the products are locked, so that of two who order the same the second is refused.

    :raises SupplyRecordedError: naming the products of which another quantity is outstanding now.
    :raises FractionError: for a fraction where the source item does not use decimals.

    Rule: §23, demand.
    """
    product_ids = sorted({supply.product_id for supply in supplies})
    with transaction.atomic():
        hold_products(product_ids)
        if coming is not None:
            now = outstanding_units(product_ids)
            stale = [pk for pk in product_ids if now.get(pk, ZERO) != coming.get(pk, ZERO)]
            if stale:
                skus = Product.objects.filter(pk__in=stale).order_by("sku")
                raise SupplyRecordedError(list(skus.values_list("sku", flat=True)))
        quantities = [((row.product_id, row.source_id), row.quantity) for row in supplies]
        refuse_fractions_at(quantities)
        FutureSupply.objects.bulk_create(supplies)
        ports.current().note_arrival(product_ids)


def outstanding_units(product_ids: Collection[int]) -> dict[int, Decimal]:
    """Return the outstanding units of all open supply of products, by id; none are left out."""
    outstanding = Greatest(F("quantity") - F("received_quantity"), ZERO)
    rows = FutureSupply.objects.filter(product__in=product_ids).open().order_by()
    return dict(rows.values_list("product").annotate(units=Sum(outstanding)))


def correct_unpromised(
    changes: Mapping[int, NewSupply], act: Act, *, shown: Mapping[int, NewSupply]
) -> set[int]:
    """Correct records that promise nothing, in one statement; return the ids of those corrected.

    Records that are promised from, closed, received beyond their new quantity, transfers of which
    the quantity would change, and those that say something else than is ``shown`` are left as they
    are. Shipments that they dated lose the date.
    Runs in the caller's transaction, which has locked the records that :func:`losing` returns as
    ``lock_promises`` does.

    Rule: Future supply over time.
    """
    ids = sorted(changes)
    columns: list[Any] = [
        ids,
        ids,
        [changes[pk].quantity for pk in ids],
        [changes[pk].expected_on for pk in ids],
        [shown[pk].quantity for pk in ids],
        [shown[pk].expected_on for pk in ids],
    ]
    with connection.cursor() as cursor:
        cursor.execute(CORRECT, columns)
        corrected = dict(cursor.fetchall())
    if corrected:
        moves = {pk: move_to(changes[pk], shown[pk]) for pk in corrected}
        ports.current().free_dates(moves, act)
        ports.current().note_arrival(sorted(set(corrected.values())))
    return set(corrected)


def losing(changes: Mapping[int, NewSupply], *, shown: Mapping[int, NewSupply]) -> list[int]:
    """Return the ids of the records of which shipments may lose their date."""
    return [pk for pk, new in changes.items() if move_to(new, shown[pk]).may_lose]


def cancel_unpromised(ids: Collection[int], act: Act) -> set[int]:
    """Cancel open records that promise nothing, in one statement; return the ids of those.

    Transfers, whose units go back to the sender, are left as they are. Shipments that they dated
    lose the date. Runs in the caller's transaction, which has locked the records as
    ``lock_promises`` does.

    Rule: Future supply over time, canceled.
    """
    rows = FutureSupply.objects.filter(pk__in=ids, allocated_quantity=0, sent_from=None).open()
    found = list(rows.only("product_id", "expected_on"))
    canceled = {record.pk for record in found}
    FutureSupply.objects.filter(pk__in=canceled).update(state=FutureSupply.State.CANCELED)
    if found:
        moves = {record.pk: DateMove(record.expected_on, None) for record in found}
        ports.current().free_dates(moves, act)
        ports.current().note_arrival(sorted({record.product_id for record in found}))
    return canceled
