"""A delivery note: ``sku,quantity,source_code,reference``, the units that came.

The SKU may be a barcode. The source and the reference may be left out where the delivery says
them. Rows of one product at one source add up, as cartons do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.formats import whole
from core.text import FaultError
from core.text import gettext_noop as _
from inventory.codes import SKU_MAX_LENGTH
from inventory.files.cells import RowCells, code_of, quantity_of, text_of
from inventory.files.findings import FileError, RowProblem, problem_of
from inventory.files.future_supply import LONGEST_REFERENCE
from inventory.files.imports import TOO_MANY
from inventory.files.sheet import FileRow, open_sheet
from inventory.files.staging import UNKNOWN
from inventory.files.uploads import CSV, read_upload
from inventory.models import Product, Source
from inventory.queries.deliveries import products_of_codes

COLUMNS = ("sku", "quantity", "source_code", "reference")
REQUIRED = ("sku", "quantity")
MOST_ROWS = 5_000

NO_PRODUCT = _("No product has the SKU or barcode “%(value)s”.")
ANOTHER_DELIVERY = _(
    "This row is of delivery “%(value)s”, and the rows before it are of “%(first)s”. Upload a file "
    "for each delivery."
)


@dataclass(frozen=True, slots=True)
class NoteLine:
    """Units of one product that came; ``source`` is None where the row names none."""

    line: int
    product: Product
    source: Source | None
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class DeliveryNote:
    """What a delivery note says; where a row has ``problems``, ``lines`` are not all of it."""

    reference: str
    lines: tuple[NoteLine, ...]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    cells: RowCells
    code: str | None
    quantity: Decimal | None
    source_code: str | None
    reference: str


def read_delivery_note(content: bytes, *, limit: int) -> DeliveryNote:
    """Read an upload of at most ``limit`` bytes; nothing is written.

    :raises FileError: when it cannot be read as a delivery note.
    """
    rows, problems = _rows_of(content, limit=limit)
    products = _products({row.code for row in rows if row.code})
    sources = {source.code: source for source in Source.objects.order_by("pk")}
    reference = next((row.reference for row in rows if row.reference), "")
    lines = []
    for row in rows:
        product = products.get(row.code or "")
        source = sources.get(row.source_code or "")
        if row.code and product is None:
            row.cells.refuse("sku", FaultError(NO_PRODUCT, value=row.code))
        if row.source_code and source is None:
            row.cells.refuse(
                "source_code", FaultError(UNKNOWN["source_code"], value=row.source_code)
            )
        if row.reference not in ("", reference):
            error = FaultError(ANOTHER_DELIVERY, value=row.reference, first=reference)
            row.cells.refuse("reference", error)
        problems += row.cells.problems
        if product is not None and row.quantity is not None:
            lines.append(NoteLine(row.cells.line, product, source, row.quantity))
    found = sorted(problems, key=lambda problem: problem.line)
    return DeliveryNote(reference, tuple(lines), tuple(found))


def problem_of_line(line: NoteLine, column: str, error: FaultError) -> RowProblem:
    """Return what is wrong with a row that could be read."""
    cells = {"sku": line.product.sku, "source_code": line.source.code if line.source else ""}
    return problem_of(line.line, column, error, cell=cells[column])


def _rows_of(content: bytes, *, limit: int) -> tuple[list[_Row], list[RowProblem]]:
    upload = read_upload(content, limit=limit)
    sheet = open_sheet(
        upload.text, columns=COLUMNS, required=REQUIRED, counts_rows=upload.kind != CSV
    )
    found = list(sheet.rows())
    if len(found) > MOST_ROWS:
        raise FileError(TOO_MANY, count=whole(len(found)), most=whole(MOST_ROWS))
    problems = [row for row in found if isinstance(row, RowProblem)]
    return [_row(row) for row in found if isinstance(row, FileRow)], problems


def _row(row: FileRow) -> _Row:
    cells = RowCells(row)
    return _Row(
        cells,
        cells.read("sku", code_of, limit=SKU_MAX_LENGTH),
        cells.read_number("quantity", quantity_of),
        cells.read_if_given("source_code", code_of, limit=SKU_MAX_LENGTH),
        (cells.read("reference", text_of, limit=LONGEST_REFERENCE) or "").strip(),
    )


def _products(codes: Iterable[str]) -> dict[str, Product]:
    """Return products by each code that is a SKU or barcode; a SKU comes first."""
    return products_of_codes(set(codes))
