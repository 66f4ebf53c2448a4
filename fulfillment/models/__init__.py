from fulfillment.models.allocation import Allocation
from fulfillment.models.arrival import ArrivalNotice
from fulfillment.models.carrier import Carrier
from fulfillment.models.delay_request import DelayDecision, DelayRequest
from fulfillment.models.demand_digest import DemandDigest
from fulfillment.models.figures import DailyFigures, SupplyOutlook, WaitingFigures
from fulfillment.models.note import ShipmentNote
from fulfillment.models.parcel import Parcel
from fulfillment.models.pick_list import PickLine, PickList, PickScan
from fulfillment.models.receipt_share import ReceiptShare
from fulfillment.models.release_run import ReleaseDecision, ReleaseRun
from fulfillment.models.rule_email import RuleEmail
from fulfillment.models.rule_run import RuleAct, RuleRun, RuleStep
from fulfillment.models.scheduled_work import ScheduledWork
from fulfillment.models.shipment import Shipment, Shipments
from fulfillment.models.shipment_event import ShipmentEvent
from fulfillment.models.shipment_line import ShipmentLine
from fulfillment.models.source_bar import SourceBar
from fulfillment.models.waiting_balance import WaitingBalance
from fulfillment.models.waiting_rule import WaitingRule

__all__ = [
    "Allocation",
    "ArrivalNotice",
    "Carrier",
    "DailyFigures",
    "DelayDecision",
    "DelayRequest",
    "DemandDigest",
    "Parcel",
    "PickLine",
    "PickList",
    "PickScan",
    "ReceiptShare",
    "ReleaseDecision",
    "ReleaseRun",
    "RuleAct",
    "RuleEmail",
    "RuleRun",
    "RuleStep",
    "ScheduledWork",
    "Shipment",
    "ShipmentEvent",
    "ShipmentLine",
    "ShipmentNote",
    "Shipments",
    "SourceBar",
    "SupplyOutlook",
    "WaitingBalance",
    "WaitingFigures",
    "WaitingRule",
]
