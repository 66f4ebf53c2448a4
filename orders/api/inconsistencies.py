"""``inconsistencies/``: order lines that the ledger has wrong, with what puts them right."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint
from core.api.fields import SignedQuantityField, StrictSerializer, TextField, WholeField
from core.api.idempotency import act_of, once
from core.operations.idempotency import Answer
from orders.api.faults import ids_named
from orders.inconsistencies import LineInconsistency, compensate_lines, inconsistent_lines
from orders.models import OrderLine

MOST_ROWS = 1_000

Row = Mapping[str, Any]


class InconsistencyBody(StrictSerializer):
    """A line of an order, and the entry that puts its ledger right."""

    order = TextField(max_length=32)
    line = WholeField(min_value=1)
    stock = TextField(max_length=64)
    sku = TextField(max_length=64)
    compensation = SignedQuantityField()


class InconsistenciesSerializer(serializers.Serializer[Any]):
    """Up to 1,000 of them; apply these, and ask for more."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = InconsistencyBody(many=True)


class CorrectionSerializer(serializers.Serializer[Any]):
    """What was put right; rows that are not needed any more, or not so, were left alone."""

    applied = InconsistencyBody(many=True)
    left_alone = InconsistencyBody(many=True)


class InconsistenciesEndpoint(Endpoint):
    required_permissions = {
        "GET": "inventory.view_reservation",
        "POST": "inventory.add_reservation",
    }
    serializer_class = InconsistencyBody

    @extend_schema(operation_id="inconsistencies_list", responses=InconsistenciesSerializer)
    def get(self, request: Request) -> Response:
        """Lines whose entries do not cancel out their open units, each with the remedy."""
        rows = [_shown(found) for found in inconsistent_lines(limit=MOST_ROWS)]
        return Response({"next": None, "previous": None, "results": rows})

    @extend_schema(
        request=InconsistencyBody(many=True, allow_empty=False, max_length=MOST_ROWS),
        responses=CorrectionSerializer,
    )
    def post(self, request: Request) -> Response:
        """Apply rows as they were listed; each once, however often it is sent."""
        rows = self.validated(request, many=True, max_length=MOST_ROWS, allow_empty=False)

        def perform() -> Answer:
            by_line = _by_line_id(rows)
            compensations: dict[int, Decimal] = {
                line_id: row["compensation"] for line_id, row in by_line.items()
            }
            done = compensate_lines(compensations, act_of(request))
            left_alone = [by_line[line_id] for line_id in done.stale_line_ids]
            return Answer(
                200,
                {
                    "applied": [_shown(found) for found in done.lines],
                    "left_alone": InconsistencyBody(left_alone, many=True).data,
                },
            )

        return once(request, perform)


def _shown(found: LineInconsistency) -> dict[str, Any]:
    return dict(
        InconsistencyBody(
            {
                "order": found.order_number,
                "line": found.line_number,
                "stock": found.stock_code,
                "sku": found.sku,
                "compensation": found.compensation,
            }
        ).data
    )


def _by_line_id(rows: Sequence[Row]) -> dict[int, Row]:
    """Return the rows by the id of the order line that each names.

    :raises core.api.problems.ProblemError: 422 with a fault for each that is not there, or
        is named twice.
    """
    lines = OrderLine.objects.filter(order__number__in={row["order"] for row in rows})
    known = {
        tuple(key): line_id
        for line_id, *key in lines.order_by("pk").values_list(
            "pk", "order__number", "number", "order__stock__code", "sku"
        )
    }
    keys = [(row["order"], row["line"], row["stock"], row["sku"]) for row in rows]
    unknown = gettext("There is no such line of an order of this stock.")
    return dict(zip(ids_named(keys, known, at="/{}", unknown=unknown), rows, strict=True))
