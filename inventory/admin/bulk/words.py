"""Rows of a bulk plan as people read them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.history import shown
from core.quantities import format_quantity
from core.queries.history import FieldChange
from inventory.admin.option_fields import in_words
from inventory.models import FutureSupply, Product, SourceItem
from core.operations.bulk.rows import (BulkRow, Shift)
from inventory.options import BY_NAME

FIELDS = {
    field.attname: field
    for model in (Product, FutureSupply, SourceItem)
    for field in model._meta.concrete_fields
}
LABELS = {
    "assigned": _("Assigned"),
    "quantity": _("Quantity"),
    "quantity_there": _("Quantity at the other source"),
    "status": _("Status"),
    "sells_without_units": _("Can be sold without units"),
}


def row_in_words(row: BulkRow) -> dict[str, Any]:
    """Return one row of the preview: of what, from what to what, and why not."""
    refusal = row.refusal
    return {
        "sku": row.sku,
        "source": row.source_code,
        "is_change": row.is_change,
        "shifts": [
            {
                "label": label_of(shift.name),
                "before": value_in_words(shift, shift.before),
                "after": value_in_words(shift, shift.after),
            }
            for shift in row.shifts
        ],
        "refusal": "" if refusal is None else refusal_in_words(refusal.message, refusal.values),
    }


def label_of(name: str) -> str:
    """Return what a value of a row is called."""
    if name in BY_NAME:
        return gettext(BY_NAME[name].label)
    return str(LABELS[name]) if name in LABELS else str(capfirst(FIELDS[name].verbose_name))


def value_in_words(shift: Shift, value: Any) -> str:
    """Return one value of a shift."""
    if shift.name in BY_NAME:
        return gettext("inherited") if value is None else in_words(BY_NAME[shift.name], value)
    match shift.name:
        case "assigned":
            return gettext("assigned") if value else gettext("not assigned")
        case "sells_without_units":
            return gettext("Yes") if value else gettext("No")
        case "quantity_there":
            return "–" if value is None else format_quantity(value)
        case _:
            return shown(FieldChange(FIELDS[shift.name], value, value), value, {})


def refusal_in_words(message: str, values: Mapping[str, str]) -> str:
    """Return why a row stays as it is."""
    return gettext(message) % values


def changes_in_words(
    shown: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return what is another now of the rows of one key, each with what was shown of it.

    Both are rows as :meth:`core.operations.bulk.rows.Plan.as_text` keeps them.
    """
    before = {(row["sku"], row["source"]): row for row in shown}
    after = {(row["sku"], row["source"]): row for row in now}
    return [
        gettext("%(row)s (%(change)s)")
        % {
            "row": f"{place[0]} @ {place[1]}" if place[1] else place[0],
            "change": _change_in_words(before.get(place), after.get(place)),
        }
        for place in dict.fromkeys([*before, *after])
        if before.get(place) != after.get(place)
    ]


def _change_in_words(shown: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str:
    """Return both values of what differs: what stood there, else what it would become.

    What is not taken back any more says what the change left there, and what is there now.
    """
    if shown is None:
        return gettext("not shown before")
    if now is None:
        return gettext("no longer there")
    known = {shift["name"]: shift for shift in shown["shifts"]}
    pairs = [(known[shift["name"]], shift) for shift in now["shifts"] if shift["name"] in known]
    for side in ("before", "after"):
        is_refused = side == "after" and now["refusal"] is not None
        told = [
            gettext("%(label)s: %(shown)s shown, %(now)s now")
            % {
                "label": label_of(one["name"]),
                "shown": _kept(two, "before") if is_refused else _kept(one, side),
                "now": _kept(two, side),
            }
            for one, two in pairs
            if one[side] != two[side]
        ]
        if told:
            return "; ".join(told)
    if now["refusal"] is None:
        return gettext("can be changed now")
    return refusal_in_words(now["refusal"]["message"], now["refusal"]["values"])


def _kept(shift: Mapping[str, Any], side: str) -> str:
    name, value = shift["name"], shift[side]
    return value_in_words(Shift(name, None, None), typed(name, value))


def typed(name: str, value: Any) -> Any:
    """Return a value as it was before it was kept: a quantity is kept as text."""
    field = FIELDS.get(name)
    is_quantity = name == "quantity_there" or isinstance(field, DecimalField)
    return Decimal(value) if is_quantity and value is not None else value
