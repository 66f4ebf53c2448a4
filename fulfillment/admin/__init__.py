from fulfillment.admin import balances, release_runs, shipments
from fulfillment.admin.scheduled import work

__all__ = ["balances", "release_runs", "shipments", "work"]
