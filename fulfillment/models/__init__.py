from fulfillment.models.allocation import Allocation, WaitingBalance
from fulfillment.models.arrival import ArrivalNotice
from fulfillment.models.figures import DailyFigures, SupplyOutlook, WaitingFigures
from fulfillment.models.receipt_share import ReceiptShare
from fulfillment.models.release_run import ReleaseDecision, ReleaseRun
from fulfillment.models.review import ReviewColumns, ReviewView
from fulfillment.models.shipment import Shipment, ShipmentBar, ShipmentLine
from fulfillment.models.shipment_event import ShipmentEvent

__all__ = [
    "Allocation",
    "ArrivalNotice",
    "DailyFigures",
    "ReceiptShare",
    "ReleaseDecision",
    "ReleaseRun",
    "ReviewColumns",
    "ReviewView",
    "Shipment",
    "ShipmentBar",
    "ShipmentEvent",
    "ShipmentLine",
    "SupplyOutlook",
    "WaitingBalance",
    "WaitingFigures",
]
