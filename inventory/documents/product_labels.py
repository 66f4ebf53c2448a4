"""Labels of products, with a barcode that scanners read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language, gettext
from reportlab.lib.units import mm

from core.documents.barcodes import Barcode, barcode
from core.documents.label_sheets import SHEETS, Label, label_sheets
from core.documents.paper import Paper
from inventory.models import Product

BARCODE_HEIGHT = 8 * mm
# So many are drawn while a person waits.
MOST_LABELS = 1_000


@dataclass(frozen=True, slots=True)
class ProductLabels:
    """A product, and how many labels of it."""

    product: Product
    count: int


def product_labels(asked: Sequence[ProductLabels], *, paper: Paper) -> bytes:
    """Return labels as PDF, at least one, those of a product one after another.

    The barcode is that of the product, else its SKU as Code 128; a code that no barcode can hold
    is printed as text alone.

    Rule: Product, barcode (§1).
    """
    return label_sheets(
        _labels(asked, paper),
        paper=paper,
        title=gettext("Product labels"),
        language=get_language() or "en",
    )


def drawn_code(product: Product, *, paper: Paper) -> Barcode | None:
    """Return the barcode on the label of a product; ``None`` where none can hold its code."""
    code = product.barcode or product.sku
    return barcode(code, width=SHEETS[paper].text_width, height=BARCODE_HEIGHT)


def _labels(asked: Sequence[ProductLabels], paper: Paper) -> Iterator[Label]:
    for one in asked:
        label = _label(one.product, paper)
        for _number in range(one.count):
            yield label


def _label(product: Product, paper: Paper) -> Label:
    code = drawn_code(product, paper=paper)
    # A barcode that cannot be drawn is still read by people.
    unread = product.barcode if code is None and product.barcode else ""
    return Label(product.sku, " ".join(filter(None, [product.name, unread])), code)
