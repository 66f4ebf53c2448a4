"""The formats by their code; the apps downstream add theirs."""

from inventory.files.format import FileFormat
from inventory.files.future_supply import FutureSupplyFormat
from inventory.files.products import Products
from inventory.files.stock_sources import StockSources
from inventory.models import ImportFile

FORMATS: dict[str, FileFormat] = {
    ImportFile.Format.STOCK_SOURCES.value: StockSources(),
    ImportFile.Format.PRODUCTS.value: Products(),
    ImportFile.Format.FUTURE_SUPPLY.value: FutureSupplyFormat(),
}


def register(code: str, chosen: FileFormat) -> None:
    """Let files be brought in as ``chosen``; called when the apps are ready."""
    FORMATS[code] = chosen
