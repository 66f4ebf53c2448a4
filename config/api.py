"""The addresses of the HTTP API, with its description."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from config.api_description import DescriptionView
from core.api.endpoint import Nowhere

app_name = "api"
urlpatterns = [
    path("schema/", DescriptionView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    path("", include("inventory.api.urls")),
    path("", include("orders.api.urls")),
    path("", include("fulfillment.api.urls")),
    re_path(r"^[\s\S]*$", Nowhere.as_view(), name="nowhere"),
]
