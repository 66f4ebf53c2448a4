"""Deliveries that are to come: open records of one reference, or of one source."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Min, Q, QuerySet, Sum, Value

from core.folding import folded
from inventory.codes import spellings
from inventory.models import FutureSupply, Product

MOST_DELIVERIES = 200


@dataclass(frozen=True, slots=True)
class OpenDelivery:
    """Open lines that are expected together; without a ``reference``, those of a source.

    ``sent_from`` are the codes of the sources that units of transfers left.
    """

    reference: str
    source_id: int
    source_code: str
    line_count: int
    outstanding: Decimal
    expected_on: date | None
    sent_from: tuple[str, ...]


def open_deliveries(*, words: str = "") -> list[OpenDelivery]:
    """Return what is to come, the earliest first, undated last; at most 200.

    ``words`` are found in references, sources and SKUs.
    """
    records = FutureSupply.objects.open()
    if words:
        sought = folded(words) or words
        of_words = records.filter(
            Q(reference__folded__contains=sought)
            | Q(source__code__folded=sought)
            | Q(product__sku__folded=sought)
        )
        records = records.filter(reference__in=of_words.values("reference"))
    groups = records.values("reference", "source_id", "source__code").annotate(
        line_count=Count("pk"),
        outstanding=Sum(F("quantity") - F("received_quantity")),
        earliest_on=Min("expected_on"),
        senders=ArrayAgg(
            "sent_from__code",
            filter=Q(sent_from__isnull=False),
            distinct=True,
            default=Value([]),
            order_by="sent_from__code",
        ),
    )
    rows = groups.order_by(F("earliest_on").asc(nulls_last=True), "reference", "source__code")
    return [
        OpenDelivery(
            reference=row["reference"],
            source_id=row["source_id"],
            source_code=row["source__code"],
            line_count=row["line_count"],
            outstanding=row["outstanding"],
            expected_on=row["earliest_on"],
            sent_from=tuple(row["senders"]),
        )
        for row in rows[:MOST_DELIVERIES]
    ]


def open_lines(*, reference: str, source_id: int | None) -> QuerySet[FutureSupply]:
    """Return the open records of a delivery, by SKU: of the reference, of the source, or of both.

    Without a reference, all that the source expects.
    """
    records = FutureSupply.objects.open().select_related("product", "source", "sent_from")
    if reference:
        records = records.filter(reference=reference)
    if source_id is not None:
        records = records.filter(source=source_id)
    return records.order_by("product__sku", "source__code", "expected_on", "pk")


def product_of_code(code: str) -> Product | None:
    """Return the product that a SKU or a barcode names; a SKU comes first."""
    return products_of_codes([code]).get(code)


def products_of_codes(codes: Collection[str]) -> dict[str, Product]:
    """Return products by each code that is a SKU or a barcode, in whatever form; a SKU comes first.

    One statement; codes that name no product are left out.
    """
    forms = {code: spellings(code) for code in codes}
    barcodes = {form for each in forms.values() for form in each}
    found = Product.objects.filter(Q(sku__in=codes) | Q(barcode__in=barcodes))
    products = list(found.order_by("pk"))
    named = {product.barcode: product for product in products if product.barcode}
    by_sku = {product.sku: product for product in products}
    return {
        code: product
        for code, each in forms.items()
        if (product := by_sku.get(code) or next((named[one] for one in each if one in named), None))
    }
