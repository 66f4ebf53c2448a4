"""Explains why shipments wait, by the plan of a run that writes nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.quantities import format_quantity
from core.sql import fetch_rows, literals
from fulfillment.models import ReleaseDecision, Shipment
from fulfillment.models.release_conditions import (
    CONSIDERED_SQL,
    HELD,
    IN_QUEUE_SQL,
    PAYMENT,
    REST,
    reasons_kept_out,
)
from fulfillment.release.outlook import Outlook, outlook_of
from fulfillment.release.planning.planner import Planner
from fulfillment.release.planning.remedy import RemedyKind
from fulfillment.release.planning.remedy_search import find_remedy, receipt_for_all
from fulfillment.release.planning.values import Decision, ReleaseSettings, Supply, WaitReason
from fulfillment.release.planning.wait_reasons import NAMED_SHIPMENTS
from fulfillment.release.rows.decision_log import detail_of, outcome_of
from fulfillment.release.rows.queue import (
    QueuePosition,
    products_of,
    queue_position_of,
    queue_positions_of,
    rivals_of,
    wanted_before,
)
from fulfillment.release.rows.reading import read_batch, read_supply
from fulfillment.release.runs.run_settings import release_settings, values_in_force

# Shipments that are kept out of every run, with their products.
KEPT_OUT = f"""
SELECT shipment.id, shipment.hold_reason, shipment.awaits_payment,
    shipment.payment_retry_at, parent.status, line.product_id, product.sku, sum(line.quantity)
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
JOIN fulfillment_shipmentline AS line ON line.shipment_id = shipment.id AND line.quantity > 0
JOIN inventory_product AS product ON product.id = line.product_id
WHERE shipment.id = ANY(%s) AND {IN_QUEUE_SQL} AND NOT ({CONSIDERED_SQL})
GROUP BY shipment.id, parent.status, line.product_id, product.sku
ORDER BY shipment.id, product.sku
"""  # noqa: S608 - constants

# Ready shipments of orders that ship complete, with the products that the others lack, or hold.
REST_OF_ORDERS = f"""
SELECT shipment.id, line_of_order.sku, sum(line.quantity),
    array_agg(DISTINCT other.number ORDER BY other.number),
    CASE WHEN bool_and(other.expected_on IS NOT NULL) THEN max(other.expected_on) END
FROM fulfillment_shipment AS shipment
JOIN fulfillment_shipment AS other ON other.order_id = shipment.order_id
    AND (other.state IN ({literals(*Shipment.WAITING_STATES)})
         OR (other.state = '{Shipment.State.READY}' AND other.is_held
             AND other.hold_reason <> '{Shipment.HoldReason.REST}'))
JOIN fulfillment_shipmentline AS line ON line.shipment_id = other.id AND line.quantity > 0
JOIN orders_orderline AS line_of_order ON line_of_order.id = line.order_line_id
WHERE shipment.id = ANY(%s) AND shipment.hold_reason = '{Shipment.HoldReason.REST}'
GROUP BY shipment.id, line_of_order.sku
ORDER BY shipment.id, line_of_order.sku
"""  # noqa: S608 - constants

# The last shipments before these in the queue that were allocated their products.
EARLIER = """
SELECT short.shipment_id, short.sku, array(
    SELECT earlier.number
    FROM inventory_stocksource AS link
    JOIN inventory_source AS source ON source.id = link.source_id AND source.is_enabled
    JOIN inventory_sourceitem AS item
        ON item.source_id = link.source_id AND item.product_id = product.id
    JOIN fulfillment_allocation AS allocation ON allocation.source_item_id = item.id
    JOIN fulfillment_shipmentline AS line ON line.id = allocation.shipment_line_id
    JOIN fulfillment_shipment AS earlier ON earlier.id = line.shipment_id
    WHERE link.stock_id = waiting.stock_id AND earlier.released_at IS NOT NULL
      AND CASE WHEN waiting.pickup_source_id IS NULL THEN source.ships_to_home
               ELSE source.id = waiting.pickup_source_id END
      AND (-earlier.priority, earlier.backordered_since, earlier.id)
        < (-waiting.priority, waiting.backordered_since, waiting.id)
    GROUP BY earlier.id ORDER BY earlier.released_at DESC, earlier.id DESC LIMIT %(named)s)
FROM unnest(%(shipments)s::bigint[], %(skus)s::text[]) AS short(shipment_id, sku)
JOIN fulfillment_shipment AS waiting ON waiting.id = short.shipment_id
JOIN inventory_product AS product ON product.sku = short.sku
"""
# Earlier shipments are planned in batches, and no more in all, because a page waits for them.
BATCH_SIZE = 1_000
MOST_RIVALS = 10_000
# Remedies are planned one after another, each with the whole queue before a shipment. For a longer
# queue, all units that it needs are to be received.
MOST_PLANNED_AGAIN = 250
RELEASED = ReleaseDecision.Outcome.RELEASED.value
SHORT_OF_STOCK = {WaitReason.NO_STOCK, WaitReason.NOT_ENOUGH_STOCK}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The outcome of a shipment in the next run, and why.

    ``detail`` is as a run keeps it: children, shortages with reasons and facts, expected_on; with
    ``closed``, the days before that date on which sources are closed, if it is foretold.
    ``remedies`` are changes that together release it, as JSON values; empty if none is known or
    none is needed. ``stock`` is what is at which source, and why it may not go.
    """

    outcome: str
    detail: Mapping[str, Any]
    remedies: tuple[Mapping[str, Any], ...] = ()
    stock: tuple[Mapping[str, Any], ...] = ()


def explain(
    shipment_ids: Collection[int], *, now: datetime, zone: ZoneInfo, with_remedies: bool = False
) -> dict[int, Explanation]:
    """Return why each of these shipments waits, by id; those that do not wait are left out.

    What is READY waits where its order ships complete and something of it is missing.

    Plans them with all earlier shipments that share units with them, like a run; of more than
    ``MOST_RIVALS``, with the first. ``with_remedies`` also searches for remedies and foretells the
    earliest date, which plans them several times more; without it, the date does not count what
    earlier shipments will need.

    Rule: Why a shipment waits.
    """
    today = now.astimezone(zone).date()
    values = values_in_force()
    settings = release_settings(values, today=today)
    explained = _kept_out(shipment_ids) | _waiting_for_rest(shipment_ids)
    positions = queue_positions_of(shipment_ids)
    supply = None
    for decision, supply in _planned(positions, settings, today, now=now, zone=zone):
        explained[decision.shipment.id] = Explanation(
            outcome=outcome_of(decision).value, detail=detail_of(decision, supply)
        )
    _name_earlier(explained)
    if with_remedies:
        known = {position.shipment_id: position for position in positions}
        for shipment_id, found in explained.items():
            position = known.get(shipment_id) or queue_position_of(shipment_id)
            if found.outcome != RELEASED and position is not None:
                others = _remedies_of(position, supply, settings, today, now=now, zone=zone)
                found = replace(found, remedies=(*found.remedies, *others))
                outlook = outlook_of(position, values, now=now, zone=zone)
                is_let_in = shipment_id in known
                explained[shipment_id] = _foretold(found, outlook, is_let_in=is_let_in)
    return explained


def _planned(
    positions: Collection[QueuePosition],
    settings: ReleaseSettings,
    today: date,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[tuple[Decision, Supply]]:
    """Yield the decisions on the shipments of ``positions``, planned with earlier shipments.

    No more earlier shipments are planned once no units are left that they could use.
    """
    if not positions:
        return
    rivals = rivals_of(positions, can_be_kept_for=not settings.is_all_or_nothing)
    queue = [position.shipment_id for position in sorted({*positions, *rivals})]
    supply = read_supply(
        products_of(queue[:MOST_RIVALS] + [position.shipment_id for position in positions]),
        now=now,
        zone=zone,
    )
    planner = Planner(supply, settings, today)
    explained = {position.shipment_id for position in positions}
    wanted = products_of(explained)
    for start in range(0, len(queue), BATCH_SIZE):
        chosen = queue[start : start + BATCH_SIZE]
        if start >= MOST_RIVALS or not planner.has_left(wanted):
            chosen = [shipment_id for shipment_id in chosen if shipment_id in explained]
        if not chosen:
            continue
        for shipment in read_batch(chosen, now=now, zone=zone, is_locked=False).shipments:
            decision = planner.decide(shipment)
            if shipment.id in explained:
                yield decision, supply


def _remedies_of(
    position: QueuePosition,
    supply: Supply | None,
    settings: ReleaseSettings,
    today: date,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> list[Mapping[str, Any]]:
    """Return the changes that release the shipment of ``position``, besides those that end a hold.

    ``supply`` has been read already, perhaps of other products.
    """
    shipment_id = position.shipment_id
    products = products_of([shipment_id])
    rivals = rivals_of(
        [position], can_be_kept_for=True, products=products, at_most=MOST_PLANNED_AGAIN
    )
    is_long = len(rivals) > MOST_PLANNED_AGAIN
    queue = {shipment_id} if is_long else {shipment_id, *(rival.shipment_id for rival in rivals)}
    batch = read_batch(queue, now=now, zone=zone, is_locked=False, even=[shipment_id])
    wanted = {need.product_id for each in batch.shipments for need in each.needs}
    if supply is None or not wanted <= supply.products.keys():
        supply = read_supply(wanted, now=now, zone=zone)
    if is_long:
        (shipment,) = batch.shipments
        earlier = wanted_before(position, products)
        found = receipt_for_all(shipment, earlier, supply, settings, today)
    else:
        found = find_remedy(batch.shipments, supply, settings, today)
    return [remedy.as_json(supply) for remedy in found]


def _foretold(found: Explanation, outlook: Outlook | None, *, is_let_in: bool) -> Explanation:
    """Return the explanation with the earliest date, and what comes until then.

    What no run considers has no date, whatever comes.
    """
    if outlook is None:
        return found
    coming = outlook.coming if is_let_in else {}
    shortages = [
        {
            **shortage,
            "facts": {
                **{name: fact for name, fact in shortage["facts"].items() if name != "coming"},
                **({"coming": coming[shortage["sku"]]} if shortage["sku"] in coming else {}),
            },
        }
        for shortage in found.detail["shortages"]
    ]
    expected_on = outlook.expected_on if is_let_in else None
    detail = {**found.detail, "shortages": shortages, "expected_on": expected_on}
    if is_let_in and outlook.closed:
        detail["closed"] = outlook.closed
    return replace(found, detail=detail, stock=outlook.stock)


def _name_earlier(explained: Mapping[int, Explanation]) -> None:
    """Name the shipments that earlier runs gave the missing units to."""
    short = {
        (shipment_id, shortage["sku"]): shortage
        for shipment_id, explanation in explained.items()
        for shortage in explanation.detail["shortages"]
        if SHORT_OF_STOCK.intersection(shortage["reasons"])
    }
    if not short:
        return
    parameters: dict[str, Any] = {
        "shipments": [shipment_id for shipment_id, _ in short],
        "skus": [sku for _, sku in short],
        "named": NAMED_SHIPMENTS,
    }
    for shipment_id, sku, earlier in fetch_rows(EARLIER, parameters):
        if earlier:
            shortage = short[shipment_id, sku]
            taken = WaitReason.TAKEN_BY_EARLIER.value
            shortage["reasons"] = [
                taken if reason in SHORT_OF_STOCK else reason for reason in shortage["reasons"]
            ]
            shortage["facts"]["taken_by"] = earlier[::-1]


def _kept_out(shipment_ids: Collection[int]) -> dict[int, Explanation]:
    shortages: dict[int, list[dict[str, Any]]] = {}
    remedies: dict[int, tuple[Mapping[str, Any], ...]] = {}
    for (
        shipment_id, hold_reason, awaits_payment, retry_at, status, _product, sku, quantity
    ) in fetch_rows(KEPT_OUT, [list(shipment_ids)]):  # fmt: skip
        reasons = reasons_kept_out(
            hold_reason=hold_reason, awaits_payment=awaits_payment, order_status=status
        )
        facts: dict[str, object] = {}
        is_held_by_staff = HELD in reasons
        is_unpaid = PAYMENT in reasons
        if is_held_by_staff:
            facts["hold_reason"] = hold_reason
        if is_unpaid and awaits_payment:
            facts["payment_retry_at"] = retry_at and retry_at.isoformat()
        elif is_unpaid:
            facts["order_status"] = status
        missing = format_quantity(quantity)
        shortage = {"sku": sku, "missing": missing, "reasons": list(reasons), "facts": facts}
        shortages.setdefault(shipment_id, []).append(shortage)
        lift = ({"kind": RemedyKind.LIFT_HOLD.value},) if is_held_by_staff else ()
        settle = ({"kind": RemedyKind.SETTLE_PAYMENT.value},) if is_unpaid else ()
        remedies[shipment_id] = (*lift, *settle)
    return {
        shipment_id: Explanation(
            outcome=ReleaseDecision.Outcome.WAITING.value,
            detail={"children": [], "shortages": short, "expected_on": None},
            remedies=remedies[shipment_id],
        )
        for shipment_id, short in shortages.items()
    }


def _waiting_for_rest(shipment_ids: Collection[int]) -> dict[int, Explanation]:
    """Return what keeps READY shipments of orders that ship complete, by id.

    The date is that of the last of the others, where each has one.

    Rule: Changing an order, ship complete (§20).
    """
    shortages: dict[int, list[dict[str, Any]]] = {}
    dates: dict[int, list[date | None]] = {}
    for shipment_id, sku, quantity, numbers, expected_on in fetch_rows(
        REST_OF_ORDERS, [list(shipment_ids)]
    ):
        shortage = {
            "sku": sku,
            "missing": format_quantity(quantity),
            "reasons": [REST],
            "facts": {"waiting": numbers},
        }
        shortages.setdefault(shipment_id, []).append(shortage)
        dates.setdefault(shipment_id, []).append(expected_on)
    return {
        shipment_id: Explanation(
            outcome=ReleaseDecision.Outcome.WAITING.value,
            detail={"children": [], "shortages": short, "expected_on": _last(dates[shipment_id])},
            remedies=({"kind": RemedyKind.SHIP_WHAT_IS_READY.value},),
        )
        for shipment_id, short in shortages.items()
    }


def _last(days: Sequence[date | None]) -> str | None:
    """Return the last of these days as a run keeps it; None where one is not known."""
    known = [day for day in days if day is not None]
    return max(known).isoformat() if len(known) == len(days) else None
