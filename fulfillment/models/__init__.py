from fulfillment.models.allocation import Allocation, WaitingBalance
from fulfillment.models.release_run import ReleaseDecision, ReleaseRun
from fulfillment.models.shipment import Shipment, ShipmentBar, ShipmentEvent, ShipmentLine

__all__ = [
    "Allocation",
    "ReleaseDecision",
    "ReleaseRun",
    "Shipment",
    "ShipmentBar",
    "ShipmentEvent",
    "ShipmentLine",
    "WaitingBalance",
]
