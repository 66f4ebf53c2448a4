"""``source-items/``: what each source holds, to be set or adjusted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pghistory
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.acts import Act
from core.api.endpoint import PREVIEW, PREVIEWED, Endpoint, ListEndpoint, previewed_or_once
from core.api.fields import (
    Body,
    QuantityField,
    SignedQuantityField,
    StrictSerializer,
    TextField,
    VersionField,
)
from core.api.filters import WordsFilter, YesNoFilter
from core.api.problems import ProblemError, refused_at
from core.api.schema import IF_MATCH
from core.api.versions import expected_version
from core.operations.idempotency import Answer
from inventory.api.faults import of_fractions, problem_of
from inventory.api.option_fields import overrides_serializer
from inventory.api.row_keys import keys_of, refuse_twice
from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations.item_rows import WrittenItems
from inventory.operations.source_items import (
    ItemChange,
    SourceItemError,
    adjust_items,
    set_items,
)
from inventory.operations.whole_units import FractionError
from inventory.options import Scope
from inventory.queries.decimals import ItemKey
from inventory.queries.low_items import low_item

LARGEST_LIST = 10_000
LONGEST_CAUSE = 500
SourceItemOverrides = overrides_serializer(Scope.SOURCE_ITEM, name="SourceItemOverrides")


class SourceItemSerializer(Body[SourceItem]):
    """One product at one source."""

    sku = serializers.CharField(source="product.sku")
    source = serializers.CharField(source="source.code")
    quantity = QuantityField()
    allocated = QuantityField()
    available = QuantityField()
    safety_stock = QuantityField()
    status = serializers.ChoiceField(choices=SourceItem.Status.choices)
    overrides = SourceItemOverrides()
    version = VersionField()


class SetRow(StrictSerializer):
    """What to set of a product at a source; what is left out stays."""

    sku = TextField(max_length=64)
    source = TextField(max_length=64)
    quantity = QuantityField(required=False)
    status = serializers.ChoiceField(choices=SourceItem.Status.choices, required=False)
    safety_stock = QuantityField(required=False)
    overrides = SourceItemOverrides(required=False)


class AdjustRow(StrictSerializer):
    """Units to add to (or, negative, take from) what a source holds of a product."""

    sku = TextField(max_length=64)
    source = TextField(max_length=64)
    by = SignedQuantityField()
    reason = TextField(max_length=500)


class SourceItemChangesSerializer(serializers.Serializer[WrittenItems]):
    """What came of it; the shipments named lost their units and wait again."""

    created_count = serializers.IntegerField(min_value=0)
    changed_count = serializers.IntegerField(min_value=0)
    shipments_fallen_back = serializers.ListField(
        source="fallen_back", child=serializers.CharField()
    )


class SourceItemFilters(filters.FilterSet):
    sku = WordsFilter(field_name="product__sku", help_text="One or several, with commas.")
    source = WordsFilter(field_name="source__code", help_text="One or several, with commas.")
    status = filters.ChoiceFilter(choices=SourceItem.Status.choices)
    low = YesNoFilter(method="filter_low")

    def filter_low(
        self, rows: QuerySet[SourceItem], name: str, value: bool
    ) -> QuerySet[SourceItem]:
        condition = low_item(configuration=InventoryConfiguration.load())
        return rows.filter(condition) if value else rows.exclude(condition)


class SourceItemsEndpoint(ListEndpoint):
    """What each source holds."""

    queryset = SourceItem.objects.with_available().select_related("product", "source")
    serializer_class = SourceItemSerializer
    filterset_class = SourceItemFilters


Rows = Sequence[Mapping[str, Any]]
Versions = Mapping[ItemKey, int]


class ChangeSourceItemsEndpoint(Endpoint):
    # A change of source items: all rows or none.

    queryset: QuerySet[SourceItem] = SourceItem.objects.order_by("pk")
    required_permissions = {"POST": "inventory.change_sourceitem"}
    query_parameters = PREVIEWED

    def done(
        self,
        request: Request,
        change: Callable[[Rows, Sequence[ItemKey], Act, Versions], WrittenItems],
        *,
        name: str = "",
    ) -> Response:
        """Do what ``change`` does with the rows of the body, as an act of the user.

        It gets the rows, the product and source of each, and the versions that were shown.
        ``name`` is what a row calls its quantity.
        """
        rows = self.validated(request, many=True, max_length=LARGEST_LIST, allow_empty=False)

        def perform() -> Answer:
            keys = _keys(rows)
            act = Act(timezone.now(), request.user.pk)
            with faults_at_rows(keys, name=name):
                written = change(rows, keys, act, _versions(request, keys))
            return Answer(200, SourceItemChangesSerializer(written).data)

        return previewed_or_once(request, perform)


class SetSourceItemsEndpoint(ChangeSourceItemsEndpoint):
    """Counts: all rows or none."""

    serializer_class = SetRow

    @extend_schema(
        request=SetRow(many=True, allow_empty=False, max_length=LARGEST_LIST),
        responses=SourceItemChangesSerializer,
        parameters=[IF_MATCH, PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """Set up to 10,000 source items; those that do not exist are made."""
        return self.done(request, _set)


class AdjustSourceItemsEndpoint(ChangeSourceItemsEndpoint):
    """Receipts and losses: all rows or none, never below 0."""

    serializer_class = AdjustRow

    @extend_schema(
        request=AdjustRow(many=True, allow_empty=False, max_length=LARGEST_LIST),
        responses=SourceItemChangesSerializer,
        parameters=[IF_MATCH, PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """Add to (or take from) up to 10,000 source items."""
        return self.done(request, _adjust, name="by")


def _set(rows: Rows, keys: Sequence[ItemKey], act: Act, versions: Versions) -> WrittenItems:
    changes = [ItemChange(*key, _values(row)) for key, row in zip(keys, rows, strict=True)]
    return set_items(changes, act, expected_versions=versions)


def _adjust(rows: Rows, keys: Sequence[ItemKey], act: Act, versions: Versions) -> WrittenItems:
    # The history of each row says why.
    reasons = "; ".join(dict.fromkeys(row["reason"] for row in rows))
    amounts: dict[ItemKey, Decimal] = {key: row["by"] for key, row in zip(keys, rows, strict=True)}
    with pghistory.context(cause=reasons[:LONGEST_CAUSE]):
        return adjust_items(amounts, act, expected_versions=versions)


@contextmanager
def faults_at_rows(keys: Sequence[tuple[int, int]], *, name: str = "") -> Iterator[None]:
    """Say which row a refusal is about; ``name`` is what a row calls its quantity.

    :raises core.api.problems.ProblemError: 422 for fractions, and for items that are not there
        or would fall below 0.
    """
    try:
        yield
    except SourceItemError as error:
        problem = problem_of(error)
        if error.key in keys and problem is not None:
            pointer = f"/{keys.index(error.key)}"
            raise refused_at(pointer, problem.code, str(problem.detail)) from error
        raise
    except FractionError as error:
        rows: dict[tuple[int, int | None], str] = {key: f"/{row}" for row, key in enumerate(keys)}
        named = [replace(found, name=name or _member(found.name)) for found in error.fractions]
        raise of_fractions(FractionError(named), rows) from error


def _member(column: str) -> str:
    """Return where a row of the body has a column of the item."""
    return column if column in SetRow._declared_fields else f"overrides/{column}"


def _keys(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    keys = keys_of(rows, "sku", "source")
    refuse_twice(keys)
    return [(product_id, source_id) for product_id, source_id in keys]


def _versions(request: Request, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    version = expected_version(request)
    if version is None:
        return {}
    if len(keys) > 1:
        detail = gettext("If-Match names one version; send one row with it.")
        raise ProblemError(400, "INVALID_IF_MATCH", detail)
    return {keys[0]: version}


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: row[name] for name in ("quantity", "status", "safety_stock") if name in row}
    return {**named, **row.get("overrides", {})}
