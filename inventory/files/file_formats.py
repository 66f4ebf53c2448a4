"""The formats of files by their code; the apps downstream add theirs."""

from collections.abc import Iterator
from typing import Any

from inventory.files.cells import lines
from inventory.files.file_format import FileFormat
from inventory.files.future_supply import FutureSupplyFormat
from inventory.files.products import Products
from inventory.files.stock_sources import StockSources
from inventory.models import ImportFile

FORMATS: dict[str, FileFormat] = {
    ImportFile.Format.STOCK_SOURCES.value: StockSources(),
    ImportFile.Format.PRODUCTS.value: Products(),
    ImportFile.Format.FUTURE_SUPPLY.value: FutureSupplyFormat(),
}


def register(code: str, file_format: FileFormat) -> None:
    """Add a format of the apps downstream; called when the apps are ready."""
    FORMATS[code] = file_format


def example_lines(format_code: str) -> Iterator[str]:
    """Yield the lines of a short file of the format, to be filled in."""
    example = FORMATS[format_code].example
    return lines(list(example), [list(example.values())])


def export_lines(format_code: str, rows: Any) -> Iterator[str]:
    """Yield the lines of a file with the rows of a queryset, some thousands read at a time."""
    file_format = FORMATS[format_code]
    return lines(file_format.exported, file_format.export(rows))
