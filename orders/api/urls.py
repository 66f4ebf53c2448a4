"""Addresses of orders under ``/api/v1/``."""

from django.urls import path

from orders.api.changes import CancelEndpoint, CaptureEndpoint, RefundEndpoint
from orders.api.check import CheckEndpoint
from orders.api.inconsistencies import InconsistenciesEndpoint
from orders.api.notes import OrderNotesEndpoint
from orders.api.order_changes import OrderChangeEndpoint, OrderChangesEndpoint
from orders.api.orders import OrderEndpoint, OrdersEndpoint
from orders.api.returns import ReturnEndpoint, ReturnRefundEndpoint, ReturnsEndpoint

urlpatterns = [
    path("availability/check/", CheckEndpoint.as_view(), name="availability-check"),
    path("orders/", OrdersEndpoint.as_view(), name="orders"),
    path("orders/<str:number>/", OrderEndpoint.as_view(), name="order"),
    path("orders/<str:number>/cancel/", CancelEndpoint.as_view(), name="cancel-order"),
    path("orders/<str:number>/capture/", CaptureEndpoint.as_view(), name="capture-order"),
    path("orders/<str:number>/refund/", RefundEndpoint.as_view(), name="refund-order"),
    path("orders/<str:number>/changes/", OrderChangesEndpoint.as_view(), name="order-changes"),
    path(
        "orders/<str:number>/changes/<int:pk>/", OrderChangeEndpoint.as_view(), name="order-change"
    ),
    path("orders/<str:number>/notes/", OrderNotesEndpoint.as_view(), name="order-notes"),
    path("returns/", ReturnsEndpoint.as_view(), name="returns"),
    path("returns/<int:pk>/", ReturnEndpoint.as_view(), name="return"),
    path("returns/<int:pk>/refund/", ReturnRefundEndpoint.as_view(), name="refund-return"),
    path("inconsistencies/", InconsistenciesEndpoint.as_view(), name="inconsistencies"),
]
