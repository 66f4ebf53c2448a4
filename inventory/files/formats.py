"""The formats by their code."""

from inventory.files.format import Format
from inventory.files.future_supply import FutureSupplyFormat
from inventory.files.products import Products
from inventory.files.stock_sources import StockSources
from inventory.models import ImportFile

FORMATS: dict[str, Format] = {
    ImportFile.Format.STOCK_SOURCES.value: StockSources(),
    ImportFile.Format.PRODUCTS.value: Products(),
    ImportFile.Format.FUTURE_SUPPLY.value: FutureSupplyFormat(),
}
