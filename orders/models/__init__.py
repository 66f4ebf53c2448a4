from orders.models.change import Cancellation, CancellationLine, Refund, RefundLine
from orders.models.delivery import VirtualDelivery
from orders.models.email import OrderEmail
from orders.models.note import OrderNote
from orders.models.notice_text import NoticeText
from orders.models.order import FulfillmentMethod, Order
from orders.models.order_change import OrderChange
from orders.models.order_line import OrderLine, leaving_sum
from orders.models.payment import CaptureLine, Payment, PaymentOperation
from orders.models.returns import Return, ReturnLine

__all__ = [
    "Cancellation",
    "CancellationLine",
    "CaptureLine",
    "FulfillmentMethod",
    "NoticeText",
    "Order",
    "OrderChange",
    "OrderEmail",
    "OrderLine",
    "OrderNote",
    "Payment",
    "PaymentOperation",
    "Refund",
    "RefundLine",
    "Return",
    "ReturnLine",
    "VirtualDelivery",
    "leaving_sum",
]
