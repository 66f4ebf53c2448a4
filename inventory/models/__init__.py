from inventory.models.api_key import ApiKey
from inventory.models.bulk_change import BulkChange, BulkRefusal
from inventory.models.configuration import InventoryConfiguration
from inventory.models.future_supply import FutureSupply
from inventory.models.history import TRACKED
from inventory.models.idempotent_answer import IdempotentAnswer
from inventory.models.import_file import ImportFile, ImportStep
from inventory.models.job import Job
from inventory.models.low_stock_digest import LowStockDigest
from inventory.models.preview_snapshot import PreviewSnapshot
from inventory.models.product import Product
from inventory.models.receipt import Receipt, ReceiptReversal
from inventory.models.reservation import Reservation
from inventory.models.source import Source, SourceItem
from inventory.models.stock import SalesChannel, Stock, StockBalance, StockSource

__all__ = [
    "TRACKED",
    "ApiKey",
    "BulkChange",
    "BulkRefusal",
    "FutureSupply",
    "IdempotentAnswer",
    "ImportFile",
    "ImportStep",
    "InventoryConfiguration",
    "Job",
    "LowStockDigest",
    "PreviewSnapshot",
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
