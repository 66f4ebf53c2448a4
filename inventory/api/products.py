"""``products/``: what is sold, with its own option values and what is in force."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint, ListEndpoint
from core.api.fields import MoneyField, StrictSerializer, TextField, YesNoField
from core.api.filters import WordsFilter, YesNoFilter
from core.api.idempotency import once
from core.api.pagination import PagesBySku
from core.api.problems import of_model
from core.operations.idempotency import Answer
from inventory.api.option_fields import effective, effective_serializer, overrides_serializer
from inventory.api.rule_problems import of_conflicts
from inventory.codes import BARCODE_MAX_LENGTH, SKU_MAX_LENGTH
from inventory.models import InventoryConfiguration, Product
from inventory.operations import options
from inventory.options import Scope
from inventory.queries.product_notices import ProductNotice, notices_of
from inventory.resolution import Values, resolve_all

ProductOverrides = overrides_serializer(Scope.PRODUCT, name="ProductOverrides")
ProductEffective = effective_serializer(Scope.PRODUCT, name="ProductEffective")


class ProductChange(StrictSerializer):
    """What of a product may change."""

    barcode = TextField(max_length=BARCODE_MAX_LENGTH, required=False, allow_null=True)
    name = TextField(max_length=200)
    enabled = YesNoField(source="is_enabled", required=False)
    type = serializers.ChoiceField(
        source="product_type", choices=Product.Type.choices, required=False
    )
    price = MoneyField(required=False)
    overrides = ProductOverrides(required=False)


class NoticeBody(serializers.Serializer[Any]):
    """What is odd about a product, and was taken all the same."""

    code = serializers.CharField()
    detail = serializers.CharField()


class ProductBody(ProductChange):
    """A product. Its SKU is fixed after creation."""

    sku = TextField(max_length=SKU_MAX_LENGTH)
    effective = ProductEffective(read_only=True)
    notices = NoticeBody(many=True, read_only=True)


class ProductFilters(filters.FilterSet):
    sku = WordsFilter(help_text="One or several, separated by commas.")
    barcode = WordsFilter(help_text="One or several, separated by commas.")
    enabled = YesNoFilter(field_name="is_enabled")
    type = filters.ChoiceFilter(field_name="product_type", choices=Product.Type.choices)

    class Meta:
        model = Product
        fields: list[str] = []


class ProductsEndpoint(ListEndpoint):
    required_permissions = {"GET": "inventory.view_product", "POST": "inventory.add_product"}
    queryset = Product.objects.order_by("sku")
    serializer_class = ProductBody
    filterset_class = ProductFilters
    pagination_class = PagesBySku

    @extend_schema(operation_id="products_list")
    def get(self, request: Request) -> Response:
        chosen = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(_answers(chosen or ()))

    @extend_schema(responses={201: ProductBody})
    def post(self, request: Request) -> Response:
        values = self.validated(request)

        def perform() -> Answer:
            product = _changed(Product(), values)
            _save(product)
            return Answer(201, _answers([product])[0])

        return once(request, perform)


class ProductEndpoint(Endpoint):
    required_permissions = {"GET": "inventory.view_product", "PATCH": "inventory.change_product"}
    queryset = Product.objects.order_by("sku")
    serializer_class = ProductBody

    def get(self, request: Request, sku: str) -> Response:
        product = self.found(self.get_queryset(), sku=sku)
        return Response(_answers([product])[0])

    @extend_schema(request=ProductChange)
    def patch(self, request: Request, sku: str) -> Response:
        product = self.found(self.get_queryset(), sku=sku)
        change = ProductChange(data=request.data, is_change=True)
        change.is_valid(raise_exception=True)
        values = dict(change.validated_data)
        named = {*values, *values.get("overrides", {})}
        _save(_changed(product, values), changed=named)
        product.refresh_from_db()
        return Response(_answers([product])[0])


def _changed(product: Product, values: Mapping[str, Any]) -> Product:
    """Give ``product`` its new values.

    :raises core.api.problems.ProblemError: 422 with what its model refuses.
    """
    own = dict(values)
    for name, value in {**own.pop("overrides", {}), **own}.items():
        setattr(product, name, value)
    try:
        product.full_clean()
    except ValidationError as error:
        raise of_model(error) from error
    return product


def _save(product: Product, *, changed: Collection[str] | None = None) -> None:
    """Save a product; of one that is there, only the columns ``changed``.

    :raises core.api.problems.ProblemError: 422 for options that contradict each other.
    """
    try:
        options.save_product(product, changed=changed)
    except options.OptionConflictError as error:
        raise of_conflicts(error.conflicts, prefix="/overrides") from error


def _answers(products: Sequence[Product]) -> list[dict[str, Any]]:
    site = InventoryConfiguration.load().overrides()
    notices = notices_of(products)
    return [_answer(product, site, notices[product.pk]) for product in products]


def _answer(product: Product, site: Values, notices: Sequence[ProductNotice]) -> dict[str, Any]:
    overrides = product.overrides()
    resolved = resolve_all(
        Scope.PRODUCT, configuration=site, product=overrides, is_virtual=product.is_virtual
    )
    return {
        "sku": product.sku,
        **ProductChange(product).data,
        "overrides": ProductOverrides(overrides).data,
        "effective": ProductEffective(effective(resolved)).data,
        "notices": [
            {"code": notice.code, "detail": gettext(notice.message) % notice.values}
            for notice in notices
        ],
    }
