"""``products/``: what is sold, with its own option values, with those in force."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import formats
from core.acts import Act
from core.api.endpoint import ListEndpoint, RowEndpoint
from core.api.fields import (
    DayField,
    PriceField,
    StrictSerializer,
    TextField,
    WholeField,
    YesNoField,
)
from core.api.filters import WordsFilter, YesNoFilter, words
from core.api.idempotency import once
from core.api.pagination import PagesBySku
from core.operations.idempotency import Answer
from inventory.api.faults import of_conflicts
from inventory.api.option_fields import effective, effective_serializer, overrides_serializer
from inventory.codes import BARCODE_MAX_LENGTH, SKU_MAX_LENGTH, spellings
from inventory.models import InventoryConfiguration, Product
from inventory.models.product import (
    LARGEST_ORDER_MULTIPLE,
    LARGEST_PREORDER_LIMIT,
    LONGEST_LEAD_TIME,
)
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
    price = PriceField(required=False)
    order_multiple = WholeField(min_value=1, max_value=LARGEST_ORDER_MULTIPLE, required=False)
    lead_time_days = WholeField(
        min_value=0, max_value=LONGEST_LEAD_TIME, required=False, allow_null=True
    )
    release_on = DayField(required=False, allow_null=True)
    preorder_limit = WholeField(
        min_value=1, max_value=LARGEST_PREORDER_LIMIT, required=False, allow_null=True
    )
    overrides = ProductOverrides(required=False)


class ProductNoticeSerializer(serializers.Serializer[Any]):
    """What is odd about a product, and was taken all the same."""

    code = serializers.CharField()
    detail = serializers.CharField()


class ProductBody(ProductChange):
    """A product. Its SKU is fixed after creation."""

    sku = TextField(max_length=SKU_MAX_LENGTH)
    effective = ProductEffective(read_only=True)
    notices = ProductNoticeSerializer(many=True, read_only=True)


class BarcodesFilter(WordsFilter):
    """One of several barcodes, each in whatever form it is read."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        forms = {form for barcode in words(value or "") for form in spellings(barcode)}
        return qs.filter(barcode__in=forms) if value else qs


class ProductFilters(filters.FilterSet):
    sku = WordsFilter(help_text="One or several, separated by commas.")
    barcode = BarcodesFilter(help_text="One or several, separated by commas.")
    enabled = YesNoFilter(field_name="is_enabled")
    type = filters.ChoiceFilter(field_name="product_type", choices=Product.Type.choices)


class ProductsEndpoint(ListEndpoint):
    limited_methods = ("GET", "POST")
    queryset = Product.objects.order_by("sku")
    serializer_class = ProductBody
    filterset_class = ProductFilters
    pagination_class = PagesBySku

    def shown(self, rows: Sequence[Product]) -> list[dict[str, Any]]:
        return _answers(rows)

    @extend_schema(responses={201: ProductBody})
    def post(self, request: Request) -> Response:
        values = self.validated(request)
        return once(request, lambda: Answer(201, _saved(Product(), values, _act_of(request))))


class ProductEndpoint(RowEndpoint):
    limited_methods = ("GET", "PATCH")
    queryset = Product.objects.order_by("sku")
    serializer_class = ProductBody

    def shown(self, rows: Sequence[Product]) -> list[dict[str, Any]]:
        return _answers(rows)

    @extend_schema(request=ProductChange)
    def patch(self, request: Request, sku: str) -> Response:
        product = self.found(self.get_queryset(), sku=sku)
        values = self.validated(request, ProductChange, is_change=True)
        return Response(_saved(product, values, _act_of(request)))


def _act_of(request: Request) -> Act:
    return Act(timezone.now(), request.user.pk)


def _saved(product: Product, values: Mapping[str, Any], act: Act) -> dict[str, Any]:
    """Give a product its new values, save it, and return it as answers have it.

    :raises django.core.exceptions.ValidationError: with what its model refuses.
    :raises core.api.problems.ProblemError: 422 for options that contradict each other.
    """
    new = {**values.get("overrides", {}), **values}
    new.pop("overrides", None)
    for name, value in new.items():
        setattr(product, name, value)
    product.full_clean()
    try:
        options.save_product(product, act, changed=new)
    except options.OptionConflictError as error:
        raise of_conflicts(error.conflicts, prefix="/overrides") from error
    product.refresh_from_db()
    return _answers([product])[0]


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
            {"code": notice.code, "detail": formats.filled(notice.message, notice.values)}
            for notice in notices
        ],
    }
