"""What a move for many changes of each shipment, as a text, and as a number made from it."""

from collections.abc import Collection, Iterator, Mapping

from django.db.models import BigIntegerField, F, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast

from fulfillment.models import Shipment
from fulfillment.review.change import BulkAction

BETWEEN, NOTHING = "|", "-"
# Beside the state, which says what a move comes to.
COLUMNS: dict[str, tuple[str, ...]] = {
    BulkAction.HOLD: ("hold_reason",),
    BulkAction.LIFT_HOLD: ("hold_reason",),
    BulkAction.SET_PRIORITY: ("priority",),
    BulkAction.SET_EXPECTED_DATE: ("expected_on", "is_expected_on_fixed"),
    BulkAction.REASSIGN: ("source_id",),
}


def row_value(action: str) -> Func:
    """Return the number of a shipment and of its values that ``action`` is about, to annotate."""
    text = _text("id", *_columns(action))
    return Func(text, Value(0), function="hashtextextended", output_field=BigIntegerField())


def row_values(shipments: QuerySet[Shipment], action: str) -> dict[int, str]:
    """Return the values of each shipment that ``action`` is about, as a text by id."""
    text = _text(*_columns(action))
    return dict(shipments.order_by().annotate(row=text).values_list("pk", "row"))


def changed_since(shown: Mapping[int, str], shipment_ids: Collection[int], action: str) -> set[int]:
    """Return those of ``shipment_ids`` whose values are others than the ones ``shown``."""
    if not shown:
        return set()
    now = row_values(Shipment.objects.filter(pk__in=shipment_ids), action)
    return {key for key, value in now.items() if shown.get(key, value) != value}


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
