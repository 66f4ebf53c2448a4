"""Loads the examples, one after another."""

from datetime import datetime
from zoneinfo import ZoneInfo

from demo.examples import files, shipments, troubles, waiting_customers
from demo.examples.scene import open_channels, scene_at
from fulfillment.operations.upkeep.figures import refresh_figures

EXAMPLES = (
    waiting_customers.show_delays,
    waiting_customers.show_preorder,
    waiting_customers.show_back_in_stock,
    shipments.show_promises,
    shipments.show_hold,
    shipments.show_customer_care,
    shipments.show_split,
    shipments.show_bar,
    shipments.show_overdue,
    shipments.show_ship_complete,
    shipments.show_return,
    troubles.show_payment,
    troubles.show_email,
    troubles.show_drift,
    files.show_faults_and_jobs,
)


def load_examples(*, now: datetime, zone: ZoneInfo) -> None:
    """Make one of each state beside Northwind, by the product's own operations; once.

    Products and orders begin with DEMO-, and the orders come by phone. Each example opens its
    transactions, and one that was interrupted goes on where it stopped.
    """
    if files.is_shown():
        return
    scene = scene_at(now, zone)
    open_channels()
    files.import_catalogue(scene)
    for show in EXAMPLES:
        show(scene)
    refresh_figures(now=now, zone=zone)
