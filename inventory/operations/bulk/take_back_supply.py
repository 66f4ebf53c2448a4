"""Takes changes of future supply back; a record that was made is canceled."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from core.acts import Act
from core.operations.bulk.row_plans import BulkRow
from core.quantities import QuantityError, format_quantity, fraction_error
from core.text import Sentence
from inventory import ports
from inventory.models import FutureSupply
from inventory.operations.bulk.fractions import refusal_of
from inventory.operations.bulk.reversal import (
    BELOW_RECEIVED,
    CANCELED,
    CLOSED,
    Reversal,
    restore,
    undo_creation,
)
from inventory.operations.future_supply import (
    NewSupply,
    cancel_supply,
    change_supply,
    preview_changes,
    preview_closes,
)
from inventory.operations.supply_records import cancel_unpromised, correct_unpromised
from inventory.promises import broken_shipments
from inventory.queries.decimals import whole_items
from inventory.queries.row_changes import RowChange, columns_of, key_of

State = FutureSupply.State


def plan(changes: Sequence[RowChange]) -> list[BulkRow]:
    """Return what each record gets back."""
    found = FutureSupply.objects.select_related("product", "source")
    records = found.in_bulk([row.row_id for row in changes])
    there = [row for row in changes if row.row_id in records]
    rows = [_row_of(row, records[row.row_id]) for row in there]
    return _without_fractions([records[row.row_id] for row in there], rows)


def _without_fractions(records: Sequence[FutureSupply], rows: Sequence[BulkRow]) -> list[BulkRow]:
    """Refuse rows of which the former quantity is a fraction, where units are whole by now."""
    fractions = {row.key: error for row in rows if (error := _fraction_of(row)) is not None}
    keys = [(record.product_id, record.source_id) for record in records]
    pairs = list(zip(keys, rows, strict=True))
    whole = whole_items([key for key, row in pairs if row.key in fractions])
    return [
        replace(row, refusal=refusal_of(fractions[row.key]))
        if row.key in fractions and key in whole
        else row
        for key, row in pairs
    ]


def _fraction_of(row: BulkRow) -> QuantityError | None:
    quantities = [shift.after for shift in row.shifts if shift.name == "quantity"]
    return fraction_error(quantities[0]) if quantities and row.is_change else None


def lock(changes: Sequence[RowChange]) -> None:
    """Lock the shipments that are promised or dated by some of the records, then the records."""
    ids = [row.row_id for row in changes]
    ports.current().lock_promises(ids, losing=ids)


def write(rows: Sequence[tuple[RowChange, BulkRow]], act: Act, *, today: date) -> None:
    """Cancel what was made, and give the others their quantity and date back."""
    made = [change.row_id for change, _row in rows if change.before is None]
    for pk in sorted(set(made) - cancel_unpromised(made, act)):
        cancel_supply(pk, act)
    changed = {t.row_id: row for t, row in rows if t.before is not None}
    records = FutureSupply.objects.in_bulk(list(changed))
    changes = {pk: _new(records[pk], row) for pk, row in changed.items()}
    shown = {pk: NewSupply(record.quantity, record.expected_on) for pk, record in records.items()}
    for pk in sorted(changes.keys() - correct_unpromised(changes, act, shown=shown)):
        change_supply(pk, changes[pk], act, today=today)


def affected_shipments(rows: Mapping[int, BulkRow], *, today: date) -> set[str]:
    """Return the shipments that would lose their promise; ``rows`` are by record id."""
    promised = FutureSupply.objects.filter(pk__in=rows, allocated_quantity__gt=0)
    records = {record.pk: record for record in promised.order_by("pk")}
    ends = {pk for pk in records if any(shift.name == "state" for shift in rows[pk].shifts)}
    changes = {pk: _new(record, rows[pk]) for pk, record in records.items() if pk not in ends}
    plans = [*preview_closes(ends).values(), *preview_changes(changes, today=today).values()]
    return broken_shipments(plans)


def _new(record: FutureSupply, row: BulkRow) -> NewSupply:
    values: dict[str, Any] = {shift.name: shift.after for shift in row.shifts}
    return NewSupply(
        values.get("quantity", record.quantity), values.get("expected_on", record.expected_on)
    )


def _row_of(row: RowChange, record: FutureSupply) -> BulkRow:
    now = {name: getattr(record, name) for name in columns_of(FutureSupply)}
    if row.before is None or row.left is None:
        found = undo_creation(row.left or {}, now, column="state", value=State.CANCELED.value)
    else:
        found = restore(row.before, row.left, now)
    hindrance = found.refusal
    if hindrance is None and row.before is not None:
        hindrance = _hindrance(record, found)
    names = record.product.sku, record.source.code
    return BulkRow(key_of(FutureSupply, record.pk), names, found.shifts, hindrance)


def _hindrance(record: FutureSupply, found: Reversal) -> Sentence | None:
    """Return what forbids the former values by now."""
    values = {shift.name: shift.after for shift in found.shifts}
    if all(shift.before == shift.after for shift in found.shifts):
        return None
    if "state" in values:
        return Sentence(CANCELED)
    if record.state != State.OPEN:
        return Sentence(CLOSED)
    if values.get("quantity", record.quantity) < record.received_quantity:
        received = format_quantity(record.received_quantity)
        return Sentence(BELOW_RECEIVED, {"received": received})
    return None
