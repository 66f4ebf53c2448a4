from fulfillment.admin import (
    balances,
    carriers,
    delay_requests,
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
    "pick_lists",
    "product_backorders",
    "release_runs",
    "rule_runs",
    "rules",
    "shipments",
    "work",
]
