"""The values of shipments that a move changes, as a preview keeps them."""

from collections.abc import Iterator, Sequence

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Cast

from fulfillment.models import Shipment
from fulfillment.review.change import BulkAction

BETWEEN, NOTHING = "|", "-"
# As many are read in one statement.
CHUNK = 10_000
# Beside the state, which says what a move comes to.
COLUMNS: dict[str, tuple[str, ...]] = {
    BulkAction.HOLD: ("hold_reason",),
    BulkAction.LIFT_HOLD: ("hold_reason",),
    BulkAction.SET_PRIORITY: ("priority",),
    BulkAction.SET_EXPECTED_DATE: ("expected_on", "is_expected_on_fixed"),
    BulkAction.REASSIGN: ("source_id",),
}


def row_values(action: str, shipment_ids: Sequence[int]) -> dict[int, str]:
    """Return the values of each shipment that ``action`` is about, as a text by id."""
    found: dict[int, str] = {}
    for start in range(0, len(shipment_ids), CHUNK):
        shipments = Shipment.objects.filter(pk__in=shipment_ids[start : start + CHUNK])
        values = shipments.order_by().annotate(row=_text(*_columns(action)))
        found |= dict(values.values_list("pk", "row"))
    return found


def differing_values(action: str, shown: str, now: str) -> Iterator[tuple[str, str, str]]:
    """Yield each column in which two texts of a shipment differ, with both values; "" is none."""
    columns = zip(_columns(action), shown.split(BETWEEN), now.split(BETWEEN), strict=True)
    for name, former, value in columns:
        if former != value:
            yield name, _value(former), _value(value)


def _columns(action: str) -> tuple[str, ...]:
    return ("state", *COLUMNS.get(action, ()))


def _text(*names: str) -> Func:
    texts = [
        Func(
            Cast(F(name), TextField()),
            Value(NOTHING),
            function="COALESCE",
            output_field=TextField(),
        )
        for name in names
    ]
    return Func(Value(BETWEEN), *texts, function="concat_ws", output_field=TextField())


def _value(text: str) -> str:
    return "" if text == NOTHING else text


def last_shipment() -> int:
    """Return the key of the newest shipment, 0 if there is none."""
    return Shipment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
