"""``source-items/``: what each source holds, and how it is set and adjusted."""

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

from core.api.endpoint import Endpoint, ListEndpoint
from core.api.fields import (
    Body,
    QuantityField,
    SignedQuantityField,
    StrictSerializer,
    TextField,
    VersionField,
)
from core.api.filters import WordsFilter, YesNoFilter
from core.api.parameters import PREVIEW, PREVIEWED, previewed_or_once
from core.api.problems import Fault, ProblemError, conflict, refused
from core.api.schema import IF_MATCH
from core.api.versions import expected_version, stale, version_of
from core.operations.idempotency import Answer
from inventory.api.option_fields import overrides_serializer
from inventory.api.rows import keys_of, refuse_twice
from inventory.api.rule_problems import of_fractions
from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations.source_items import (
    ChangedItems,
    ItemChange,
    OptionOfVirtualError,
    SourceItemError,
    StaleSourceItemError,
    UnknownSourceItemError,
    adjust_items,
    set_items,
)
from inventory.operations.whole_units import FractionError
from inventory.options import Scope
from inventory.ports import HeldByVirtualLinesError
from inventory.queries.low_items import low_item

LARGEST_LIST = 10_000
LONGEST_CAUSE = 500
SourceItemOverrides = overrides_serializer(Scope.SOURCE_ITEM, name="SourceItemOverrides")


class SourceItemBody(Body[SourceItem]):
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


class ChangedBody(serializers.Serializer[ChangedItems]):
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

    class Meta:
        model = SourceItem
        fields: list[str] = []

    def filter_low(
        self, rows: QuerySet[SourceItem], name: str, value: bool
    ) -> QuerySet[SourceItem]:
        condition = low_item(configuration=InventoryConfiguration.load())
        return rows.filter(condition) if value else rows.exclude(condition)


class SourceItemsEndpoint(ListEndpoint):
    """What each source holds."""

    required_permissions = {"GET": "inventory.view_sourceitem"}
    queryset = SourceItem.objects.order_by("-pk")
    serializer_class = SourceItemBody
    filterset_class = SourceItemFilters

    @extend_schema(operation_id="source_items_list")
    def get(self, request: Request) -> Response:
        rows = SourceItem.objects.with_available().select_related("product", "source")
        return self.page(rows.annotate(version=version_of(SourceItem)))


class SetSourceItemsEndpoint(Endpoint):
    """Counts: all rows or none."""

    required_permissions = {"POST": "inventory.change_sourceitem"}
    query_parameters = PREVIEWED
    serializer_class = SetRow

    @extend_schema(
        request=SetRow(many=True, allow_empty=False, max_length=LARGEST_LIST),
        responses=ChangedBody,
        parameters=[IF_MATCH, PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """Set up to 10,000 source items; those that do not exist are made."""
        rows = self.validated(request, many=True, max_length=LARGEST_LIST, allow_empty=False)

        def perform() -> Answer:
            keys = _keys(rows)
            changes = [
                ItemChange(product_id, source_id, _values(row))
                for (product_id, source_id), row in zip(keys, rows, strict=True)
            ]
            with fractions_at_rows(keys):
                return _answer(
                    lambda: set_items(
                        changes,
                        now=timezone.now(),
                        actor_id=request.user.pk,
                        expected_versions=_versions(request, keys),
                    ),
                    keys,
                )

        return previewed_or_once(request, perform)


class AdjustSourceItemsEndpoint(Endpoint):
    """Receipts and losses: all rows or none, never below 0."""

    required_permissions = {"POST": "inventory.change_sourceitem"}
    query_parameters = PREVIEWED
    serializer_class = AdjustRow

    @extend_schema(
        request=AdjustRow(many=True, allow_empty=False, max_length=LARGEST_LIST),
        responses=ChangedBody,
        parameters=[IF_MATCH, PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """Add to (or take from) up to 10,000 source items."""
        rows = self.validated(request, many=True, max_length=LARGEST_LIST, allow_empty=False)

        def perform() -> Answer:
            keys = _keys(rows)
            amounts: dict[tuple[int, int], Decimal] = {
                key: row["by"] for key, row in zip(keys, rows, strict=True)
            }
            # The history of each row says why.
            reasons = "; ".join(dict.fromkeys(row["reason"] for row in rows))
            cause = pghistory.context(cause=reasons[:LONGEST_CAUSE])
            with cause, fractions_at_rows(keys, name="by"):
                return _answer(
                    lambda: adjust_items(
                        amounts,
                        now=timezone.now(),
                        actor_id=request.user.pk,
                        expected_versions=_versions(request, keys),
                    ),
                    keys,
                )

        return previewed_or_once(request, perform)


@contextmanager
def fractions_at_rows(keys: Sequence[tuple[int, int]], *, name: str = "") -> Iterator[None]:
    """Say at which rows quantities are fractions; ``name`` is what a row calls its quantity."""
    try:
        yield
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


def _answer(change: Callable[[], ChangedItems], keys: Sequence[tuple[int, int]]) -> Answer:
    """Answer with what a change of the rows with these ``keys`` came to.

    :raises core.api.problems.ProblemError: for what the operation refuses.
    """
    try:
        return Answer(200, ChangedBody(change()).data)
    except StaleSourceItemError as error:
        raise stale() from error
    except HeldByVirtualLinesError as error:
        detail = gettext("Orders of virtual products hold these units: %(orders)s")
        raise conflict(
            "HELD_BY_VIRTUAL_LINES", detail % {"orders": ", ".join(error.orders)}
        ) from error
    except UnknownSourceItemError as error:
        detail = gettext("A product is not held at the source that its row names.")
        raise refused("UNKNOWN_SOURCE_ITEM", detail, _at_row(error, detail, keys)) from error
    except OptionOfVirtualError as error:
        detail = gettext("Virtual products with managed stock take no backorders: %(skus)s")
        raise refused("VIRTUAL_TAKES_NO_BACKORDERS", detail % {"skus": error}) from error
    except SourceItemError as error:
        raise refused("BELOW_ZERO", f"{error}", _at_row(error, f"{error}", keys)) from error


def _at_row(error: SourceItemError, detail: str, keys: Sequence[tuple[int, int]]) -> list[Fault]:
    """Return the fault at the row that ``error`` is about."""
    if error.key not in keys:
        return []
    code = "UNKNOWN_SOURCE_ITEM" if isinstance(error, UnknownSourceItemError) else "BELOW_ZERO"
    return [Fault(f"/{keys.index(error.key)}", code, detail)]
