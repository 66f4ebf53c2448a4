"""The outcome of a run: the value that it releases, the oldest shipment that it leaves."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef

from core.currencies import smallest_unit
from core.sql import fetch_rows
from fulfillment.models import ReleaseDecision, Shipment
from fulfillment.models.release_conditions import is_considered
from orders.money import rounded

Outcome = ReleaseDecision.Outcome
# Of a shipment that leaves in part, its units' share of the value of their product.
RELEASED_VALUE = f"""
SELECT leaving.run_id, placed.currency, sum(leaving.amount)
FROM (
    SELECT decision.run_id, shipment.order_id, shipment.amount
    FROM fulfillment_releasedecision AS decision
    JOIN fulfillment_shipment AS shipment ON shipment.id = decision.shipment_id
    WHERE decision.run_id = ANY(%(runs)s) AND decision.outcome = '{Outcome.RELEASED}'
    UNION ALL
    SELECT decision.run_id, shipment.order_id, there.amount * taken.units / there.units
    FROM fulfillment_releasedecision AS decision
    JOIN fulfillment_shipment AS shipment ON shipment.id = decision.shipment_id
    CROSS JOIN LATERAL (
        SELECT take ->> 'sku' AS sku, sum((take ->> 'quantity')::numeric) AS units
        FROM jsonb_array_elements(decision.detail -> 'children') AS child,
             jsonb_array_elements(child -> 'takes') AS take
        GROUP BY 1
    ) AS taken
    CROSS JOIN LATERAL (
        SELECT sum(line.quantity) AS units, sum(line.amount) AS amount
        FROM fulfillment_shipmentline AS line
        JOIN inventory_product AS product ON product.id = line.product_id
        WHERE line.shipment_id = decision.shipment_id AND product.sku = taken.sku
          AND line.quantity > 0
    ) AS there
    WHERE decision.run_id = ANY(%(runs)s) AND decision.outcome = '{Outcome.PARTLY_RELEASED}'
      AND there.units > 0
) AS leaving
JOIN orders_order AS placed ON placed.id = leaving.order_id
GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - constants


# A decision names a reason once for each product that is short.
REASONS = """
SELECT found.run_id, found.reason, count(*)
FROM (
    SELECT DISTINCT decision.id, decision.run_id, reason.value #>> '{}' AS reason
    FROM fulfillment_releasedecision AS decision
    CROSS JOIN LATERAL
        jsonb_path_query(decision.detail, '$.shortages[*].reasons[*]') AS reason(value)
    WHERE decision.run_id = ANY(%(runs)s)
) AS found
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The value that a run releases, by currency, and since when the oldest it leaves waits.

    Left are the backorders that it could have released: neither held nor unpaid.
    """

    amounts: dict[str, Decimal]
    oldest_left: datetime | None


def run_outcomes(run_ids: Collection[int]) -> dict[int, RunOutcome]:
    """Return what dry runs come to, by run id, while the queue has not moved on.

    A statement for all, and one more for each run, however long the queue is.
    """
    amounts: dict[int, dict[str, Decimal]] = {run_id: {} for run_id in run_ids}
    for run_id, currency, amount in fetch_rows(RELEASED_VALUE, {"runs": list(run_ids)}):
        amounts[run_id][currency] = rounded(amount, smallest_unit(currency))
    return {run_id: RunOutcome(amounts[run_id], _oldest_left(run_id)) for run_id in run_ids}


def reasons_of_runs(run_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Return how many decisions of each run name each reason for waiting, by run id; a statement.

    A decision that names several is counted for each.
    """
    counts: dict[int, dict[str, int]] = {run_id: {} for run_id in run_ids}
    for run_id, reason, count in fetch_rows(REASONS, {"runs": list(run_ids)}):
        counts[run_id][reason] = count
    return counts


def _oldest_left(run_id: int) -> datetime | None:
    leaves = ReleaseDecision.objects.filter(
        run=run_id, shipment=OuterRef("pk"), outcome=Outcome.RELEASED
    )
    left = Shipment.objects.backordered().filter(is_considered(), ~Exists(leaves))
    dates = left.order_by("backordered_since", "pk").values_list("backordered_since", flat=True)
    return dates.first()
