"""``release-runs/``: runs with their decisions, dry runs to apply."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.acts import Act
from core.api.endpoint import Endpoint, ListEndpoint, RowEndpoint
from core.api.fields import StrictSerializer, TextField, YesNoField
from core.api.filters import WordsFilter, YesNoFilter
from core.api.idempotency import once, user_id_of
from core.api.pagination import Pages
from core.api.problems import Fault, ProblemError, refused
from core.clock import site_zone, today
from core.operations.idempotency import Answer
from fulfillment.api.faults import refusals_as_problems
from fulfillment.api.run_body import (
    ReleaseDecisionSerializer,
    ReleaseRunSerializer,
    run_bodies,
    run_body,
)
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.models.release_conditions import reasons_of, runs_consider
from fulfillment.release.runs import engine
from fulfillment.release.runs.apply_dry_run import apply_run, request_apply
from fulfillment.release.runs.scope import RunScope, check_filter
from fulfillment.review.effects import left_out
from fulfillment.review.filters import DecisionReasonFilter
from inventory.models import Stock

MOST_SHIPMENTS = 10_000
# A program waits for its answer while so many are released; for more, a worker applies the run.
MOST_APPLIED = 500


class RunBody(StrictSerializer):
    """A run to start; without a stock, a filter or shipments, over all that waits.

    ``filter`` is written as the query of ``shipments/``: ``sku=A&age_days_min=8``.
    """

    dry_run = YesNoField(required=False, default=False)
    stock = TextField(max_length=64, required=False)
    filter = TextField(max_length=2_000, required=False, allow_blank=True)
    shipments = serializers.ListField(
        child=TextField(max_length=48), required=False, max_length=MOST_SHIPMENTS
    )


class ApplyBody(StrictSerializer):
    """With ``accept_drift``, what still holds is applied, and the rest is left alone."""

    accept_drift = YesNoField(required=False, default=False)


class RunFilters(filters.FilterSet):
    state = filters.ChoiceFilter(choices=ReleaseRun.State.choices)
    trigger = filters.ChoiceFilter(choices=ReleaseRun.Trigger.choices)
    dry_run = YesNoFilter(field_name="is_dry_run")


class DecisionFilters(filters.FilterSet):
    outcome = filters.ChoiceFilter(choices=ReleaseDecision.Outcome.choices)
    shipment = WordsFilter(field_name="shipment__number", help_text="One or several, with commas.")
    reason = DecisionReasonFilter()


class PagesByPosition(Pages):
    """Pages in queue order."""

    ordering = ("position", "pk")


class RunsEndpoint(ListEndpoint):
    """Release runs, the newest first."""

    limited_methods = ("GET",)
    queryset = ReleaseRun.objects.select_related("started_by")
    serializer_class = ReleaseRunSerializer
    filterset_class = RunFilters

    def shown(self, rows: Sequence[ReleaseRun]) -> Any:
        return run_bodies(rows)

    @extend_schema(request=RunBody, responses={202: ReleaseRunSerializer})
    def post(self, request: Request) -> Response:
        """Have a worker release what supply covers, or (dry) only say what it would do."""
        values = self.validated(request, RunBody)

        def perform() -> Answer:
            scope = _scope(values)
            run = engine.request_run(
                trigger=ReleaseRun.Trigger.API,
                act=Act(timezone.now(), user_id_of(request)),
                is_dry_run=values["dry_run"],
                scope=scope,
            )
            return Answer(202, run_body(run))

        return once(request, perform)


class RunEndpoint(RowEndpoint):
    queryset = ReleaseRun.objects.select_related("started_by")
    serializer_class = ReleaseRunSerializer

    def shown(self, rows: Sequence[ReleaseRun]) -> Any:
        return run_bodies(rows)


class ApplyEndpoint(Endpoint):
    limited_methods = ()
    queryset = ReleaseRun.objects.order_by("pk")
    serializer_class = ApplyBody

    @extend_schema(responses={200: ReleaseRunSerializer, 202: ReleaseRunSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Apply a dry run as shown; if stock or orders have changed, 409 with the drift.

        A large run is applied by a worker: 202 with its record, which has the drift.
        """
        saved = self.found(self.get_queryset(), pk=str(pk))
        accepts_drift = self.validated(request)["accept_drift"]

        def perform() -> Answer:
            with refusals_as_problems():
                if saved.released_count > MOST_APPLIED:
                    run = request_apply(
                        run_id=saved.pk,
                        act=Act(timezone.now(), user_id_of(request)),
                        accepts_drift=accepts_drift,
                    )
                    return Answer(202, run_body(run))
                run = apply_run(
                    run_id=saved.pk,
                    act=Act(timezone.now(), user_id_of(request)),
                    zone=site_zone(),
                    trigger=ReleaseRun.Trigger.API,
                    accepts_drift=accepts_drift,
                )
            return Answer(200, run_body(run))

        return once(request, perform, calls_out=True)


class DecisionsEndpoint(ListEndpoint):
    """What a run decided, in queue order."""

    queryset = ReleaseDecision.objects.select_related("shipment__order")
    serializer_class = ReleaseDecisionSerializer
    filterset_class = DecisionFilters
    pagination_class = PagesByPosition

    def get(self, request: Request, pk: int) -> Response:
        run = self.found(ReleaseRun.objects.order_by("pk"), pk=str(pk))
        return self.page(self.get_queryset().filter(run=run))


def _scope(values: Mapping[str, Any]) -> RunScope:
    """Return what a body limits a run to.

    :raises core.api.problems.ProblemError: 422 for what there is not, 409 where a run
        considers none of the shipments.
    """
    numbers = tuple(values.get("shipments", ()))
    stock = values.get("stock", "")
    if stock and not Stock.objects.filter(code=stock).exists():
        raise _unknown([Fault("/stock", "UNKNOWN_STOCK", gettext("There is no such stock."))])
    named = Shipment.objects.filter(number__in=numbers).select_related("order").order_by("pk")
    known = {shipment.number: shipment for shipment in named}
    detail = gettext("There is no such shipment.")
    faults = [
        Fault(f"/shipments/{index}", "UNKNOWN_SHIPMENT", detail)
        for index, number in enumerate(numbers)
        if number not in known
    ]
    if faults:
        raise _unknown(faults)
    _refuse_left_out([known[number] for number in numbers])
    scope = RunScope(stock=stock, filter=values.get("filter", ""), shipments=numbers)
    try:
        check_filter(scope, today=today(), zone=site_zone())
    except ValidationError as error:
        raise _unknown([Fault("/filter", "INVALID_FILTER", " ".join(error.messages))]) from error
    return scope


def _refuse_left_out(shipments: list[Shipment]) -> None:
    """Refuse shipments of which a run considers none, each with its reason."""
    if not shipments or any(map(runs_consider, shipments)):
        return
    detail = gettext("Release runs skip all of these shipments.")
    faults = [
        Fault(f"/shipments/{index}", (reasons or ("WRONG_STATE",))[0], left_out(shipment).sentence)
        for index, shipment in enumerate(shipments)
        for reasons in [reasons_of(shipment)]
    ]
    raise ProblemError(409, "NOT_RELEASABLE", detail, faults)


def _unknown(faults: list[Fault]) -> ProblemError:
    return refused("UNKNOWN", gettext("The limits of the run are not valid."), faults)
