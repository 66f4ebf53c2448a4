"""``pick-lists/``: READY shipments of one source that a person fetches from the shelves."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError as InvalidFilterError
from django.http import HttpResponse
from django.utils.translation import gettext
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.document_endpoint import PAPER_PARAMETER, PDF_RESPONSE, DocumentEndpoint, paper_of
from core.api.endpoint import (
    PREVIEW,
    PREVIEWED,
    Endpoint,
    ListEndpoint,
    RowEndpoint,
    previewed_or_once,
)
from core.api.fields import exact_schema
from core.api.filters import WordsFilter
from core.api.idempotency import act_of, once
from core.api.problems import Fault, ProblemError, refused, refused_at
from core.api.schema import STORABLE
from core.clock import site_zone, today
from core.documents.pdf_response import pdf_answer
from core.operations.idempotency import Answer
from fulfillment.api.pick_list_bodies import (
    NewPickListSerializer,
    PickBody,
    PickListBody,
    PickListSerializer,
    ScanBody,
    ShortBody,
    ShortSerializer,
    TakeOffBody,
    pick_list_body,
    pick_list_faults,
    pick_lists,
)
from fulfillment.documents.pick_list import pick_list_document
from fulfillment.models import PickList, Shipment
from fulfillment.operations.picking.pick_lists import (
    NewPickList,
    NothingToPickError,
    close,
    make_pick_list,
    take_off,
)
from fulfillment.operations.picking.picks import (
    Count,
    product_to_pick,
    scan,
    set_picked,
)
from fulfillment.operations.picking.shortages import (
    PickShortage,
    report_short,
)
from fulfillment.queries.pick_lists import rows_of_list
from fulfillment.review.filters import shipments_matching
from inventory.api.future_supply import EmptyBody
from inventory.api.row_keys import keys_of, refuse_twice
from inventory.options import ReleaseMode

PICK = "fulfillment.change_picklist"
MOST_PICKS = 1_000


def _words(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": STORABLE}


# A list of counts, or one scan.
PICKS: dict[str, Any] = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"barcode": _words(64), "scan": _words(64)},
            "required": ["barcode", "scan"],
            "additionalProperties": False,
        },
        {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_PICKS,
            "items": {
                "type": "object",
                "properties": {
                    "shipment": _words(48),
                    "line": {"type": "integer", "minimum": 1},
                    "picked_quantity": exact_schema(4, 12, is_signed=False),
                    "shown_quantity": exact_schema(4, 12, is_signed=False),
                },
                "required": ["shipment", "line", "picked_quantity"],
                "additionalProperties": False,
            },
        },
    ]
}


class PickListFilters(filters.FilterSet):
    source = WordsFilter(field_name="source__code")
    state = filters.ChoiceFilter(choices=PickList.State.choices)


class AnyPickListEndpoint(Endpoint):
    queryset = pick_lists()
    serializer_class = PickListSerializer
    filterset_class = PickListFilters


class PickListsEndpoint(AnyPickListEndpoint, ListEndpoint):
    """Pick lists, the newest first."""

    @extend_schema(request=PickListBody, responses={201: NewPickListSerializer})
    def post(self, request: Request) -> Response:
        """Put READY shipments of a source on a new list; those on another list are named."""
        values = self.validated(request, PickListBody)
        [(source_id,)] = keys_of([values], "source", is_list=False)
        shipments = _chosen(values)
        act = act_of(request)

        def perform() -> Answer:
            try:
                made = make_pick_list(source_id, shipments, act)
            except NothingToPickError as error:
                detail = gettext("None of the shipments can be picked at this source now.")
                members = {"on_other_lists": list(error.on_other_lists)}
                raise ProblemError(409, "NOTHING_TO_PICK", detail, members=members) from error
            return Answer(201, _new(made))

        return once(request, perform)


class PickListEndpoint(AnyPickListEndpoint, RowEndpoint):
    """One pick list."""


class PicksEndpoint(Endpoint):
    required_permissions = {"POST": PICK}
    queryset = PickList.objects.order_by("pk")
    serializer_class = PickBody

    @extend_schema(
        operation_id="pick_lists_picks",
        request={"application/json": PICKS},
        responses=PickListSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Say how many units are picked, all rows or none; or add one by its barcode."""
        pick_list = self.found(self.get_queryset(), pk=pk)
        act = act_of(request)
        if isinstance(request.data, list):
            rows = self.validated(request, many=True, allow_empty=False, max_length=MOST_PICKS)
            counts = _counts(pick_list, rows)

            def perform() -> Answer:
                with pick_list_faults(list(counts)):
                    set_picked(pick_list.pk, counts, now=act.at)
                return Answer(200, pick_list_body(pick_list.pk))
        else:
            one = self.validated(request, ScanBody)

            def perform() -> Answer:
                with pick_list_faults():
                    scan(pick_list.pk, one["barcode"], act, key=one["scan"])
                return Answer(200, pick_list_body(pick_list.pk))

        return once(request, perform)


class ShortEndpoint(Endpoint):
    required_permissions = {"POST": PICK}
    query_parameters = PREVIEWED
    queryset = PickList.objects.order_by("pk")
    serializer_class = ShortBody

    @extend_schema(
        operation_id="pick_lists_short",
        request=ShortBody,
        responses=ShortSerializer,
        parameters=[PREVIEW],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Count a product as it was found; shipments that the count does not cover wait again."""
        pick_list = self.found(self.get_queryset(), pk=pk)
        values = self.validated(request)
        act = act_of(request)

        def perform() -> Answer:
            with pick_list_faults():
                outcome = report_short(pick_list.pk, _shortage(pick_list, values), act)
            return Answer(200, dict(ShortSerializer(outcome).data))

        return previewed_or_once(request, perform)


class TakeOffEndpoint(Endpoint):
    required_permissions = {"POST": PICK}
    queryset = PickList.objects.order_by("pk")
    serializer_class = TakeOffBody

    @extend_schema(
        operation_id="pick_lists_take_off", request=TakeOffBody, responses=PickListSerializer
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take shipments off the list; what was picked of them is to be put back."""
        pick_list = self.found(self.get_queryset(), pk=pk)
        numbers = self.validated(request)["shipments"]

        def perform() -> Answer:
            chosen = _named(numbers)
            with pick_list_faults(shipment_ids=chosen):
                take_off(pick_list.pk, chosen)
            return Answer(200, pick_list_body(pick_list.pk))

        return once(request, perform)


class CloseEndpoint(Endpoint):
    required_permissions = {"POST": PICK}
    queryset = PickList.objects.order_by("pk")
    serializer_class = EmptyBody

    @extend_schema(operation_id="pick_lists_close", request=EmptyBody, responses=PickListSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Close the list; what was picked stays picked."""
        pick_list = self.found(self.get_queryset(), pk=pk)
        self.validated(request)

        def perform() -> Answer:
            with pick_list_faults():
                close(pick_list.pk)
            return Answer(200, pick_list_body(pick_list.pk))

        return once(request, perform)


class PickListDocumentEndpoint(DocumentEndpoint):
    # Printing it writes nothing.
    http_method_names = ["get", "head"]
    required_permissions = {"GET": "fulfillment.view_picklist"}
    queryset = PickList.objects.select_related("source").order_by("pk")
    serializer_class = EmptyBody

    @extend_schema(
        operation_id="pick_lists_document", responses=PDF_RESPONSE, parameters=[PAPER_PARAMETER]
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """What is left to fetch, by product, with barcodes."""
        paper = paper_of(request)
        pick_list = self.found(self.get_queryset(), pk=pk)
        content = pick_list_document(pick_list, rows_of_list(pick_list), paper=paper)
        return pdf_answer(content, f"pick-list-{pick_list.pk}")


def _new(made: NewPickList) -> dict[str, Any]:
    return pick_list_body(made.pick_list.pk) | {
        "on_other_lists": list(made.on_other_lists),
        "not_ready": list(made.not_ready),
        "left_over": list(made.left_over),
    }


def _chosen(values: Mapping[str, Any]) -> list[int]:
    """Return the ids of the shipments that a body names, or that its filter matches."""
    if ("shipments" in values) == ("filter" in values):
        detail = gettext("Name the shipments, or a filter.")
        raise refused_at("/shipments", "SHIPMENTS_OR_FILTER", detail)
    if "filter" in values:
        ready = Shipment.objects.to_ship().filter(source__code=values["source"])
        try:
            rows = shipments_matching(
                values["filter"], shipments=ready, today=today(), zone=site_zone()
            )
        except InvalidFilterError as error:
            raise refused_at("/filter", "INVALID", " ".join(error.messages)) from error
        return list(rows.order_by("pk").values_list("pk", flat=True))
    return _named(values["shipments"])


def _named(numbers: Sequence[str]) -> list[int]:
    """Return the ids of shipments by number; a number that is of none is refused with its place."""
    known = dict(Shipment.objects.filter(number__in=numbers).values_list("number", "pk"))
    detail = gettext("There is no shipment with this number.")
    faults = [
        Fault(f"/shipments/{index}", "UNKNOWN_SHIPMENT", detail)
        for index, number in enumerate(numbers)
        if number not in known
    ]
    if faults:
        raise refused("UNKNOWN_SHIPMENT", detail, faults)
    return [known[number] for number in numbers]


def _counts(pick_list: PickList, rows: Sequence[Mapping[str, Any]]) -> dict[int, Count]:
    """Return the counts of a body by pick id."""
    picks = {
        (number, line): pk
        for number, line, pk in pick_list.picks.filter(is_open=True).values_list(
            "shipment__number", "shipment_line__order_line__number", "pk"
        )
    }
    detail = gettext("The list has no such pick that is open.")
    faults = [
        Fault(f"/{index}", "NOT_ON_LIST", detail)
        for index, row in enumerate(rows)
        if (row["shipment"], row["line"]) not in picks
    ]
    if faults:
        raise refused("NOT_ON_LIST", detail, faults)
    refuse_twice([(row["shipment"], row["line"]) for row in rows])
    return {
        picks[row["shipment"], row["line"]]: Count(
            row["picked_quantity"], row.get("shown_quantity")
        )
        for row in rows
    }


def _shortage(pick_list: PickList, values: Mapping[str, Any]) -> PickShortage:
    mode = values.get("fall_back")
    return PickShortage(
        product_to_pick(pick_list.pk, values["sku"]),
        values["found_quantity"],
        values.get("left_quantity", 0),
        None if mode is None else ReleaseMode(mode),
    )
