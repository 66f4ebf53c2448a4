"""``stocks/``: pools of sources, with the sales channels they serve."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import ListEndpoint, RowEndpoint
from core.api.fields import StrictSerializer, TextField, WholeField
from core.api.idempotency import once
from core.api.pagination import PagesByCode
from core.api.problems import Fault, refused
from core.operations.idempotency import Answer
from inventory.models import SalesChannel, Source, Stock, StockSource
from inventory.models.source import code_validator
from inventory.operations import stocks

CHANNELS = 1_000
SOURCES = 1_000


class LinkBody(StrictSerializer):
    """A source of a stock: the lowest priority is tried first, of equals the lowest code.

    Priorities are numbered from 1 without gaps when they are saved; equal ones stay equal.
    """

    source = TextField(source="source.code", max_length=64)
    priority = WholeField(min_value=1)


class StockChange(StrictSerializer):
    """What of a stock may change. Lists replace what is there."""

    name = TextField(max_length=200)
    sources = LinkBody(source="links", many=True, required=False, max_length=SOURCES)
    sales_channels = serializers.ListField(
        child=TextField(max_length=64, validators=[code_validator]),
        required=False,
        max_length=CHANNELS,
    )

    def to_representation(self, instance: Stock) -> dict[str, Any]:
        return {
            "code": instance.code,
            "name": instance.name,
            "sources": LinkBody(instance.links.all(), many=True).data,
            "sales_channels": [channel.code for channel in instance.sales_channels.all()],
        }


class StockBody(StockChange):
    """A stock. Its code is fixed after creation."""

    code = TextField(max_length=64)


def stock_rows() -> Any:
    """Return stocks with their sources by priority and code, and their channels by code."""
    links = StockSource.objects.select_related("source").order_by("priority", "source__code")
    channels = SalesChannel.objects.order_by("code")
    return Stock.objects.prefetch_related(
        Prefetch("links", links), Prefetch("sales_channels", channels)
    ).order_by("code")


class StocksEndpoint(ListEndpoint):
    limited_methods = ("GET",)
    queryset = stock_rows()
    serializer_class = StockBody
    pagination_class = PagesByCode

    @extend_schema(responses={201: StockBody})
    def post(self, request: Request) -> Response:
        values = self.validated(request)
        return once(request, lambda: Answer(201, _saved(Stock(code=values["code"]), values)))


class StockEndpoint(RowEndpoint):
    queryset = stock_rows()
    serializer_class = StockBody

    @extend_schema(request=StockChange)
    def patch(self, request: Request, code: str) -> Response:
        stock = self.found(self.get_queryset(), code=code)
        values = self.validated(request, StockChange, is_change=True)
        return Response(_saved(stock, values))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, code: str) -> Response:
        stock = self.found(self.get_queryset(), code=code)
        stocks.delete_stock(stock.pk)
        return Response(status=204)


def _saved(stock: Stock, values: Mapping[str, Any]) -> Any:
    """Save a stock with its new values, and return it as answers have it."""
    stock.name = values.get("name", stock.name)
    stock.full_clean()
    links = values.get("links")
    stocks.save_stock(
        stock,
        name=values.get("name"),
        priorities=None if links is None else _priorities(links),
        channel_codes=values.get("sales_channels"),
    )
    return StockBody(stock_rows().get(pk=stock.pk)).data


def _priorities(links: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    codes = [link["source"]["code"] for link in links]
    known = dict(Source.objects.filter(code__in=codes).values_list("code", "pk"))
    faults = [
        Fault(f"/sources/{index}/source", "UNKNOWN_SOURCE", gettext("There is no such source."))
        for index, code in enumerate(codes)
        if code not in known
    ]
    faults += [
        Fault(f"/sources/{index}", "NAMED_TWICE", gettext("A source is named once."))
        for index, code in enumerate(codes)
        if code in codes[:index]
    ]
    if faults:
        raise refused("INVALID", gettext("The sources of the stock are refused."), faults)
    return {known[link["source"]["code"]]: link["priority"] for link in links}
