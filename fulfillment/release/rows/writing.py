"""Writes the decisions of a batch in sets: one statement per table, however many shipments.

Callers hold the transaction, and the locks under which the batch was read and planned.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from core.acts import Act
from core.sql import fetch_column
from fulfillment.models import ShipmentEvent
from fulfillment.operations.payments import reauthorizes
from fulfillment.operations.shipments.complete_orders import keep_together
from fulfillment.operations.shipments.dates import DateRules
from fulfillment.release.planning.values import Child, Decision
from fulfillment.release.rows.reading import Batch, ShipmentLineMoney
from fulfillment.release.rows.statements import (
    CHOICES,
    LOCK_BALANCES,
    ORDERS_RELEASED,
    STATES,
    STEPS,
    TABLES,
)


class ChildRow(NamedTuple):
    """A shipment that is released, or promised: a child, or the shipment itself."""

    shipment_id: int
    child_id: int
    position: int
    source_id: int
    expected_on: date | None


def apply_decisions(
    decisions: Sequence[Decision],
    batch: Batch,
    item_ids: Mapping[tuple[int, int], int],
    *,
    now: datetime,
    dates: DateRules,
    actor_id: int | None,
    run_id: int,
    reason: str,
) -> None:
    """Release the shipments that the decisions release, and date those that wait.

    ``item_ids`` are the source items of the batch, by (product, source). ``dates`` say when a
    shipment without dated supply is expected. ``reason`` is the reason of the run: the timeline
    of released shipments keeps it.

    Same shipment READY, or children with the parent REASSIGNED once nothing is left on it;
    allocations, counters, timeline and the customers' e-mails with them. What is READY of an order
    that ships complete is held, or let go, with it.

    Rule: Backorder release, result.
    """
    released = [decision for decision in decisions if decision.children]
    new_ids = iter(_new_shipment_ids(sum(_new_children(decision) for decision in released)))
    children, parts = _rows_of(released, batch, item_ids, new_ids)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(table)
        _copy(cursor, "release_child", children)
        _copy(cursor, "release_part", parts)
        _copy(cursor, "release_wait", _waits(decisions))
        # Without their size the server joins these tables row by row.
        cursor.execute("ANALYZE release_child, release_part, release_wait")
        parameters: dict[str, Any] = {
            **CHOICES,
            **dates.parameters(now),
            "actor_id": actor_id,
            "run_id": run_id,
            "reason": reason,
            "ended": [d.shipment.id for d in released if d.shipment.is_future],
            "ready": [child.child_id for child in children if child.expected_on is None],
            "reauthorizes": reauthorizes(),
        }
        for statement in (*(LOCK_BALANCES if parameters["ended"] else ()), *STATES):
            cursor.execute(statement, parameters)
        keep_together(fetch_column(ORDERS_RELEASED), Act(now))
        for statement in STEPS:
            cursor.execute(statement, parameters)
    act = Act(now, actor_id, reason)
    _note_parts([one for one in released if one.shipment.own_mode is not None], act, run_id)


def _note_parts(decisions: Iterable[Decision], act: Act, run_id: int) -> None:
    """Note on shipments of which staff ship what is there that the rest waits on."""
    ShipmentEvent.objects.bulk_create(
        ShipmentEvent(
            shipment_id=decision.shipment.id,
            kind=ShipmentEvent.Kind.RELEASED_IN_PART,
            reason=act.reason,
            detail={"run": run_id, "mode": str(decision.shipment.own_mode)},
            actor_id=act.actor_id,
            created_at=act.at,
        )
        for decision in decisions
        if not decision.is_complete
    )


def _new_children(decision: Decision) -> int:
    return 0 if decision.becomes_ready_itself else len(decision.children)


def _new_shipment_ids(count: int) -> list[int]:
    return fetch_column(
        "WITH ids AS MATERIALIZED (SELECT pg_get_serial_sequence('fulfillment_shipment', 'id')"
        "::regclass AS sequence) SELECT nextval(sequence) FROM ids, generate_series(1, %s)",
        [count],
    )


def _rows_of(
    released: Iterable[Decision],
    batch: Batch,
    item_ids: Mapping[tuple[int, int], int],
    new_ids: Iterator[int],
) -> tuple[list[ChildRow], list[tuple[Any, ...]]]:
    children: list[ChildRow] = []
    parts: list[tuple[Any, ...]] = []
    for decision in released:
        shipment = decision.shipment
        ids = (
            [shipment.id]
            if decision.becomes_ready_itself
            else [next(new_ids) for _ in decision.children]
        )
        for position, (child_id, child) in enumerate(zip(ids, decision.children, strict=True)):
            children.append(
                ChildRow(shipment.id, child_id, position + 1, child.source_id, child.expected_on)
            )
        parts.extend(_parts(decision, ids, batch, item_ids))
    return children, parts


def _parts(
    decision: Decision,
    ids: Sequence[int],
    batch: Batch,
    item_ids: Mapping[tuple[int, int], int],
) -> Iterator[tuple[Any, ...]]:
    """Yield the parts of a decision, each line's money shared out exactly.

    A part gets its share rounded down; the last part of a line that leaves whole gets what is
    left, the remainder included; of a line that leaves in part, the rest stays behind.
    """
    needs = {need.line_id: need for need in decision.shipment.needs}
    left_units = {line_id: need.units for line_id, need in needs.items()}
    left_amounts = {line_id: batch.money[line_id].amount for line_id in needs}
    for child_id, child in zip(ids, decision.children, strict=True):
        for line_id, product_id, units, future_id, is_reserving in _pieces(
            child, left_units, needs
        ):
            money = batch.money[line_id]
            left_units[line_id] -= units
            amount = _share(money, units, needs[line_id].units)
            if not left_units[line_id]:
                amount = left_amounts[line_id]
            left_amounts[line_id] -= amount
            is_current = is_reserving and future_id is None
            item_id = item_ids[product_id, child.source_id] if is_current else None
            yield (
                decision.shipment.id, child_id, line_id, money.order_line_id, product_id,
                decision.shipment.stock_id, decision.shipment.pickup_source_id, item_id, future_id,
                units, amount, is_reserving,
            )  # fmt: skip


def _pieces(
    child: Child, left_units: dict[int, int], needs: dict[int, Any]
) -> Iterator[tuple[int, int, int, int | None, bool]]:
    for take in child.parts:
        yield take.line_id, take.product_id, take.units, take.future_id, True
    for line_id in child.unmanaged_lines:
        yield line_id, needs[line_id].product_id, left_units[line_id], None, False


def _share(money: ShipmentLineMoney, units: int, of: int) -> int:
    return money.amount * units // (of * money.unit) * money.unit


def _waits(decisions: Iterable[Decision]) -> list[tuple[Any, ...]]:
    return [
        (decision.shipment.id, decision.expected_on)
        for decision in decisions
        if not decision.is_complete
    ]


def _copy(cursor: Any, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
