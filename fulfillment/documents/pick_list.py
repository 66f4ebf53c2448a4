"""Pick lists on paper."""

from itertools import groupby
from typing import Any

from django.utils.translation import get_language, gettext
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from core.documents.barcodes import barcode
from core.documents.paper import Paper, paper_in
from core.documents.pdf import Document, pdf, ruled, text, text_width
from core.formats import labelled, moment, quantity
from core.quantities import ZERO
from fulfillment.models import PickLine, PickList
from fulfillment.queries.pick_lists import PickListRows


def pick_list_document(
    pick_list: PickList, rows: PickListRows, *, paper: Paper | None = None
) -> bytes:
    """Return what is left to fetch of a list as PDF, in the reader's language, by product.

    Without a ``paper`` it is on that of the country of its source.

    Rule: Picking and shipping, pick list (§21).
    """
    paper = paper or paper_in(pick_list.source.country)
    width = text_width(paper)
    title = gettext("Pick list %(number)s") % {"number": pick_list}
    widths = [width * 0.34, width * 0.36, width * 0.2, width * 0.1]
    head = [
        text(gettext("Product"), "note"),
        text(gettext("Barcode"), "note"),
        text(gettext("Shipment"), "note"),
        text(gettext("Units"), "figure-head"),
    ]
    made = f"{pick_list.source.name} · {moment(pick_list.created_at)}"
    contents: list[Flowable] = [
        text(title, "title"),
        text(labelled(gettext("Source"), made)),
        Spacer(0, 6 * mm),
        ruled(head, _rows(rows, widths[1]), widths),
    ]
    document = Document(paper, get_language() or "en", title, contents)
    return pdf([document], title=title)


def _rows(rows: PickListRows, width: float) -> list[list[Any]]:
    """Return a row for each shipment; the product and its barcode stand on its first."""
    table: list[list[Any]] = []
    for _sku, group in groupby(rows.open, key=lambda pick: pick.shipment_line.order_line.sku):
        for position, pick in enumerate(group):
            product = [] if position else _product(pick)
            table.append(
                [
                    product,
                    "" if position else _barcode(pick, width),
                    text(pick.shipment.number),
                    text(quantity(max(pick.quantity - pick.picked_quantity, ZERO)), "figure"),
                ]
            )
    return table


def _product(pick: PickLine) -> list[Flowable]:
    line = pick.shipment_line.order_line
    return [text(line.sku, "bold"), text(line.name)]


def _barcode(pick: PickLine, width: float) -> Any:
    code = pick.shipment_line.product.barcode or pick.shipment_line.order_line.sku
    return barcode(code, width=width - 12) or text(code, "note")
