from fulfillment.admin import (
    balances,
    carriers,
    delay_requests,
    parcel_list,
    pick_lists,
    product_backorders,
    release_runs,
    shipments,
)
from fulfillment.admin.demand import demand_digests
from fulfillment.admin.rules import rule_runs, rules
from fulfillment.admin.scheduled_work import work

__all__ = [
    "balances",
    "carriers",
    "delay_requests",
    "demand_digests",
    "parcel_list",
    "pick_lists",
    "product_backorders",
    "release_runs",
    "rule_runs",
    "rules",
    "shipments",
    "work",
]
