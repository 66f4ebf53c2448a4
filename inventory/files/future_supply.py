"""Future supply: ``sku,source_code,quantity,expected_on,reference``, units that are to come.

A row is about the open record with the same SKU, source and reference: it changes its quantity
and date, or records new supply where there is none. Rows that equal a record change nothing, so
an exported file can be imported again.
"""

from collections.abc import Iterator, Sequence, Set
from datetime import date
from decimal import Decimal
from hashlib import blake2b

from django.db.models import Q, QuerySet

from core.sql import fetch_rows
from inventory import ports
from inventory.codes import SKU_MAX_LENGTH
from inventory.files.cells import (
    RowCells,
    Staged,
    Value,
    cell_of,
    code_of,
    date_of,
    quantity_of,
    text_of,
)
from inventory.files.file_format import FileFormat
from inventory.files.findings import (
    CellStep,
    ImportPlan,
    PlannedStep,
    RowProblem,
    fraction_problem,
)
from inventory.files.staging import INCOMING, ImportRun, unknown_codes
from inventory.files.supply_matches import SupplyMatches, SupplyRecord, SupplyRow, match_supply
from inventory.models import FutureSupply, ImportFile, ImportStep
from inventory.operations.future_supply import NewSupply, change_supply, preview_changes
from inventory.operations.supply_records import correct_unpromised, losing
from inventory.operations.whole_units import refuse_fractions_at
from inventory.promises import broken_shipments
from inventory.queries.decimals import ItemKey, fractions_at

Kind = ImportStep.Kind
LONGEST_REFERENCE = 100
LEAST = Decimal("0.0001")
CHANGING = ("quantity", "expected_on", "reference")

KNOWN = f"""
SELECT incoming.line, product.id, source.id, incoming.quantity, incoming.expected_on,
    incoming.reference
FROM {INCOMING} ORDER BY incoming.line
"""  # noqa: S608 - constants alone
RECORDS = f"""
SELECT supply.id, supply.product_id, supply.source_id, supply.quantity, supply.expected_on,
    supply.reference, supply.received_quantity, supply.allocated_quantity,
    supply.state = '{FutureSupply.State.OPEN}', supply.sent_from_id IS NOT NULL
FROM inventory_futuresupply AS supply
WHERE EXISTS (
    SELECT FROM {INCOMING}
    WHERE product.id = supply.product_id AND source.id = supply.source_id
      AND incoming.reference = supply.reference)
ORDER BY supply.id
"""  # noqa: S608 - constants alone
NAMES = """
SELECT line, sku || ' @ ' || source_code FROM staged_row WHERE line = ANY(%s)
"""


class FutureSupplyFormat(FileFormat):
    """The format; the date and the reference may be empty."""

    columns = ("sku", "source_code", "quantity", "expected_on", "reference")
    exported = columns
    staged = {
        "line": "integer",
        "sku": "text",
        "source_code": "text",
        "quantity": "numeric",
        "expected_on": "date",
        "reference": "text",
    }
    behaviors = {ImportFile.Behavior.APPEND.value: ("sku", "source_code", "quantity")}
    other_names = {"qty": "quantity", "source": "source_code", "eta": "expected_on"}
    example = {
        "sku": "MUG",
        "source_code": "default",
        "quantity": "24",
        "expected_on": "2030-05-31",
        "reference": "PO-1001",
    }
    parts = ("supply",)

    def read(self, cells: RowCells, behavior: str) -> Staged:
        """Read a row; its quantity is above 0."""
        expected_on = cells.read_if_given("expected_on", date_of)
        return (
            cells.line,
            cells.read("sku", code_of, limit=SKU_MAX_LENGTH),
            cells.read("source_code", code_of, limit=SKU_MAX_LENGTH),
            cells.read_number("quantity", quantity_of, minimum=LEAST),
            expected_on,
            cells.read("reference", text_of, limit=LONGEST_REFERENCE),
        )

    def plan(self, behavior: str, *, today: date, faulty: Set[int]) -> ImportPlan:
        """Return what would be recorded and changed, and whose promises that would break."""
        matches = _matches(faulty)
        promised = {record.pk: _new(row) for row, record in matches.changed if record.promised}
        broken = broken_shipments(preview_changes(promised, today=today).values())
        return ImportPlan(
            new_count=len(matches.new),
            changed_count=len(matches.changed),
            steps=_steps(matches),
            problems=[*unknown_codes(), *matches.problems, *_fractions(matches)],
            fallen_back=tuple(sorted(broken)),
        )

    def stored(self, behavior: str, part: str) -> list[tuple[int, int]]:
        """Return what the records say that rows change."""
        return [(row.line, _digest(record)) for row, record in _matches(frozenset()).changed]

    def write(self, behavior: str, run: ImportRun) -> tuple[str, ...]:
        """Change what is promised by key, so that files meet in one order; then all the rest.

        Each record is compared with the matched one when it is locked.
        """
        run.compare("supply")
        matches = _matches(frozenset())
        refuse_fractions_at(_quantities(matches).values())
        shown = {
            record.pk: NewSupply(record.quantity, record.expected_on)
            for _row, record in matches.changed
        }
        changes = {record.pk: _new(row) for row, record in matches.changed}
        promised = sorted(record.pk for _row, record in matches.changed if record.promised)
        lost = losing(changes, shown=shown)
        if promised or lost:
            ports.current().lock_promises({*promised, *lost}, losing=lost)
        broken: set[str] = set()
        for pk in promised:
            broken |= _change(pk, changes.pop(pk), shown[pk], run)
        for pk in sorted(changes.keys() - correct_unpromised(changes, run.act, shown=shown)):
            broken |= _change(pk, changes[pk], shown[pk], run)
        FutureSupply.objects.bulk_create(
            FutureSupply(
                product_id=row.product_id,
                source_id=row.source_id,
                quantity=row.quantity,
                expected_on=row.expected_on,
                reference=row.reference,
            )
            for row in matches.new
        )
        if matches.new:
            products = sorted({row.product_id for row in matches.new})
            ports.current().note_arrival(products)
        return tuple(sorted(broken))

    def export(self, supply: QuerySet[FutureSupply]) -> Iterator[tuple[Value, ...]]:
        """Yield a row for each record, by date.

        Closed records without a reference are left out: nothing would tell them from new ones.
        """
        names = ("product__sku", "source__code", "quantity", "expected_on", "reference")
        records = supply.filter(Q(state=FutureSupply.State.OPEN) | ~Q(reference=""))
        rows = records.order_by("expected_on", "pk").values_list(*names)
        yield from rows.iterator(chunk_size=2000)


def _matches(faulty: Set[int]) -> SupplyMatches:
    rows = [SupplyRow(*row) for row in fetch_rows(KNOWN)]
    return match_supply(
        [row for row in rows if row.line not in faulty],
        [SupplyRecord(*record) for record in fetch_rows(RECORDS)],
    )


def _quantities(matches: SupplyMatches) -> dict[int, tuple[ItemKey, Decimal]]:
    """Return what is written of quantities, by line; those that a record has already are not."""
    rows = [*matches.new]
    rows += [row for row, record in matches.changed if row.quantity != record.quantity]
    return {row.line: ((row.product_id, row.source_id), row.quantity) for row in rows}


def _fractions(matches: SupplyMatches) -> list[RowProblem]:
    """Return a problem for each fraction where the source item does not use decimals."""
    written = _quantities(matches)
    whole = {(found.product_id, found.source_id) for found in fractions_at(written.values())}
    return [
        fraction_problem(line, "quantity", quantity)
        for line, (key, quantity) in written.items()
        if quantity % 1 and key in whole
    ]


def _digest(record: SupplyRecord) -> int:
    text = f"{record.pk} {record.quantity:f} {record.expected_on}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _change(pk: int, new: NewSupply, shown: NewSupply, run: ImportRun) -> set[str]:
    """Change a record; return the shipments whose promise that broke."""
    return broken_shipments([change_supply(pk, new, run.act, shown=shown, today=run.today)])


def _new(row: SupplyRow) -> NewSupply:
    return NewSupply(quantity=row.quantity, expected_on=row.expected_on)


def _steps(matches: SupplyMatches) -> tuple[PlannedStep, ...]:
    rows = [(row, Kind.NEW, ("", "", "")) for row in matches.new]
    rows += [(row, Kind.CHANGED, _cells(record)) for row, record in matches.changed]
    names: dict[int, str] = dict(fetch_rows(NAMES, [[row.line for row, _kind, _was in rows]]))
    return tuple(
        PlannedStep(row.line, names[row.line], kind, tuple(_changed_cells(was, _cells(row))))
        for row, kind, was in rows
    )


def _changed_cells(before: Sequence[str], after: Sequence[str]) -> Iterator[CellStep]:
    for name, was, becomes in zip(CHANGING, before, after, strict=True):
        if was != becomes:
            yield CellStep(name, was, becomes)


def _cells(supply: SupplyRow | SupplyRecord) -> tuple[str, str, str]:
    return cell_of(supply.quantity), cell_of(supply.expected_on), supply.reference
