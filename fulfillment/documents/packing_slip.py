"""Packing slips, as the customer finds them in the parcel."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from core.documents.barcodes import barcode
from core.documents.paper import Paper, paper_in
from core.documents.pdf import Document, pdf, ruled, side_by_side, text, text_width
from core.formats import day, labelled, quantity
from core.letters import offered_language
from fulfillment.models import Shipment
from fulfillment.queries.packing_slips import SlipFacts, SlipLine
from inventory.models import Source
from orders.models import Order
from orders.queries.addresses import address_lines, shipped_address
from orders.status_page.facts import units_of

GAP = 7 * mm


def packing_slips(slips: Sequence[SlipFacts], *, paper: Paper | None = None) -> bytes:
    """Return the packing slips of shipments as one PDF, each in its customer's language.

    Without a ``paper`` each is on that of the country of its source.

    Rule: Picking and shipping, packing slip (§21).
    """
    return pdf([_document(slip, paper) for slip in slips], title=_("Packing slips"))


def _document(slip: SlipFacts, paper: Paper | None) -> Document:
    source = _source(slip)
    paper = paper or paper_in(source.country)
    language = offered_language(slip.shipment.order.customer_language)
    with override(language):
        return Document(
            paper=paper,
            language=language,
            foot=f"{source.name} · {slip.shipment.number}",
            contents=list(_contents(slip, text_width(paper))),
        )


def _contents(slip: SlipFacts, width: float) -> Iterator[Flowable]:
    shipment, order = slip.shipment, slip.shipment.order
    half = width / 2
    title = [
        text(_("Packing slip"), "title"),
        text(labelled(_("Order"), order.number), "bold"),
        text(labelled(_("Shipment"), shipment.number)),
        text(labelled(_("Date"), day(slip.today))),
    ]
    code = barcode(shipment.number, width=half)
    yield side_by_side([title, [code] if code else []], [half, half])
    yield Spacer(0, GAP)
    source = _source(slip)
    sender = [text(_("From"), "note"), text(source.name, "bold"), *map(text, address_lines(source))]
    yield side_by_side([_destination(order, shipment), sender], [half, half])
    yield Spacer(0, GAP)
    widths = [width * 0.5, width * 0.36, width * 0.14]
    head = [
        text(_("Product"), "note"),
        text(_("Barcode"), "note"),
        text(_("Quantity"), "figure-head"),
    ]
    yield ruled(head, [_row(line, widths) for line in slip.lines], widths)
    if slip.later:
        yield Spacer(0, GAP)
        yield from _later(slip)


def _destination(order: Order, shipment: Shipment) -> list[Flowable]:
    """Return where it goes, or went: the address, or who collects it."""
    if shipment.pickup_source is not None:
        return [
            text(_("To be collected by"), "note"),
            text(order.customer_name, "bold"),
            text(labelled(_("Pickup at"), shipment.pickup_source.name)),
        ]
    first, *rest = shipped_address(order, shipment.shipped_to) or [order.customer_name]
    return [text(_("Ship to"), "note"), text(first, "bold"), *map(text, rest)]


def _row(line: SlipLine, widths: Sequence[float]) -> list[Any]:
    product: list[Flowable] = [text(line.sku, "bold"), text(line.name)]
    if line.in_one_piece:
        product.append(text(_("In one piece"), "note"))
    code: Any = line.barcode and (
        barcode(line.barcode, width=widths[1] - 12) or text(line.barcode, "note")
    )
    return [product, code, text(quantity(line.quantity), "figure")]


def _later(slip: SlipFacts) -> Iterator[Flowable]:
    """Yield what follows in other shipments of the order, and when."""
    yield text(_("Follows later"), "heading")
    for shipment in slip.later:
        for units in units_of(shipment, slip.order_lines, today=slip.today):
            expected = units.expected or shipment.customer_words
            yield text(f"{quantity(units.quantity)} × {units.name} · {expected}")


def _source(slip: SlipFacts) -> Source:
    source = slip.shipment.source
    if source is None:
        raise ValueError(f"{slip.shipment.number} has no source.")
    return source
