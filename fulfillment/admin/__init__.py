from fulfillment.admin import balances, release_runs, shipments
from fulfillment.admin.review import outcomes
from fulfillment.admin.scheduled import work

__all__ = ["balances", "outcomes", "release_runs", "shipments", "work"]
