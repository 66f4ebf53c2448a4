"""Which rows of each model lie within the limits of a person."""

from typing import Any

from django.db.models import Model, Q

from config.limits import reach_of
from core.access_limits import Reach, Rule, find_people_by, register, rows_within
from core.api.outside_names import register_member
from core.models import BulkChange, Job
from fulfillment.models import (
    Allocation,
    DelayRequest,
    Parcel,
    PickLine,
    PickList,
    ReleaseDecision,
    ReleaseRun,
    RuleAct,
    RuleEmail,
    RuleRun,
    RuleStep,
    Shipment,
    ShipmentEvent,
    ShipmentLine,
    ShipmentNote,
    WaitingBalance,
    WaitingRule,
)
from inventory.models import (
    BackInStockRequest,
    Delivery,
    FutureSupply,
    ImportFile,
    LowStockDigest,
    Receipt,
    Reservation,
    SalesChannel,
    Source,
    SourceItem,
    Stock,
    StockBalance,
    StockSource,
)
from orders.models import (
    Cancellation,
    Order,
    OrderChange,
    OrderEmail,
    OrderLine,
    OrderNote,
    Payment,
    PaymentOperation,
    Refund,
    Return,
)


def of_source(*names: str) -> Rule:
    """The row names a source within the reach, in one of these columns."""

    def rule(reach: Reach) -> Q:
        return _any_of({f"{name}__in": sorted(reach.sources) for name in names})

    return rule


def of_stock(name: str) -> Rule:
    """The row names a stock within the reach."""
    return lambda reach: Q(**{f"{name}__in": sorted(reach.stocks)})


def of_row(name: str, model: type[Model]) -> Rule:
    """The row belongs to one of ``model`` that lies within."""
    return lambda reach: Q(**{f"{name}__in": rows_within(model, reach).values("pk")})


def own(name: str) -> Rule:
    """The row is the person's own."""
    return lambda reach: Q(**{name: reach.user_id})


def either(*rules: Rule) -> Rule:
    """One of the rules says so."""

    def rule(reach: Reach) -> Q:
        found = Q()
        for one in rules:
            found |= one(reach)
        return found

    return rule


def with_shipment(reach: Reach) -> Q:
    """The order has a shipment that lies within."""
    return Q(pk__in=rows_within(Shipment, reach).values("order"))


def _any_of(conditions: dict[str, Any]) -> Q:
    return Q(*conditions.items(), _connector=Q.OR)


# Products, carriers and texts are everybody's. What has no rule is closed to people with limits,
# unless config/limit_gate.py opens it.
RULES: dict[type[Model], Rule] = {
    Source: of_source("pk"),
    Stock: of_stock("pk"),
    StockSource: of_stock("stock"),
    SalesChannel: of_stock("stock"),
    SourceItem: of_source("source"),
    FutureSupply: of_source("source", "sent_from"),
    Delivery: either(
        of_source("source"),
        lambda reach: Q(
            source=None,
            pk__in=Receipt._base_manager.filter(
                future_supply__source__in=sorted(reach.sources)
            ).values("delivery"),
        ),
    ),
    Receipt: of_row("future_supply", FutureSupply),
    Reservation: of_stock("stock"),
    StockBalance: of_stock("stock"),
    LowStockDigest: of_source("source"),
    BackInStockRequest: of_stock("channel__stock"),
    ImportFile: own("uploaded_by"),
    Job: own("started_by"),
    BulkChange: own("made_by"),
    Order: either(of_stock("stock"), of_source("pickup_source"), with_shipment),
    OrderLine: of_row("order", Order),
    OrderNote: of_row("order", Order),
    OrderEmail: of_row("order", Order),
    OrderChange: of_row("order", Order),
    Payment: of_row("order", Order),
    PaymentOperation: of_row("payment__order", Order),
    Cancellation: of_row("order", Order),
    Refund: of_row("order", Order),
    Return: of_row("order", Order),
    Shipment: either(of_source("source", "pickup_source"), of_stock("stock")),
    ShipmentLine: of_row("shipment", Shipment),
    ShipmentEvent: of_row("shipment", Shipment),
    ShipmentNote: of_row("shipment", Shipment),
    Parcel: of_row("shipment", Shipment),
    DelayRequest: of_row("shipment", Shipment),
    Allocation: of_source("source_item__source", "future_supply__source"),
    PickList: of_source("source"),
    PickLine: of_row("pick_list", PickList),
    WaitingBalance: of_stock("stock"),
    WaitingRule: either(of_source("source"), of_stock("stock")),
    ReleaseRun: own("started_by"),
    ReleaseDecision: of_row("shipment", Shipment),
    RuleRun: own("started_by"),
    RuleStep: of_row("rule", WaitingRule),
    RuleAct: of_row("shipment", Shipment),
    RuleEmail: of_row("step__rule", WaitingRule),
}


# What the members of the API's bodies name. The id is that of an answered delay request.
MEMBERS: dict[str, tuple[type[Model], str]] = {
    "source": (Source, "code"),
    "sources": (Source, "code"),
    "pickup_source": (Source, "code"),
    "stock": (Stock, "code"),
    "channel": (SalesChannel, "code"),
    "sales_channels": (SalesChannel, "code"),
    "order": (Order, "number"),
    "shipment": (Shipment, "number"),
    "shipments": (Shipment, "number"),
    "future_supply": (FutureSupply, "pk"),
    "id": (DelayRequest, "pk"),
}


def register_rules() -> None:
    """Make the rules known; called when the apps are ready."""
    for model, rule in RULES.items():
        register(model, rule)
    find_people_by(reach_of)
    for name, (model, column) in MEMBERS.items():
        register_member(name, model, column)
