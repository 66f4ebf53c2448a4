from fulfillment.admin import balances, delay_requests, product_waiting, release_runs, shipments
from fulfillment.admin.demand import digests
from fulfillment.admin.rules import rules, runs
from fulfillment.admin.scheduled import work

__all__ = [
    "balances",
    "delay_requests",
    "digests",
    "product_waiting",
    "release_runs",
    "rules",
    "runs",
    "shipments",
    "work",
]
