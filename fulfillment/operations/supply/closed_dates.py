"""Moves expected dates off the days on which their source has since become closed."""

from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from core.acts import Act
from core.sql import array, fetch_column, fetch_rows, literals
from fulfillment.models import Shipment
from fulfillment.operations.moves.expected_date import WITHOUT_PROMISE, keep_new_dates
from fulfillment.operations.shipments.dates import TODAY, estimate
from fulfillment.operations.shipments.locking import lock_shipment_rows, set_columns
from fulfillment.operations.supply.promises import give_date_of_supply
from inventory.queries.working_days import working_day

BATCH_SIZE = 500
# What has passed is replaced elsewhere, what staff set stays, and so does what is set aside for a
# customer who collects it.
IS_DATED = f"""
    shipment.expected_on >= {TODAY} AND NOT shipment.is_expected_on_fixed
    AND shipment.set_aside_at IS NULL
"""
# Ready, or promised, for a day on which nothing leaves its source; or estimated for one on which
# nothing leaves any source that could serve it. The days of estimates are looked at once for all
# shipments of a stock, or of a pickup source.
ON_CLOSED_DAYS = f"""
WITH estimated AS MATERIALIZED (
    SELECT shipment.id, shipment.stock_id, shipment.pickup_source_id, shipment.expected_on
    FROM fulfillment_shipment AS shipment
    WHERE shipment.state IN ({literals(*WITHOUT_PROMISE)}) AND {IS_DATED}
), too_early AS MATERIALIZED (
    SELECT shipment.* FROM (
        SELECT DISTINCT stock_id, pickup_source_id, expected_on FROM estimated) AS shipment
    WHERE shipment.expected_on < {estimate("shipment.expected_on")}
)
SELECT shipment.id FROM fulfillment_shipment AS shipment
JOIN inventory_closedday AS closed
    ON closed.source_id = shipment.source_id AND closed.closed_on = shipment.expected_on
WHERE shipment.state IN ({literals(Shipment.State.READY, Shipment.State.FUTURE)}) AND {IS_DATED}
UNION ALL
SELECT estimated.id FROM estimated JOIN too_early
    ON too_early.stock_id = estimated.stock_id AND too_early.expected_on = estimated.expected_on
    AND too_early.pickup_source_id IS NOT DISTINCT FROM estimated.pickup_source_id
ORDER BY 1
"""  # noqa: S608 - constants
WORKING_DAYS = f"""
SELECT shipment.id, CASE WHEN shipment.state = '{Shipment.State.READY}'
    THEN {working_day("shipment.source_id", "shipment.expected_on")}
    ELSE {estimate("shipment.expected_on")} END
FROM fulfillment_shipment AS shipment
WHERE shipment.id = ANY(%(shipment_ids)s::bigint[])
  AND shipment.state IN ({literals(Shipment.State.READY, *WITHOUT_PROMISE)}) AND {IS_DATED}
"""  # noqa: S608 - constants


def move_to_working_days(*, now: datetime, zone: ZoneInfo) -> int:
    """Move expected dates and promises from closed days to the next working day.

    Of what is ready or promised, by its source; of what waits, by the first source that works
    among those that could serve it. Customers are told as of any other new date. Opens its own
    transactions, one a batch; returns how many stood on closed days. A second time finds nothing
    to do.

    Rule: Shipment states, two dates: working days (§14a).
    """
    found = fetch_column(ON_CLOSED_DAYS, {"now": now, "zone": zone.key})
    act = Act(now, None, "CALENDAR")
    for start in range(0, len(found), BATCH_SIZE):
        with transaction.atomic():
            chosen = found[start : start + BATCH_SIZE]
            lock_shipment_rows(chosen)
            promised = Shipment.objects.filter(pk__in=chosen, state=Shipment.State.FUTURE)
            give_date_of_supply(promised, act)
            _move(chosen, act, zone=zone)
    return len(found)


def _move(shipment_ids: list[int], act: Act, *, zone: ZoneInfo) -> None:
    """Move dates that are no promise of supply; the shipments are locked."""
    values = {"shipment_ids": array(shipment_ids), "now": act.at, "zone": zone.key}
    days: dict[int, date] = dict(fetch_rows(WORKING_DAYS, values))
    dated = Shipment.objects.filter(pk__in=days).select_related("order").order_by("pk")
    moved = [shipment for shipment in dated if shipment.expected_on != days[shipment.pk]]
    formers = {shipment.pk: shipment.expected_on for shipment in moved}
    by_day: defaultdict[date, list[Shipment]] = defaultdict(list)
    for shipment in moved:
        by_day[days[shipment.pk]].append(shipment)
    for day, shipments in by_day.items():
        set_columns(shipments, {"expected_on": day})
    keep_new_dates(moved, act, formers=formers)
