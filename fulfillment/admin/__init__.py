from fulfillment.admin import balances, release_runs, shipments
from fulfillment.admin.review import job_result
from fulfillment.admin.scheduled import work

__all__ = ["balances", "job_result", "release_runs", "shipments", "work"]
