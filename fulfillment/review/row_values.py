"""What a move for many changes of each shipment, as a number: equal values have equal numbers."""

from collections.abc import Collection, Mapping

from django.db.models import BigIntegerField, F, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast

from fulfillment.models import Shipment
from fulfillment.review.change import BulkAction

# Beside the state, which says what a move comes to.
COLUMNS: dict[str, tuple[str, ...]] = {
    BulkAction.HOLD: ("hold_reason",),
    BulkAction.LIFT_HOLD: ("hold_reason",),
    BulkAction.SET_PRIORITY: ("priority",),
    BulkAction.SET_EXPECTED_DATE: ("expected_on", "is_expected_on_fixed"),
    BulkAction.REASSIGN: ("source_id",),
}


def row_value(action: str) -> Func:
    """Return the number of a shipment's values that ``action`` is about, to annotate."""
    names = ("id", "state", *COLUMNS.get(action, ()))
    texts = [
        Func(Cast(F(name), TextField()), Value("-"), function="COALESCE", output_field=TextField())
        for name in names
    ]
    text = Func(Value("|"), *texts, function="concat_ws", output_field=TextField())
    return Func(text, Value(0), function="hashtextextended", output_field=BigIntegerField())


def row_values(shipments: QuerySet[Shipment], action: str) -> dict[int, int]:
    """Return the number of each shipment, by id."""
    return dict(shipments.order_by().annotate(row=row_value(action)).values_list("pk", "row"))


def changed_since(shown: Mapping[int, int], shipment_ids: Collection[int], action: str) -> set[int]:
    """Return those of ``shipment_ids`` whose number is another than the one ``shown``."""
    if not shown:
        return set()
    now = row_values(Shipment.objects.filter(pk__in=shipment_ids), action)
    return {key for key, value in now.items() if shown.get(key, value) != value}
