"""What a waiting shipment can expect: the earliest date, what comes, what is at which source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from core.quantities import quantity_of
from fulfillment.release.planning.forecast import Forecast, dated_records, estimate, forecast
from fulfillment.release.planning.planner import EligibleSources
from fulfillment.release.planning.units_at_sources import units_at_sources
from fulfillment.release.planning.values import (
    FutureFacts,
    QueuedShipment,
    ReleaseSettings,
    Supply,
)
from fulfillment.release.rows.promises import read_promises
from fulfillment.release.rows.queue import QueuePosition, products_of, rivals_of, wanted_before
from fulfillment.release.rows.reading import read_batch, read_supply
from fulfillment.release.runs.run_settings import release_settings
from fulfillment.sourcing.needs import units_by_product

# A page waits for it: of a longer queue the units are summed, not planned day by day.
MOST_PLANNED = 250


@dataclass(frozen=True, slots=True)
class Outlook:
    """The earliest date on which a shipment can go, and what it rests on, as JSON values.

    ``coming`` is by SKU: how much of what is wanted would be there, when, and on which records.
    ``stock`` is what is on hand at each source and why it may not go. ``closed`` are the days on
    which sources are closed before the date, and whose cut-off time has passed today.
    """

    expected_on: str | None
    coming: Mapping[str, Mapping[str, Any]]
    stock: tuple[Mapping[str, Any], ...]
    closed: tuple[Mapping[str, Any], ...] = ()


def outlook_of(
    position: QueuePosition, values: dict[str, Any], *, now: datetime, zone: ZoneInfo
) -> Outlook | None:
    """Return the outlook of the shipment of ``position``, if supply comes as recorded and nobody
    orders; ``values`` are the rules in force. None if it has left the queue meanwhile.

    Rule: Why a shipment waits, the earliest date.
    """
    today = now.astimezone(zone).date()
    products = products_of([position.shipment_id])
    rivals = rivals_of(
        [position], can_be_kept_for=True, products=products, at_most=MOST_PLANNED, with_later=True
    )
    is_long = len(rivals) > MOST_PLANNED
    queue = {position.shipment_id} | ({r.shipment_id for r in rivals} if not is_long else set())
    batch = read_batch(queue, now=now, zone=zone, is_locked=False, even=[position.shipment_id])
    shipment = next((each for each in batch.shipments if each.id == position.shipment_id), None)
    if shipment is None:
        return None
    wanted = {need.product_id for each in batch.shipments for need in each.needs}
    supply = read_supply(wanted, now=now, zone=zone)
    settings = release_settings(values, today=today)
    candidates = EligibleSources(supply, settings.algorithm).of(shipment)
    summed = estimate(shipment, wanted_before(position, products), candidates, supply, today)
    found = summed
    if not is_long:
        promises = read_promises([each.id for each in batch.shipments if each.is_future])

        def settings_on(day: date) -> ReleaseSettings:
            return release_settings(values, today=day)

        found = forecast(shipment.id, batch.shipments, promises, supply, settings_on, today)
    return Outlook(
        None if found.day is None else found.day.isoformat(),
        _coming(shipment, found, summed, candidates, supply, today),
        tuple(units.as_json(supply) for units in units_at_sources(shipment, supply, today)),
        () if found.day is None else _closed(shipment, found.day, candidates, supply, today),
    )


def _closed(
    shipment: QueuedShipment, day: date, candidates: list[int], supply: Supply, today: date
) -> tuple[Mapping[str, Any], ...]:
    """Return which sources are closed until ``day``, of those whose units are there before it."""
    products = units_by_product(shipment.needs)
    begins = {
        (item.source_id, today)
        for item in supply.items
        if item.product_id in products and item.source_id in candidates and item.available
    }
    for product_id in products:
        for record in dated_records(supply, product_id, candidates, today):
            begins.add((record.source_id, _day(record)))
    days: dict[int, set[date]] = {}
    for source_id, first in begins:
        if first < day and supply.working_day(source_id, first) == day:
            closed = {first + timedelta(number) for number in range((day - first).days)}
            days.setdefault(source_id, set()).update(closed)
    found = []
    for source_id, closed in days.items():
        is_past_cut_off = source_id in supply.past_cut_off and today in closed
        shown = sorted(closed - {today} if is_past_cut_off else closed)
        found.append(
            {
                "source": supply.sources[source_id].code,
                "days": [one.isoformat() for one in shown],
                "is_past_cut_off": is_past_cut_off,
            }
        )
    return tuple(sorted(found, key=itemgetter("source")))


def _coming(
    shipment: QueuedShipment,
    found: Forecast,
    summed: Forecast,
    candidates: list[int],
    supply: Supply,
    today: date,
) -> dict[str, dict[str, Any]]:
    """Return how much of each product would be there in the end, of those that supply comes of.

    It counts what earlier shipments need. Later ones that need fewer units may still go first.
    """
    coming = {}
    for product_id, wanted in units_by_product(shipment.needs).items():
        records = dated_records(supply, product_id, candidates, today)
        missing = 0 if found.day is not None else summed.missing.get(product_id, 0)
        there = wanted - missing
        if not records or there <= 0:
            continue
        last = max(supply.working_day(record.source_id, _day(record)) for record in records)
        by = last if found.day is None else min(last, found.day)
        used = [r for r in records if supply.working_day(r.source_id, _day(r)) <= by]
        coming[supply.products[product_id].sku] = {
            "quantity": str(quantity_of(there)),
            "wanted": str(quantity_of(wanted)),
            "incoming": str(quantity_of(min(there, sum(record.units for record in used)))),
            "expected_on": by.isoformat(),
            "references": list(dict.fromkeys(r.reference for r in used if r.reference)),
            "sent_from": {r.reference: r.sent_from for r in used if r.reference and r.sent_from},
            "goes_to_later": found.missing.get(product_id, 0) > missing,
        }
    return coming


def _day(record: FutureFacts) -> date:
    return record.expected_on or date.max
