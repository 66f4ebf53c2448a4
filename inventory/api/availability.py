"""``availability/``: what a storefront may sell of products, with what it shows beside them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint
from core.api.fields import SignedQuantityField
from core.clock import today
from core.formats import filled
from inventory.option_rules import CANNOT_BE_BOUGHT, LIMITING_OPTIONS, nothing_to_buy
from inventory.options import Backorders, choices_of
from inventory.queries.salability_facts import Availability, availability_in_stock
from inventory.salability import (
    is_listed,
    is_salable,
    salable_quantity,
    storefront_sentence,
)

MOST_SKUS = 1_000


class AvailabilitySerializer(serializers.Serializer[Any]):
    """A product in a stock; a stock that has none of it assigned knows no quantity (null)."""

    sku = serializers.CharField()
    assigned = serializers.BooleanField()
    salable_quantity = SignedQuantityField(allow_null=True)
    unlimited = serializers.BooleanField()
    is_salable = serializers.BooleanField()
    backorders = serializers.ChoiceField(choices=list(choices_of(Backorders)))
    cannot_be_bought = serializers.ChoiceField(
        choices=list(CANNOT_BE_BOUGHT),
        allow_null=True,
        help_text="Why the product's own limits leave no quantity to buy; null: they leave one.",
    )
    is_listed = serializers.BooleanField()
    preorder_on = serializers.DateField(
        allow_null=True,
        help_text="The release date until which orders are pre-orders; null: they are not.",
    )
    message = serializers.CharField(allow_blank=True)


class AvailabilityEndpoint(Endpoint):
    limited_methods = ("GET",)
    required_permissions = {"GET": "inventory.view_product"}
    query_parameters = {"GET": ("stock", "sku")}
    serializer_class = AvailabilitySerializer

    @extend_schema(
        operation_id="availability_list",
        responses=AvailabilitySerializer(many=True),
        parameters=[
            OpenApiParameter("stock", OpenApiTypes.STR, required=True, pattern="^.+$"),
            OpenApiParameter(
                "sku",
                OpenApiTypes.STR,
                required=True,
                pattern="^[^,]+(,[^,]+)*$",
                description="Up to 1,000, with commas.",
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        """What a stock can sell of these SKUs; those that no product has are left out."""
        stock = request.query_params.get("stock", "")
        skus = [sku for sku in request.query_params.get("sku", "").split(",") if sku]
        if not stock or not skus or len(skus) > MOST_SKUS:
            raise ValidationError(
                {"sku": gettext("Name a stock, and 1 to 1,000 SKUs with commas between them.")}
            )
        found = availability_in_stock(stock, skus, today=today())
        if found is None:
            raise NotFound(gettext("There is no such stock."))
        rows = [
            _row(found.products[sku], found.configuration)
            for sku in dict.fromkeys(skus)
            if sku in found.products
        ]
        return Response(AvailabilitySerializer(rows, many=True).data)


def _row(found: Availability, configuration: Mapping[str, object]) -> dict[str, Any]:
    facts = found.facts
    nothing = nothing_to_buy({name: getattr(facts.policy, name) for name in LIMITING_OPTIONS})
    shows_availability = bool(configuration["show_availability"])
    shown = storefront_sentence(facts, show_availability=shows_availability)
    salable: Decimal | None = salable_quantity(facts) if facts.is_assigned else None
    return {
        "sku": found.product.sku,
        "assigned": facts.is_assigned,
        "salable_quantity": salable,
        "unlimited": facts.is_assigned and facts.policy.is_unlimited,
        "is_salable": is_salable(facts),
        "backorders": facts.policy.backorders.value,
        "cannot_be_bought": None if nothing is None else nothing.code,
        "is_listed": is_listed(
            facts, shows_out_of_stock=bool(configuration["display_out_of_stock"])
        ),
        "preorder_on": facts.preorder_on,
        "message": "" if shown is None else filled(shown.message, shown.values),
    }
