"""``sales-channels/``: where orders come from, with what each does about delays."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import ListEndpoint, RowEndpoint
from core.api.fields import StrictSerializer, TextField
from core.api.pagination import PagesByCode
from core.api.problems import Fault, refused
from inventory.models import SalesChannel, Stock
from inventory.operations.stocks import save_channel
from inventory.options import DelayRule


class SalesChannelChange(StrictSerializer):
    """What of a sales channel may change."""

    name = TextField(max_length=200, required=False, allow_blank=True)
    stock = TextField(source="stock.code", max_length=64, required=False)
    delay_rule = serializers.ChoiceField(
        choices=[(rule.value, rule.label) for rule in DelayRule],
        required=False,
        help_text="What happens when units are late: nothing, an e-mail, or a request for consent.",
    )


class SalesChannelBody(SalesChannelChange):
    """A sales channel. Its code is fixed after creation."""

    code = serializers.CharField(read_only=True)


class SalesChannelsEndpoint(ListEndpoint):
    queryset = SalesChannel.objects.select_related("stock").order_by("code")
    serializer_class = SalesChannelBody
    pagination_class = PagesByCode


class SalesChannelEndpoint(RowEndpoint):
    queryset = SalesChannel.objects.select_related("stock").order_by("code")
    serializer_class = SalesChannelBody

    @extend_schema(request=SalesChannelChange)
    def patch(self, request: Request, code: str) -> Response:
        channel = self.found(self.get_queryset(), code=code)
        values = self.validated(request, SalesChannelChange, is_change=True)
        changed: dict[str, Any] = {name: values[name] for name in values if name != "stock"}
        if "stock" in values:
            changed["stock"] = _stock(values["stock"]["code"])
        save_channel(channel, changed=changed)
        return Response(SalesChannelBody(channel).data)


def _stock(code: str) -> Stock:
    stock = Stock.objects.filter(code=code).order_by("pk").first()
    if stock is None:
        detail = gettext("There is no such stock.")
        raise refused("UNKNOWN_STOCK", detail, [Fault("/stock", "UNKNOWN_STOCK", detail)])
    return stock
