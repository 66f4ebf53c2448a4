"""The first working day of a source from a day on, in SQL.

The fragments take the parameters ``now`` and ``zone``, the name of the site's time zone.

Rule: Shipment states, two dates: working days (§14a).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.sql import array, fetch_rows

NOW = "%(now)s::timestamptz"


def working_day(source_id: str, day: str) -> str:
    """Return the expression of ``day``, or of the next day on which the source works."""
    return f"""COALESCE((SELECT closed.opens_on FROM inventory_closedday AS closed
        WHERE closed.source_id = {source_id} AND closed.closed_on = {day}), {day})"""  # noqa: S608


def counted_from(moment: str) -> str:
    """Return the day from which days count at a row named ``source``.

    That of ``moment``, after the cut-off time the next working day.
    """
    local = f"({moment} AT TIME ZONE %(zone)s)"
    later = working_day("source.id", f"({local}::date + 1)")
    return f"CASE WHEN source.cut_off_time <= {local}::time THEN {later} ELSE {local}::date END"


# From now on, units that are at a source, or come there, leave on this day or a later one.
FIRST_DAY = counted_from(NOW)

MOVED = f"""
SELECT asked.source_id, asked.day,
    {working_day("source.id", "GREATEST(asked.day, first.day)")}
FROM unnest(%(source_ids)s::bigint[], %(days)s::date[]) AS asked(source_id, day)
JOIN inventory_source AS source ON source.id = asked.source_id
CROSS JOIN LATERAL (SELECT {FIRST_DAY} AS day) AS first
"""  # noqa: S608 - constants

OPEN = f"""
SELECT asked.source_id, asked.day, {working_day("asked.source_id", "asked.day")}
FROM unnest(%(source_ids)s::bigint[], %(days)s::date[]) AS asked(source_id, day)
"""  # noqa: S608 - constants

OPENINGS = f"""
SELECT source_id, closed_on, opens_on, FALSE FROM inventory_closedday
WHERE closed_on > ({NOW} AT TIME ZONE %(zone)s)::date AND closed_on <= %(last)s::date
UNION ALL
SELECT source.id, today.day, first.day,
    {working_day("source.id", "today.day")} = today.day
FROM inventory_source AS source
CROSS JOIN LATERAL (SELECT ({NOW} AT TIME ZONE %(zone)s)::date AS day) AS today
CROSS JOIN LATERAL (SELECT {FIRST_DAY} AS day) AS counted
CROSS JOIN LATERAL (SELECT {working_day("source.id", "counted.day")} AS day) AS first
WHERE first.day > today.day
"""  # noqa: S608 - constants


def working_days(
    asked: Collection[tuple[int, date]], *, now: datetime, zone: ZoneInfo
) -> dict[tuple[int, date], date]:
    """Return when units that are there on a day can leave, by source id and day.

    That day, or the next on which the source works; never before ``now``, and after the cut-off
    time not today.
    """
    values = {
        "source_ids": array(source_id for source_id, _ in asked),
        "days": [day for _, day in asked],
        "now": now,
        "zone": zone.key,
    }
    return {(source_id, day): first for source_id, day, first in fetch_rows(MOVED, values)}


def open_days(asked: Collection[tuple[int, date]]) -> dict[tuple[int, date], date]:
    """Return each day, or the next on which the source works, by source id and day.

    It stays a day that has passed, or the one after whose cut-off time it is now.
    """
    values = {
        "source_ids": array(source_id for source_id, _ in asked),
        "days": [day for _, day in asked],
    }
    return {(source_id, day): first for source_id, day, first in fetch_rows(OPEN, values)}


@dataclass(frozen=True, slots=True)
class Openings:
    """On which ``days`` sources open again, by source id and a day on which nothing leaves.

    Of the sources ``past_cut_off`` today is one of these days, though they are not closed.
    """

    days: Mapping[tuple[int, date], date]
    past_cut_off: frozenset[int]


def openings(*, until: date, now: datetime, zone: ZoneInfo) -> Openings:
    """Return the days from today to ``until`` on which nothing leaves sources."""
    rows = fetch_rows(OPENINGS, {"last": until, "now": now, "zone": zone.key})
    return Openings(
        {(source_id, day): opens_on for source_id, day, opens_on, _ in rows},
        frozenset(source_id for source_id, *_, is_past_cut_off in rows if is_past_cut_off),
    )
