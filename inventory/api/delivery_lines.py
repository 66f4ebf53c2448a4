"""Finds the records that the lines of a delivery are about."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api.problems import Fault, ProblemError, at, conflict, refused
from inventory.api.row_keys import UNKNOWN
from inventory.codes import spellings
from inventory.models import FutureSupply, Product
from inventory.operations.deliveries import DeliveryLine, UnrecordedLine, spread
from inventory.queries.deliveries import open_lines

# The forms in which a product's own code may be stored.
FORMS: Mapping[str, Callable[[str], Sequence[str]]] = {
    "sku": lambda sku: [sku],
    "barcode": spellings,
}
UNKNOWN_PRODUCT = {
    "sku": UNKNOWN["sku"],
    "barcode": ("UNKNOWN_BARCODE", _("There is no product with this barcode.")),
}


@dataclass(frozen=True, slots=True)
class ReadLines:
    """The lines of a body, with their pointers in it by record, and by product at its source."""

    lines: tuple[DeliveryLine, ...]
    unrecorded: tuple[UnrecordedLine, ...]
    pointers: Mapping[int, str]
    items: Mapping[tuple[int, int | None], str]


def read_lines(rows: Sequence[Mapping[str, Any]], *, reference: str, source_id: int) -> ReadLines:
    """Find the records that the lines of a body are about.

    :raises core.api.problems.ProblemError: 422 for what is unknown, elsewhere or named twice;
        409 where something else is outstanding than was shown.
    """
    _refuse_unnamed(rows)
    records = _records(rows, source_id)
    products = _products(rows)
    lines: list[DeliveryLine] = []
    unrecorded: list[UnrecordedLine] = []
    pointers: dict[int, str] = {}
    items: dict[tuple[int, int | None], str] = {}
    open_records = defaultdict(list)
    for record in open_lines(reference=reference, source_id=source_id):
        if record.pk not in records:
            open_records[record.product_id].append(record)
    for number, row in enumerate(rows):
        pointer = f"/lines/{number}"
        if "future_supply" in row:
            own, product_id = [records[row["future_supply"]]], None
        else:
            product_id = products[number]
            own = open_records[product_id]
        outstanding = [record.outstanding_quantity for record in own]
        if row.get("outstanding", sum(outstanding)) != sum(outstanding):
            raise moved([f"{pointer}/outstanding"])
        for record, units in zip(own, spread(row["quantity"], outstanding), strict=True):
            lines.append(DeliveryLine(record.pk, units, record.outstanding_quantity, row["close"]))
            pointers[record.pk] = pointer
            items[record.product_id, source_id] = pointer
        if product_id is not None and not own and row["quantity"]:
            unrecorded.append(UnrecordedLine(product_id, source_id, row["quantity"]))
            items[product_id, source_id] = pointer
    return ReadLines(tuple(lines), tuple(unrecorded), pointers, items)


def _refuse_unnamed(rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse lines that name nothing, or more than one thing."""
    detail = gettext("Name one of future_supply, sku and barcode.")
    faults = [
        Fault(f"/lines/{number}", "NAME_ONE", detail)
        for number, row in enumerate(rows)
        if len({"future_supply", "sku", "barcode"} & row.keys()) != 1
    ]
    if faults:
        raise refused("NAME_ONE", detail, faults)


def _records(rows: Sequence[Mapping[str, Any]], source_id: int) -> Mapping[int, FutureSupply]:
    """Return the records that lines name, by id."""
    named = [row.get("future_supply") for row in rows]
    found = FutureSupply.objects.filter(source=source_id).in_bulk(
        [pk for pk in named if pk is not None]
    )
    faults = []
    for number, pk in enumerate(named):
        if pk is not None and pk not in found:
            detail = gettext("The source expects no such supply.")
            faults.append(Fault(f"/lines/{number}/future_supply", "UNKNOWN_SUPPLY", detail))
    _refuse(faults)
    _refuse_twice(named)
    return found


def _products(rows: Sequence[Mapping[str, Any]]) -> Mapping[int, int]:
    """Return the products that lines name by SKU or barcode, by the number of the line."""
    named, faults = {}, []
    for name in ("sku", "barcode"):
        forms = {row[name]: FORMS[name](row[name]) for row in rows if name in row}
        sought = {form for each in forms.values() for form in each}
        found = dict(Product.objects.filter(**{f"{name}__in": sought}).values_list(name, "pk"))
        for number, row in enumerate(rows):
            if name not in row:
                continue
            known = [found[form] for form in forms[row[name]] if form in found]
            if known:
                named[number] = known[0]
            else:
                code, detail = UNKNOWN_PRODUCT[name]
                faults.append(Fault(f"/lines/{number}/{name}", code, str(detail)))
    _refuse(faults)
    _refuse_twice([named.get(number) for number in range(len(rows))])
    return named


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise refused("UNKNOWN", gettext("Something that is named does not exist."), faults)


def _refuse_twice(named: Sequence[int | None]) -> None:
    """Refuse lines about what an earlier line is about."""
    faults = [
        Fault(f"/lines/{number}", "NAMED_TWICE", gettext("An earlier row names the same."))
        for number, one in enumerate(named)
        if one is not None and one in named[:number]
    ]
    if faults:
        raise refused("NAMED_TWICE", gettext("Rows of the list name the same."), faults)


def moved(pointers: Sequence[str]) -> ProblemError:
    """Return the refusal of a delivery whose lines were shown otherwise, at these pointers."""
    detail = gettext("Another quantity is outstanding than was shown. Nothing was received.")
    return at(conflict("MOVED", detail), pointers)
