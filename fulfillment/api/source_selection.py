"""``source-selection/``: from which sources some needs would best be taken."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint
from core.api.fields import (
    Body,
    LatitudeField,
    LongitudeField,
    QuantityField,
    StrictSerializer,
    TextField,
    UnitsField,
)
from core.api.problems import Fault, refused
from core.clock import today
from fulfillment.queries.recommendation import (
    RequestedUnits,
    UnknownSkusError,
    UnknownStockError,
    recommend,
)
from inventory.options import SourceSelection

MOST_LINES = 1_000


class DestinationBody(StrictSerializer):
    latitude = LatitudeField()
    longitude = LongitudeField()


class SelectionLineBody(StrictSerializer):
    sku = TextField(max_length=64)
    quantity = UnitsField()


class SelectionBody(StrictSerializer):
    """What is needed of a stock, and the order in which its sources are tried."""

    stock = TextField(max_length=64)
    algorithm = serializers.ChoiceField(choices=[(one.value, one.value) for one in SourceSelection])
    destination = DestinationBody(required=False, allow_null=True)
    lines = SelectionLineBody(many=True, allow_empty=False, max_length=MOST_LINES)


class SourceUnitsSerializer(Body[Any]):
    source = serializers.CharField()
    sku = serializers.CharField()
    quantity = QuantityField()
    available = QuantityField()


class SourceSelectionSerializer(serializers.Serializer[Any]):
    """What to take where, sources in the order of use."""

    is_covered = serializers.BooleanField()
    takes = SourceUnitsSerializer(many=True)


class SourceSelectionEndpoint(Endpoint):
    limited_methods = ("POST",)
    required_permissions = {"POST": "inventory.view_sourceitem"}
    serializer_class = SelectionBody

    @extend_schema(operation_id="source_selection", responses=SourceSelectionSerializer)
    def post(self, request: Request) -> Response:
        """Recommend sources for what is needed, and write nothing."""
        values = self.validated(request)
        destination = values.get("destination")
        try:
            found = recommend(
                values["stock"],
                [RequestedUnits(**row) for row in values["lines"]],
                algorithm=SourceSelection(values["algorithm"]),
                today=today(),
                destination=destination and (destination["latitude"], destination["longitude"]),
            )
        except UnknownStockError as error:
            detail = gettext("There is no such stock.")
            fault = Fault("/stock", "UNKNOWN_STOCK", detail)
            raise refused("UNKNOWN", detail, [fault]) from error
        except UnknownSkusError as error:
            detail = gettext("There is no product with this SKU.")
            faults = [
                Fault(f"/lines/{index}/sku", "UNKNOWN_SKU", detail)
                for index, row in enumerate(values["lines"])
                if row["sku"] in error.skus
            ]
            raise refused("UNKNOWN", detail, faults) from error
        return Response(SourceSelectionSerializer(found).data)
