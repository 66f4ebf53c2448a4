"""``sources/``: what holds units to ship."""

from collections.abc import Mapping
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import ListEndpoint, RowEndpoint
from core.api.fields import (
    ClockField,
    DayField,
    EmailField,
    KnownCountryField,
    LatitudeField,
    LongitudeField,
    StrictSerializer,
    TextField,
    WholeField,
    YesNoField,
)
from core.api.filters import YesNoFilter
from core.api.idempotency import once
from core.api.pagination import PagesByCode
from core.clock import today
from core.operations.idempotency import Answer
from inventory.models import Source
from inventory.models.product import LONGEST_LEAD_TIME
from inventory.models.source import MOST_CLOSED_DAYS, WEEKDAYS
from inventory.operations import stocks


def _text(length: int) -> TextField:
    return TextField(max_length=length, required=False, allow_blank=True)


class SourceChange(StrictSerializer):
    """What of a source may change."""

    name = TextField(max_length=200)
    enabled = YesNoField(source="is_enabled", required=False)
    description = TextField(allow_lines=True, required=False, allow_blank=True, max_length=10_000)
    ships_to_home = YesNoField(required=False)
    is_pickup_location = YesNoField(required=False)
    contact_name = _text(200)
    email = EmailField(required=False, allow_blank=True)
    phone = _text(64)
    opening_hours = _text(300)
    street = _text(200)
    city = _text(100)
    region = _text(100)
    postcode = _text(32)
    country = TextField(
        max_length=100, help_text="The ISO 3166 code; a name of the country is taken for it."
    )
    latitude = LatitudeField(required=False, allow_null=True)
    longitude = LongitudeField(required=False, allow_null=True)
    lead_time_days = WholeField(
        min_value=0, max_value=LONGEST_LEAD_TIME, required=False, allow_null=True
    )
    work_days = serializers.ListField(
        child=serializers.ChoiceField(choices=WEEKDAYS),
        required=False,
        allow_empty=False,
        # Said in the description, too.
        min_length=1,
        help_text="Days of the week on which orders leave; expected dates fall on them.",
    )
    is_closed_on_holidays = YesNoField(
        required=False,
        help_text="Closed on the nationwide public holidays of the country of the source.",
    )
    closed_days = serializers.ListField(
        child=DayField(),
        required=False,
        max_length=MOST_CLOSED_DAYS,
        help_text="Other days on which nothing leaves.",
    )
    cut_off_time = ClockField(
        required=False,
        allow_null=True,
        help_text="From this time on, in the time zone of the site, days are counted from the "
        "next working day.",
    )


class SourceBody(SourceChange):
    """A source. Its code is fixed after creation."""

    code = TextField(max_length=64)
    is_known_country = KnownCountryField()


class SourceFilters(filters.FilterSet):
    enabled = YesNoFilter(field_name="is_enabled")
    is_pickup_location = YesNoFilter()
    ships_to_home = YesNoFilter()


class SourcesEndpoint(ListEndpoint):
    limited_methods = ("GET",)
    queryset = Source.objects.order_by("code")
    serializer_class = SourceBody
    filterset_class = SourceFilters
    pagination_class = PagesByCode

    @extend_schema(responses={201: SourceBody})
    def post(self, request: Request) -> Response:
        values = self.validated(request)
        return once(request, lambda: Answer(201, _saved(Source(), values)))


class SourceEndpoint(RowEndpoint):
    queryset = Source.objects.order_by("code")
    serializer_class = SourceBody

    @extend_schema(request=SourceChange)
    def patch(self, request: Request, code: str) -> Response:
        source = self.found(self.get_queryset(), code=code)
        values = self.validated(request, SourceChange, is_change=True)
        return Response(_saved(source, values))


def _saved(source: Source, values: Mapping[str, Any]) -> Any:
    """Give a source its new values, save it, and return it as answers have it.

    :raises django.core.exceptions.ValidationError: with every fault.
    """
    for name, value in values.items():
        setattr(source, name, value)
    source.full_clean()
    stocks.save_source(source, today=today(), changed=values)
    source.refresh_from_db()
    return SourceBody(source).data
