"""Counts and replaces the expected dates that passed before their shipments left."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from core.sql import array, fetch_column, literals
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.shipments.dates import (
    DEFAULT_FROM_TODAY,
    IS_LATER_THAN_SAID,
    TODAY,
    DateRules,
    tell_dates,
)
from fulfillment.operations.shipments.locking import lock_shipment_rows
from fulfillment.release.planning.values import Decision
from fulfillment.release.runs.rules import release_settings, values_in_force
from fulfillment.release.runs.scope import RunScope, walk_scope

BATCH_SIZE = 1_000

# What is set aside for a customer who collects it kept its date.
IS_PASSED = f"""
    shipment.state IN ({literals(*Shipment.OPEN_STATES)}) AND shipment.expected_on < {TODAY}
    AND shipment.set_aside_at IS NULL
"""
PASSED = f"""
SELECT shipment.id FROM fulfillment_shipment AS shipment WHERE {IS_PASSED} ORDER BY shipment.id
"""  # noqa: S608 - constants

# Nothing but an estimate is left, later than the customer was given, and it stood for a day.
LATER = f"""
SELECT shipment.id FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE shipment.state IN ({literals(*Shipment.WAITING_STATES)})
  AND NOT shipment.is_expected_on_fixed AND NOT shipment.has_known_supply
  AND EXISTS (SELECT 1 FROM fulfillment_shipmentline AS line
              WHERE line.shipment_id = shipment.id AND line.quantity > 0
                AND (line.promised_on < shipment.expected_on OR {IS_LATER_THAN_SAID}))
  AND NOT EXISTS (SELECT 1 FROM fulfillment_shipmentevent AS event
                  WHERE event.shipment_id = shipment.id AND event.detail ? 'to'
                    AND event.created_at > %(now)s::timestamptz - interval '1 day')
ORDER BY shipment.id
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
    and the shipments that would ``leave``, or be promised, at least in part."""

    days: Mapping[int, date]
    leaving: Collection[int]


def replace_passed_dates(*, now: datetime, zone: ZoneInfo) -> int:
    """Count each expected date that passed unkept, and replace it; return how many.

    By the date that the planner finds, else by ``default_backorder_days`` from today: that date is
    for staff only, the customer is given no date yet. What the next run releases is left to its
    own e-mail. A date set by staff is replaced too. The caller holds the lock of the engine.

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


def tell_later_dates(*, now: datetime, zone: ZoneInfo) -> None:
    """Inform customers, once, whose date lost its supply a day ago or more, that there is none yet.

    So are customers of whose backordered units the confirmation said nothing, once they are late.

    Opens its own transactions, one a batch. The caller holds the lock of the engine.

    Rule: Delays, when the later date has stood for a day (§18a).
    """
    rules = replace(DateRules.in_force(), zone=zone)
    today = now.astimezone(zone).date()
    for batch in _batches(fetch_column(LATER, rules.parameters(now))):
        with transaction.atomic():
            lock_shipment_rows(batch)
            tell_dates({pk: f"later-{pk}-{today}" for pk in batch}, rules, now=now)


def _batches(shipment_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(shipment_ids), BATCH_SIZE):
        yield shipment_ids[start : start + BATCH_SIZE]


def _planned_dates(shipment_ids: list[int], *, now: datetime, zone: ZoneInfo) -> PlannedDates:
    """Plan these shipments as the next run would; writes nothing."""
    waiting = Shipment.objects.backordered().filter(pk__in=shipment_ids)
    numbers = tuple(waiting.order_by("pk").values_list("number", flat=True))
    if not numbers:
        return PlannedDates({}, frozenset())
    today = now.astimezone(zone).date()
    settings = release_settings(values_in_force(), today=today)
    walk, batches = walk_scope(RunScope(shipments=numbers), settings, now=now, zone=zone)
    days: dict[int, date] = {}
    leaving: set[int] = set()
    for decision in (one for decisions in walk.over(batches) for one in decisions):
        if decision.children:
            leaving.add(decision.shipment.id)
        if (day := _day_of(decision, today)) is not None:
            days[decision.shipment.id] = day
    return PlannedDates(days, leaving)


def _day_of(decision: Decision, today: date) -> date | None:
    """Return the day by which known supply covers all of a shipment, if there is one."""
    if not decision.is_complete:
        return decision.expected_on
    return max((child.expected_on or today for child in decision.children), default=None)


def _replace(
    chosen: Sequence[int], planned: PlannedDates, rules: DateRules, *, now: datetime
) -> int:
    known = {pk: planned.days[pk] for pk in chosen if pk in planned.days}
    values = {
        **rules.parameters(now),
        "shipment_ids": array(chosen),
        "planned_ids": array(known),
        "days": list(known.values()),
    }
    with transaction.atomic():
        lock_shipment_rows(chosen)
        with connection.cursor() as cursor:
            cursor.execute(REPLACE, values)
            replaced = [pk for (pk,) in cursor.fetchall()]
        told = [pk for pk in replaced if pk not in planned.leaving]
        today = now.astimezone(rules.zone).date()
        tell_dates({pk: f"passed-{pk}-{today}" for pk in told}, rules, now=now)
    return len(replaced)
