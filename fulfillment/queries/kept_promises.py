"""How promises of backordered units were kept: by product, by source, by supplier reference.

Rule: §23, figures of demand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.quantities import ZERO
from core.sql import fetch_rows, literals
from fulfillment.models import DelayRequest, Shipment, ShipmentEvent
from fulfillment.models.agreed_date import AGREED_ON
from inventory.models import InventoryConfiguration

# As many rows of a table are shown, those with the most units that were late or lost.
MOST_ROWS = 50

IN_PERIOD = "{0} >= %(since)s AND {0} < %(now)s"
CANCELS = literals(ShipmentEvent.Kind.CANCELED, ShipmentEvent.Kind.REFUNDED)
LOST_BY_ANSWER = literals(DelayRequest.State.CANCELED, DelayRequest.State.CANCELED_BY_SILENCE)

# Units that waited, and left: a pickup is there for its customer once it was set aside.
SENT = f"""
SELECT line.id AS line_id, line.product_id, shipment.source_id, line.quantity,
    (COALESCE(shipment.set_aside_at, shipment.fulfilled_at) AT TIME ZONE %(zone)s)::date
        <= {AGREED_ON} AS is_kept,
    (shipment.released_at AT TIME ZONE %(zone)s)::date
        - (shipment.backordered_since AT TIME ZONE %(zone)s)::date AS days
FROM fulfillment_shipment AS shipment
JOIN fulfillment_shipmentline AS line ON line.shipment_id = shipment.id AND line.quantity > 0
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE shipment.state = '{Shipment.State.FULFILLED}' AND shipment.backordered_since IS NOT NULL
  AND {IN_PERIOD.format("shipment.fulfilled_at")}
"""  # noqa: S608 - constants alone
# Units that were canceled once they were late, or by an answer about their delay.
LOST = f"""
SELECT line.id AS line_id, line.shipment_id, line.product_id,
    line.canceled_quantity + line.refunded_quantity AS quantity
FROM fulfillment_shipmentline AS line
JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
JOIN orders_order AS parent ON parent.id = shipment.order_id
LEFT JOIN fulfillment_delayrequest AS request ON request.id = line.delay_request_id
JOIN LATERAL (
    SELECT max(event.created_at) AS canceled_at FROM fulfillment_shipmentevent AS event
    WHERE event.shipment_id = shipment.id AND event.kind IN ({CANCELS})
) AS last ON {IN_PERIOD.format("last.canceled_at")}
WHERE shipment.id IN (
    SELECT event.shipment_id FROM fulfillment_shipmentevent AS event
    WHERE event.kind IN ({CANCELS}) AND {IN_PERIOD.format("event.created_at")})
  AND line.canceled_quantity + line.refunded_quantity > 0
  AND shipment.backordered_since IS NOT NULL
  AND (request.state IN ({LOST_BY_ANSWER})
       OR (last.canceled_at AT TIME ZONE %(zone)s)::date > {AGREED_ON})
"""  # noqa: S608 - constants alone
# Units that their supply had promised, by its reference.
SUPPLIED = """
SELECT sent.line_id, supply.reference, sent.is_kept, sent.days,
    LEAST(sum(share.quantity - share.returned_quantity), sent.quantity) AS quantity
FROM sent
JOIN fulfillment_receiptshare AS share ON share.shipment_line_id = sent.line_id
    AND share.quantity > share.returned_quantity
JOIN inventory_receipt AS receipt ON receipt.id = share.receipt_id
JOIN inventory_futuresupply AS supply ON supply.id = receipt.future_supply_id
WHERE supply.reference <> ''
GROUP BY sent.line_id, supply.reference, sent.is_kept, sent.days, sent.quantity
"""
# Lost units that supply was to bring, or had brought, with what their event kept of it.
WERE_PROMISED = f"""
SELECT promised.source, promised.supply, promised.quantity
FROM lost
JOIN fulfillment_shipmentevent AS event ON event.shipment_id = lost.shipment_id
    AND event.kind IN ({CANCELS}) AND event.detail ? 'promised'
JOIN LATERAL jsonb_to_recordset(event.detail -> 'promised')
    AS promised (line bigint, source bigint, supply bigint, quantity numeric)
    ON promised.line = lost.line_id
"""  # noqa: S608 - constants alone


class FigureRows(StrEnum):
    """The tables of figures: what a row of each is about."""

    ALL = "ALL"
    PRODUCT = "PRODUCT"
    SOURCE = "SOURCE"
    REFERENCE = "REFERENCE"


SENT_BY = {
    FigureRows.ALL: "SELECT '' AS name, quantity, is_kept, days FROM sent",
    FigureRows.PRODUCT: "SELECT product.sku AS name, quantity, is_kept, days FROM sent"
    " JOIN inventory_product AS product ON product.id = sent.product_id",
    FigureRows.SOURCE: "SELECT source.code AS name, quantity, is_kept, days FROM sent"
    " JOIN inventory_source AS source ON source.id = sent.source_id",
    FigureRows.REFERENCE: "SELECT reference AS name, quantity, is_kept, days FROM supplied",
}
LOST_BY = {
    FigureRows.ALL: "SELECT '' AS name, quantity FROM lost",
    FigureRows.PRODUCT: "SELECT product.sku AS name, quantity FROM lost"
    " JOIN inventory_product AS product ON product.id = lost.product_id",
    FigureRows.SOURCE: "SELECT source.code AS name, quantity FROM were_promised"
    " JOIN inventory_source AS source ON source.id = were_promised.source",
    FigureRows.REFERENCE: "SELECT supply.reference AS name, were_promised.quantity"
    " FROM were_promised"
    " JOIN inventory_futuresupply AS supply ON supply.id = were_promised.supply"
    " WHERE supply.reference <> ''",
}


def _statement(rows: FigureRows) -> str:
    return f"""
    WITH sent AS MATERIALIZED ({SENT}), lost AS MATERIALIZED ({LOST}), supplied AS ({SUPPLIED}),
    were_promised AS ({WERE_PROMISED}),
    figure AS (
        SELECT name, sum(quantity) AS sent,
            COALESCE(sum(quantity) FILTER (WHERE is_kept), 0) AS kept, 0 AS lost,
            percentile_disc(0.5) WITHIN GROUP (ORDER BY days) AS days
        FROM ({SENT_BY[rows]}) AS of_sent GROUP BY name
        UNION ALL
        SELECT name, 0, 0, sum(quantity), NULL
        FROM ({LOST_BY[rows]}) AS of_lost GROUP BY name
    )
    SELECT name, sum(sent), sum(kept), sum(lost), max(days) FROM figure GROUP BY name
    ORDER BY sum(sent) + sum(lost) - sum(kept) DESC, sum(sent) DESC, name
    LIMIT {MOST_ROWS}
    """  # noqa: S608 - constants alone


@dataclass(frozen=True, slots=True)
class PromiseFigures:
    """Backordered units that were ``sent``, those of them in time (``kept``), and those lost.

    ``name`` is the SKU, the code of the source, or the reference of the supply. ``median_days`` is
    how long the sent shipment lines waited; None where none was sent.
    """

    name: str = ""
    sent: Decimal = ZERO
    kept: Decimal = ZERO
    lost: Decimal = ZERO
    median_days: int | None = None

    @property
    def kept_share(self) -> Decimal | None:
        """The kept part of all units that were sent or lost, of one; None without any."""
        promised = self.sent + self.lost
        return self.kept / promised if promised else None


def promise_figures(
    rows: FigureRows, *, since: datetime, now: datetime, zone: ZoneInfo
) -> Sequence[PromiseFigures]:
    """Return the figures of the time from ``since`` to ``now``, the most late or lost units first.

    Units count that were backordered: sent in this time, or canceled in it once they
    were late or by an answer about their delay. Lost units count for a source and a reference where
    dated supply had been promised to them. At most :data:`MOST_ROWS` rows.

    Rule: §23, figures of demand.
    """
    days = InventoryConfiguration.load().in_force("promise_days")
    values = {"since": since, "now": now, "zone": zone.key, "promise_days": days}
    return [PromiseFigures(*row) for row in fetch_rows(_statement(rows), values)]
