from inventory.models.back_in_stock import BackInStockRequest
from inventory.models.closed_day import ClosedDay
from inventory.models.configuration import InventoryConfiguration
from inventory.models.future_supply import FutureSupply
from inventory.models.history import TRACKED
from inventory.models.import_file import ImportFile, ImportStep
from inventory.models.low_stock_digest import LowStockDigest
from inventory.models.product import Product
from inventory.models.receipt import Delivery, Receipt, ReceiptReversal
from inventory.models.reservation import Reservation
from inventory.models.sales_channel import SalesChannel
from inventory.models.source import Source
from inventory.models.source_item import SourceItem
from inventory.models.stock import Stock, StockBalance, StockSource

__all__ = [
    "TRACKED",
    "BackInStockRequest",
    "ClosedDay",
    "Delivery",
    "FutureSupply",
    "ImportFile",
    "ImportStep",
    "InventoryConfiguration",
    "LowStockDigest",
    "Product",
    "Receipt",
    "ReceiptReversal",
    "Reservation",
    "SalesChannel",
    "Source",
    "SourceItem",
    "Stock",
    "StockBalance",
    "StockSource",
]
