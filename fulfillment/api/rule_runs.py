"""``rule-runs/``: what rules did; those that asked are confirmed here."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint, ListEndpoint, RowEndpoint
from core.api.fields import Body
from core.api.idempotency import act_of, once
from core.api.problems import conflict
from core.operations.idempotency import Answer
from fulfillment.api.run_body import RunProgressSerializer
from fulfillment.models import RuleRun, RuleStep, Shipment, WaitingRule
from fulfillment.waiting_rules.rule_runs import NotStoppedError, confirm, request_rule_run
from inventory.api.future_supply import EmptyBody

MOST_SHOWN = 1_000


class RuleStepSerializer(Body[RuleStep]):
    """What one rule did in a run; one that stopped has the first 1,000 shipments it asks about."""

    rule = serializers.IntegerField(source="rule_id", allow_null=True)
    name = serializers.CharField()
    action = serializers.ChoiceField(choices=WaitingRule.Action.choices)
    state = serializers.ChoiceField(choices=RuleStep.State.choices)
    found_count = serializers.IntegerField()
    acted_count = serializers.IntegerField()
    shipments = serializers.ListField(child=serializers.CharField(), source="shown_numbers")


class RuleRunSerializer(Body[RuleRun]):
    """A run of the rules. ``confirms`` is the run whose shipments it acts on, if any."""

    id = serializers.IntegerField(source="pk")
    state = serializers.ChoiceField(choices=RuleRun.State.choices)
    trigger = serializers.ChoiceField(choices=RuleRun.Trigger.choices)
    started_by = serializers.CharField(source="started_by.username", default=None, allow_null=True)
    confirms = serializers.IntegerField(source="confirms.run_id", default=None, allow_null=True)
    progress = RunProgressSerializer(source="*")
    steps = RuleStepSerializer(many=True, source="shown_steps")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


def rule_run_bodies(runs: Sequence[RuleRun]) -> list[Any]:
    """Return the bodies of runs, with their steps; two statements more."""
    steps: list[Any] = list(RuleStep.objects.filter(run__in=runs).order_by("pk"))
    wanted = {pk for step in steps for pk in _asked(step)}
    numbers = dict(Shipment.objects.filter(pk__in=wanted).values_list("pk", "number"))
    for step in steps:
        step.shown_numbers = [numbers[pk] for pk in _asked(step) if pk in numbers]
    for shown in runs:
        run: Any = shown
        run.shown_steps = [step for step in steps if step.run_id == run.pk]
    return [RuleRunSerializer(run).data for run in runs]


def _asked(step: RuleStep) -> Sequence[int]:
    is_asking = step.state == RuleStep.State.STOPPED
    return step.shipment_ids[:MOST_SHOWN] if is_asking else ()


class RuleRunFilters(filters.FilterSet):
    state = filters.ChoiceFilter(choices=RuleRun.State.choices)
    trigger = filters.ChoiceFilter(choices=RuleRun.Trigger.choices)


class RuleRunsEndpoint(ListEndpoint):
    """Runs of the rules, the newest first."""

    limited_methods = ("GET",)
    queryset = RuleRun.objects.select_related("started_by", "confirms")
    serializer_class = RuleRunSerializer
    filterset_class = RuleRunFilters

    def shown(self, rows: Sequence[RuleRun]) -> Any:
        return rule_run_bodies(rows)

    @extend_schema(request=EmptyBody, responses={202: RuleRunSerializer})
    def post(self, request: Request) -> Response:
        """Have a worker run all rules that are enabled."""
        self.validated(request, EmptyBody)

        def perform() -> Answer:
            run = request_rule_run(act_of(request), trigger=RuleRun.Trigger.API)
            [body] = rule_run_bodies([run])
            return Answer(202, body)

        return once(request, perform)


class RuleRunEndpoint(RowEndpoint):
    queryset = RuleRun.objects.select_related("started_by", "confirms")
    serializer_class = RuleRunSerializer

    def shown(self, rows: Sequence[RuleRun]) -> Any:
        return rule_run_bodies(rows)


class ConfirmEndpoint(Endpoint):
    limited_methods = ()
    queryset = RuleRun.objects.order_by("pk")
    serializer_class = EmptyBody

    @extend_schema(
        operation_id="confirm_rule_run",
        request=EmptyBody,
        responses={202: RuleRunSerializer(many=True)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Let the rules that stopped in a run act on the shipments that it lists, and no others.

        A worker does so: the answer has a run for each rule. 409 where none of them waits for a
        confirmation any more, or its rule has changed.
        """
        run = self.found(self.get_queryset(), pk=pk)
        self.validated(request)

        def perform() -> Answer:
            try:
                runs = confirm(run.pk, act_of(request), trigger=RuleRun.Trigger.API)
            except NotStoppedError as error:
                detail = gettext("No rule of this run waits for a confirmation.")
                raise conflict("NOT_STOPPED", detail) from error
            return Answer(202, rule_run_bodies(runs))

        return once(request, perform)
