"""``sources/``: the places that hold and ship units."""

from django.core.exceptions import ValidationError
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint, ListEndpoint
from core.api.fields import (
    EmailField,
    KnownCountryField,
    LatitudeField,
    LongitudeField,
    StrictSerializer,
    TextField,
    YesNoField,
)
from core.api.filters import YesNoFilter
from core.api.idempotency import once
from core.api.pagination import PagesByCode
from core.api.problems import of_model
from core.operations.idempotency import Answer
from inventory.models import Source
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
    street = _text(200)
    city = _text(100)
    region = _text(100)
    postcode = _text(32)
    country = TextField(
        max_length=100, help_text="The ISO 3166 code; a name of the country is taken for it."
    )
    latitude = LatitudeField(required=False, allow_null=True)
    longitude = LongitudeField(required=False, allow_null=True)


class SourceBody(SourceChange):
    """A source. Its code is fixed after creation."""

    code = TextField(max_length=64)
    is_known_country = KnownCountryField()


class SourceFilters(filters.FilterSet):
    enabled = YesNoFilter(field_name="is_enabled")
    is_pickup_location = YesNoFilter()
    ships_to_home = YesNoFilter()

    class Meta:
        model = Source
        fields: list[str] = []


class SourcesEndpoint(ListEndpoint):
    required_permissions = {"GET": "inventory.view_source", "POST": "inventory.add_source"}
    queryset = Source.objects.order_by("code")
    serializer_class = SourceBody
    filterset_class = SourceFilters
    pagination_class = PagesByCode

    @extend_schema(operation_id="sources_list")
    def get(self, request: Request) -> Response:
        return self.page(self.get_queryset())

    @extend_schema(responses={201: SourceBody})
    def post(self, request: Request) -> Response:
        values = self.validated(request)

        def perform() -> Answer:
            source = _checked(Source(**values))
            stocks.save_source(source)
            return Answer(201, self.get_serializer(source).data)

        return once(request, perform)


class SourceEndpoint(Endpoint):
    required_permissions = {"GET": "inventory.view_source", "PATCH": "inventory.change_source"}
    queryset = Source.objects.order_by("code")
    serializer_class = SourceBody

    def get(self, request: Request, code: str) -> Response:
        return Response(SourceBody(self.found(self.get_queryset(), code=code)).data)

    @extend_schema(request=SourceChange)
    def patch(self, request: Request, code: str) -> Response:
        source = self.found(self.get_queryset(), code=code)
        change = SourceChange(data=request.data, is_change=True)
        change.is_valid(raise_exception=True)
        for name, value in change.validated_data.items():
            setattr(source, name, value)
        stocks.save_source(_checked(source), changed=change.validated_data)
        source.refresh_from_db()
        return Response(SourceBody(source).data)


def _checked(source: Source) -> Source:
    """Return ``source`` if its model accepts it.

    :raises core.api.problems.ProblemError: 422 with every fault.
    """
    try:
        source.full_clean()
    except ValidationError as error:
        raise of_model(error) from error
    return source
