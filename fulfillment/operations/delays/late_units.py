"""The late units of sales channels that ask for consent, read from the database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.sql import fetch_column, fetch_rows, literals
from fulfillment.models import DelayRequest, Shipment
from fulfillment.models.agreed_date import AGREED_ON
from fulfillment.operations.shipments.dates import (
    DATED_AT,
    IS_KEPT_TOGETHER,
    KNOWN_DATE,
    TODAY,
    DateRules,
)
from inventory.models import InventoryConfiguration
from inventory.options import DelayRule
from inventory.resolution import resolve
from orders.models import Order


@dataclass(frozen=True, slots=True)
class DelayRules:
    """The options that delays follow, and the dates that they compare."""

    dates: DateRules
    answer_days: int
    allows_auto_cancel: bool

    @classmethod
    def in_force(cls) -> "DelayRules":
        configuration = InventoryConfiguration.load().overrides()
        names = ("delay_answer_days", "delay_auto_cancel")
        values = [resolve(name, configuration=configuration).value for name in names]
        return cls(DateRules.in_force(), *values)

    def today(self, now: datetime) -> date:
        """Return the day of the site."""
        return now.astimezone(self.dates.zone).date()

    def parameters(self, now: datetime) -> dict[str, Any]:
        """Return the values that the statements of this module take."""
        return self.dates.parameters(now)


@dataclass(frozen=True, slots=True)
class OpenUnits:
    """Units of a shipment line that did not leave, with what their customer agreed to.

    ``new_on`` is the date that supply or a person stands behind, none where there is none.
    ``later_since`` is when the shipment got its date. ``request_id`` and ``ordinal`` are of the
    last request about them (none and 0), ``is_asked`` while it is open, ``waits_on`` where the
    customer waits as long as it takes.
    """

    line_id: int
    shipment_id: int
    is_ready: bool
    agreed_on: date
    new_on: date | None
    later_since: datetime
    request_id: int | None
    ordinal: int
    is_asked: bool
    waits_on: bool


# The units of which somebody has to be asked, or was. What is set aside waits for its customer,
# and READY units need no supply: they are late once their day has passed. Those that wait for the
# rest of their order are late with it.
UNITS = f"""
    FROM fulfillment_shipmentline AS line
    JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    JOIN inventory_saleschannel AS channel ON channel.id = parent.channel_id
    LEFT JOIN fulfillment_delayrequest AS request ON request.id = line.delay_request_id
    CROSS JOIN LATERAL (
        SELECT {KNOWN_DATE} AS new_on, {AGREED_ON} AS agreed_on,
            shipment.state = '{Shipment.State.READY}' AND NOT {IS_KEPT_TOGETHER} AS is_ready
    ) AS day
    WHERE shipment.state IN ({literals(*Shipment.OPEN_STATES)}) AND line.quantity > 0
      AND parent.status IN ({literals(*Order.OPEN)})
      AND shipment.set_aside_at IS NULL
"""
IS_OPEN = f"COALESCE(request.state = '{DelayRequest.State.OPEN}', FALSE)"
WAITS_ON = f"COALESCE(request.answer = '{DelayRequest.Answer.WAIT}', FALSE)"
# An open request says another date than its units have now; or units are late and not asked about.
ORDERS = f"""
SELECT DISTINCT shipment.order_id {UNITS}
  AND CASE WHEN {IS_OPEN}
    THEN request.money_back_by IS NULL AND NOT day.is_ready
        AND day.new_on IS DISTINCT FROM request.new_on
    ELSE channel.delay_rule = '{DelayRule.CONSENT}' AND NOT {WAITS_ON} AND (
        day.new_on > day.agreed_on
        OR (day.new_on IS NULL AND day.agreed_on - %(ask_days)s::int <= {TODAY})) END
ORDER BY shipment.order_id
"""  # noqa: S608 - constants
OF_ORDER = f"""
SELECT line.id, line.shipment_id, day.is_ready, day.agreed_on, day.new_on,
    {DATED_AT},
    line.delay_request_id, COALESCE(request.ordinal, 0), {IS_OPEN},
    {WAITS_ON}
{UNITS} AND shipment.order_id = %(order_id)s
ORDER BY line.id
"""


def orders_to_ask(rules: DelayRules, *, now: datetime) -> list[int]:
    """Return the orders whose customers may have to be asked, or asked again, about units.

    Rule: Delays, §18a.
    """
    return fetch_column(ORDERS, rules.parameters(now))


def open_units(order_id: int, rules: DelayRules, *, now: datetime) -> Sequence[OpenUnits]:
    """Return the units of an order that did not leave, as they are in the caller's transaction."""
    rows = fetch_rows(OF_ORDER, {**rules.parameters(now), "order_id": order_id})
    return [OpenUnits(*row) for row in rows]


def latest_date(units: Sequence[OpenUnits]) -> date | None:
    """Return the day by which all are there; none where some have none."""
    days = [one.new_on for one in units if one.new_on is not None]
    return max(days) if len(days) == len(units) else None


def waiting_by_request(units: Iterable[OpenUnits]) -> Mapping[int, list[OpenUnits]]:
    """Return the units that wait, by the open request that asks about them.

    Units that are READY leave soon, and change nothing.
    """
    found: defaultdict[int, list[OpenUnits]] = defaultdict(list)
    for one in units:
        if one.request_id is not None and one.is_asked and not one.is_ready:
            found[one.request_id].append(one)
    return found
