"""Addresses of the inventory under ``/api/v1/``."""

from django.urls import path, re_path

from inventory.api.availability import AvailabilityEndpoint
from inventory.api.back_in_stock import BackInStockEndpoint
from inventory.api.configuration import ConfigurationEndpoint
from inventory.api.deliveries import DeliveriesEndpoint, DeliveryEndpoint
from inventory.api.future_supply import (
    CancelSupplyEndpoint,
    FutureSuppliesEndpoint,
    FutureSupplyEndpoint,
    ReceiveSupplyEndpoint,
)
from inventory.api.products import ProductEndpoint, ProductsEndpoint
from inventory.api.receipts import ReceiptsEndpoint, TakeBackEndpoint
from inventory.api.reservations import ReservationsEndpoint
from inventory.api.sales_channels import SalesChannelEndpoint, SalesChannelsEndpoint
from inventory.api.source_items import (
    AdjustSourceItemsEndpoint,
    SetSourceItemsEndpoint,
    SourceItemsEndpoint,
)
from inventory.api.sources import SourceEndpoint, SourcesEndpoint
from inventory.api.stocks import StockEndpoint, StocksEndpoint

urlpatterns = [
    path("configuration/", ConfigurationEndpoint.as_view(), name="configuration"),
    path("sources/", SourcesEndpoint.as_view(), name="sources"),
    path("sources/<str:code>/", SourceEndpoint.as_view(), name="source"),
    path("stocks/", StocksEndpoint.as_view(), name="stocks"),
    path("stocks/<str:code>/", StockEndpoint.as_view(), name="stock"),
    path("sales-channels/", SalesChannelsEndpoint.as_view(), name="sales-channels"),
    path("sales-channels/<str:code>/", SalesChannelEndpoint.as_view(), name="sales-channel"),
    path("products/", ProductsEndpoint.as_view(), name="products"),
    # A SKU may have slashes.
    re_path(r"^products/(?P<sku>[\s\S]+)/\Z", ProductEndpoint.as_view(), name="product"),
    path("source-items/", SourceItemsEndpoint.as_view(), name="source-items"),
    path("source-items/set/", SetSourceItemsEndpoint.as_view(), name="set-source-items"),
    path("source-items/adjust/", AdjustSourceItemsEndpoint.as_view(), name="adjust-source-items"),
    path("future-supply/", FutureSuppliesEndpoint.as_view(), name="future-supply"),
    path("future-supply/<int:pk>/", FutureSupplyEndpoint.as_view(), name="future-supply-record"),
    path("future-supply/<int:pk>/receive/", ReceiveSupplyEndpoint.as_view(), name="receive-supply"),
    path("future-supply/<int:pk>/cancel/", CancelSupplyEndpoint.as_view(), name="cancel-supply"),
    path("deliveries/", DeliveriesEndpoint.as_view(), name="deliveries"),
    path("deliveries/<int:pk>/", DeliveryEndpoint.as_view(), name="delivery"),
    path("receipts/", ReceiptsEndpoint.as_view(), name="receipts"),
    path("receipts/<int:pk>/take-back/", TakeBackEndpoint.as_view(), name="take-back-receipt"),
    path("reservations/", ReservationsEndpoint.as_view(), name="reservations"),
    path("back-in-stock/", BackInStockEndpoint.as_view(), name="back-in-stock"),
    path("availability/", AvailabilityEndpoint.as_view(), name="availability"),
]
