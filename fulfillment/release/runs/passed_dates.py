"""Replaces the expected dates that passed before their shipments left."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from core.sql import array, fetch_column, fetch_rows, literals
from fulfillment.models import Shipment, ShipmentEvent, ShipmentLine
from fulfillment.operations.shipments.dates import (
    DEFAULT_FROM_TODAY,
    TODAY,
    DateRules,
    tell_dates,
)
from fulfillment.operations.shipments.locking import lock_shipment_rows
from fulfillment.release.planning.values import Decision, Supply
from fulfillment.release.runs.run_settings import release_settings, values_in_force
from fulfillment.release.runs.scope import RunScope, walk_scope
from inventory.models import FutureSupply

BATCH_SIZE = 1_000

# Records of future supply from which a shipment may have its date, as they are.
SUPPLY = f"""
SELECT line.shipment_id, string_agg(DISTINCT record.text, ', ' ORDER BY record.text)
FROM fulfillment_shipmentline AS line
JOIN inventory_futuresupply AS supply ON supply.product_id = line.product_id
CROSS JOIN LATERAL (
    SELECT concat_ws(' ', supply.id, supply.expected_on, supply.quantity,
        supply.received_quantity, supply.allocated_quantity) AS text) AS record
WHERE line.shipment_id = ANY(%(shipment_ids)s::bigint[]) AND line.quantity > 0
  AND supply.state = '{FutureSupply.State.OPEN}'
GROUP BY line.shipment_id
"""  # noqa: S608 - constants

# What is set aside for a customer who collects it kept its date.
IS_PASSED = f"""
    shipment.state IN ({literals(*Shipment.OPEN_STATES)}) AND shipment.expected_on < {TODAY}
    AND shipment.set_aside_at IS NULL
"""
PASSED = f"""
SELECT shipment.id FROM fulfillment_shipment AS shipment WHERE {IS_PASSED} ORDER BY shipment.id
"""  # noqa: S608 - constants

# Shipments without known supply, of which dated units come to a source that may serve them.
UNDATED = f"""
SELECT shipment.id FROM fulfillment_shipment AS shipment
WHERE shipment.state = '{Shipment.State.BACKORDER}'
  AND NOT shipment.is_expected_on_fixed AND NOT shipment.has_known_supply
  AND EXISTS (
    SELECT FROM fulfillment_shipmentline AS line
    JOIN inventory_futuresupply AS supply ON supply.product_id = line.product_id
    JOIN inventory_stocksource AS link
        ON link.stock_id = shipment.stock_id AND link.source_id = supply.source_id
    WHERE line.shipment_id = shipment.id AND line.quantity > 0
      AND supply.state = '{FutureSupply.State.OPEN}' AND supply.expected_on > {TODAY})
ORDER BY shipment.id
"""  # noqa: S608 - constants

DATE = f"""
WITH dated AS MATERIALIZED (
    SELECT shipment.id, shipment.expected_on AS former, planned.day
    FROM unnest(%(planned_ids)s::bigint[], %(days)s::date[]) AS planned(id, day)
    JOIN fulfillment_shipment AS shipment ON shipment.id = planned.id
    WHERE shipment.state = '{Shipment.State.BACKORDER}'
      AND NOT shipment.is_expected_on_fixed AND NOT shipment.has_known_supply
), known AS (
    UPDATE fulfillment_shipment AS shipment
    SET expected_on = dated.day, has_known_supply = TRUE
    FROM dated WHERE dated.id = shipment.id
), noted AS (
    INSERT INTO fulfillment_shipmentevent (
        shipment_id, kind, reason, detail, actor_id, created_at)
    SELECT id, '{ShipmentEvent.Kind.EXPECTED_DATE_SET}', '',
        jsonb_build_object('from', former, 'to', day), NULL, %(now)s
    FROM dated WHERE former IS DISTINCT FROM day
)
SELECT id FROM dated ORDER BY id
"""  # noqa: S608 - constants

# A worker that is second, or goes on after one that died, finds the date replaced.
REPLACE = f"""
WITH passed AS MATERIALIZED (
    SELECT shipment.id, shipment.expected_on AS former, planned.day IS NOT NULL AS is_known,
        COALESCE(planned.day, {DEFAULT_FROM_TODAY}) AS expected_on
    FROM fulfillment_shipment AS shipment
    LEFT JOIN unnest(%(planned_ids)s::bigint[], %(days)s::date[]) AS planned(id, day)
        ON planned.id = shipment.id
    WHERE shipment.id = ANY(%(shipment_ids)s::bigint[]) AND {IS_PASSED}
), dated AS (
    UPDATE fulfillment_shipment AS shipment
    SET expected_on = passed.expected_on, has_known_supply = passed.is_known,
        is_expected_on_fixed = FALSE, missed_promise_count = missed_promise_count + 1
    FROM passed WHERE passed.id = shipment.id
), noted AS (
    INSERT INTO fulfillment_shipmentevent (
        shipment_id, kind, reason, detail, actor_id, created_at)
    SELECT id, '{ShipmentEvent.Kind.EXPECTED_DATE_SET}', '',
        jsonb_build_object('from', former, 'to', expected_on, 'is_missed', TRUE), NULL, %(now)s
    FROM passed
)
SELECT id FROM passed ORDER BY id
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class PlannedDates:
    """What a run would do now: ``days`` by which known supply covers shipments that wait, by id,
    the shipments that would ``leave``, or be promised, at least in part, and the ``supply`` of
    each when it was planned."""

    days: Mapping[int, date]
    leaving: Collection[int]
    supply: Mapping[int, str]


def replace_passed_dates(*, now: datetime, zone: ZoneInfo) -> int:
    """Count each expected date that passed unkept, and replace it; return how many.

    By the date that the planner finds, else by ``default_backorder_days`` from today: that date is
    for staff only, the customer is given no date yet. What the next run releases is left to its
    own e-mail. A date set by staff is replaced too. A shipment whose supply moves meanwhile is left
    to the next pass. The caller holds the lock of the engine.

    Opens its own transactions, one a batch: what was committed stays when the worker dies, and a
    second worker finds nothing to do.

    Rule: Shipment states, two dates (§14a).
    """
    rules = replace(DateRules.in_force(), zone=zone)
    passed = fetch_column(PASSED, rules.parameters(now))
    if not passed:
        return 0
    planned = _planned_dates(passed, now=now, zone=zone)
    return sum(_replace(batch, planned, rules, now=now) for batch in _batches(passed))


def date_by_supply(*, now: datetime, zone: ZoneInfo) -> None:
    """Date shipments that have lost their supply, or had none, by other supply that covers them.

    Every run does so; this is for the time in which none goes on by itself. Opens its own
    transactions, one a batch. The caller holds the lock of the engine.

    Rule: Shipment states, two dates, unless other supply covers it (§14a).
    """
    if values_in_force()["release_enabled"]:
        return
    rules = replace(DateRules.in_force(), zone=zone)
    today = now.astimezone(zone).date()
    undated = fetch_column(UNDATED, rules.parameters(now))
    planned = _planned_dates(undated, now=now, zone=zone)
    # What is there already needs a run, not a date.
    later = [pk for pk in undated if planned.days.get(pk, today) > today]
    for batch in _batches(later):
        with transaction.atomic():
            chosen = _as_planned(batch, planned)
            values = {
                **rules.parameters(now),
                "planned_ids": array(chosen),
                "days": [planned.days[pk] for pk in chosen],
            }
            dated = fetch_column(DATE, values)
            tell_dates({pk: f"covered-{pk}-{today}" for pk in dated}, rules, now=now)


def _batches(shipment_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(shipment_ids), BATCH_SIZE):
        yield shipment_ids[start : start + BATCH_SIZE]


def _planned_dates(shipment_ids: list[int], *, now: datetime, zone: ZoneInfo) -> PlannedDates:
    """Plan these shipments as the next run would; writes nothing."""
    waiting = Shipment.objects.backordered().filter(pk__in=shipment_ids)
    numbers = tuple(waiting.order_by("pk").values_list("number", flat=True))
    supply = _supply_of(shipment_ids)
    if not numbers:
        return PlannedDates({}, frozenset(), supply)
    days, leaving = planned_days(RunScope(shipments=numbers), now=now, zone=zone)
    return PlannedDates(days, leaving, supply)


def planned_days(
    scope: RunScope, *, now: datetime, zone: ZoneInfo
) -> tuple[Mapping[int, date], Collection[int]]:
    """Plan a part of the queue as the next run would; writes nothing.

    Returns the days by which known supply covers shipments that wait, by id, and the shipments
    that would leave, or be promised, at least in part.
    """
    today = now.astimezone(zone).date()
    settings = release_settings(values_in_force(), today=today)
    walk, batches = walk_scope(scope, settings, now=now, zone=zone)
    days: dict[int, date] = {}
    leaving: set[int] = set()
    for decision in (one for decisions in walk.over(batches) for one in decisions):
        if decision.children:
            leaving.add(decision.shipment.id)
        if (day := _day_of(decision, walk.supply, today)) is not None:
            days[decision.shipment.id] = day
    return days, leaving


def _supply_of(shipment_ids: Collection[int]) -> dict[int, str]:
    return dict(fetch_rows(SUPPLY, {"shipment_ids": array(shipment_ids)}))


def _as_planned(chosen: Sequence[int], planned: PlannedDates) -> list[int]:
    """Lock shipments, and the future supply of their products; return those planned with it.

    Supply that is canceled, or moves, after the plan has given nobody a date.
    """
    lock_shipment_rows(chosen)
    records = FutureSupply.objects.open().filter(
        product__in=ShipmentLine.objects.filter(shipment__in=chosen).values("product")
    )
    list(records.locked().values_list("pk"))
    supply = _supply_of(chosen)
    return [pk for pk in chosen if supply.get(pk) == planned.supply.get(pk)]


def _day_of(decision: Decision, supply: Supply, today: date) -> date | None:
    """Return the day by which known supply covers all of a shipment, if there is one."""
    if not decision.is_complete:
        return decision.expected_on
    days = (
        child.expected_on or supply.working_day(child.source_id, today)
        for child in decision.children
    )
    return max(days, default=None)


def _replace(
    chosen: Sequence[int], planned: PlannedDates, rules: DateRules, *, now: datetime
) -> int:
    with transaction.atomic():
        chosen = _as_planned(chosen, planned)
        known = {pk: planned.days[pk] for pk in chosen if pk in planned.days}
        values = {
            **rules.parameters(now),
            "shipment_ids": array(chosen),
            "planned_ids": array(known),
            "days": list(known.values()),
        }
        replaced = fetch_column(REPLACE, values)
        told = [pk for pk in replaced if pk not in planned.leaving]
        today = now.astimezone(rules.zone).date()
        tell_dates({pk: f"passed-{pk}-{today}" for pk in told}, rules, now=now)
    return len(replaced)
