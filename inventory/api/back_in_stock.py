"""``back-in-stock/``: customers who ask to hear when a product can be bought again."""

from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import ListEndpoint
from core.api.fields import EmailField, StrictSerializer, TextField
from core.api.filters import WordsFilter
from core.api.idempotency import once
from core.api.pagination import Pages
from core.operations.idempotency import Answer
from inventory.api.row_keys import keys_of
from inventory.models import BackInStockRequest
from inventory.operations.back_in_stock import NewBackInStockRequest, ask


class BackInStockCountSerializer(serializers.Serializer[Any]):
    """How many confirmed requests wait for a product in a sales channel."""

    sku = serializers.CharField(source="product__sku")
    channel = serializers.CharField(source="channel__code")
    waiting_count = serializers.IntegerField()


class BackInStockBody(StrictSerializer):
    """Who asks for what; the e-mails are in the language, where the site has it."""

    email = EmailField()
    language = TextField(max_length=16, required=False, default="en")
    sku = TextField(max_length=64)
    channel = TextField(max_length=64)


class BackInStockSerializer(serializers.Serializer[Any]):
    """What was asked about; whether an e-mail is sent is not said."""

    sku = serializers.CharField()
    channel = serializers.CharField()


class BackInStockFilters(filters.FilterSet):
    sku = WordsFilter(field_name="product__sku")
    channel = WordsFilter(field_name="channel__code")


class PagesByProduct(Pages):
    ordering = ("product__sku", "channel__code")


class BackInStockEndpoint(ListEndpoint):
    queryset = (
        BackInStockRequest.objects.waiting()
        .values("product__sku", "channel__code")
        .annotate(waiting_count=Count("pk"))
    )
    serializer_class = BackInStockCountSerializer
    filterset_class = BackInStockFilters
    pagination_class = PagesByProduct

    @extend_schema(request=BackInStockBody, responses={202: BackInStockSerializer})
    def post(self, request: Request) -> Response:
        """Ask for one e-mail when a product can be bought again.

        The address gets a link to confirm that, once for each product and at most five times a
        day. The answer is the same in every case.
        """
        values = self.validated(request, BackInStockBody)
        site = settings.SITE_URL or request.build_absolute_uri("/").rstrip("/")

        def perform() -> Answer:
            [(product_id, channel_id)] = keys_of([values], "sku", "channel", is_list=False)
            asked = NewBackInStockRequest(
                product_id=product_id,
                channel_id=channel_id,
                email=values["email"],
                language=values["language"],
                site=site,
            )
            ask(asked, now=timezone.now())
            return Answer(202, BackInStockSerializer(values).data)

        return once(request, perform)
