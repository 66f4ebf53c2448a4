from fulfillment.admin import balances, product_waiting, release_runs, shipments
from fulfillment.admin.scheduled import work

__all__ = ["balances", "product_waiting", "release_runs", "shipments", "work"]
