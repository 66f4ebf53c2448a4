"""``delay-requests/``: what customers were asked about late units, with their answers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from core.acts import Act
from core.api.endpoint import Endpoint, ListEndpoint, RowEndpoint
from core.api.fields import Body, DayField, QuantityField, StrictSerializer, TextField
from core.api.filters import WordsFilter
from core.api.idempotency import act_of, once
from core.api.problems import Fault, conflict, refused
from core.operations.idempotency import Answer
from fulfillment.api.faults import refusals_as_problems
from fulfillment.delays.terms import DelayAnswer
from fulfillment.models import DelayDecision, DelayRequest
from fulfillment.operations.delays.answers import (
    DelayAnswerError,
    DelayDateChangedError,
    DelayOverError,
    answer,
)
from fulfillment.queries.delay_requests import delay_requests
from orders.permissions import CANCEL

MOST_REQUESTS = 100
# Supply comes later; no known supply covers the units.
REASONS = ["LATER_DATE", "NO_DATE"]
# Silence is no answer.
ANSWERED_BY = [DelayDecision.By.CUSTOMER.value, DelayDecision.By.STAFF.value]


class DelayLineSerializer(Body[Any]):
    """Units that are late and did not leave."""

    line = serializers.IntegerField(source="order_line.number")
    sku = serializers.CharField(source="order_line.sku")
    quantity = QuantityField()


class DelayRequestSerializer(Body[DelayRequest]):
    """A question to a customer about late units. Its lines are the units that did not leave."""

    id = serializers.IntegerField(source="pk")
    order = serializers.CharField(source="order.number")
    shipment = serializers.CharField(source="shipment.number")
    ordinal = serializers.IntegerField(help_text="Counts the requests about these units, from 1.")
    lines = DelayLineSerializer(many=True)
    agreed_on = serializers.DateField()
    new_date = serializers.DateField(
        source="new_on", allow_null=True, help_text="Null for no date yet."
    )
    reason = serializers.SerializerMethodField()
    silence = serializers.ChoiceField(choices=DelayRequest.Silence.choices)
    answer_by = serializers.DateField(help_text="The last day for an answer, in the site's zone.")
    state = serializers.ChoiceField(choices=DelayRequest.State.choices)
    answered_at = serializers.SerializerMethodField()
    answered_by = serializers.SerializerMethodField()
    told_at = serializers.DateTimeField(
        source="email.sent_at",
        default=None,
        allow_null=True,
        help_text="When the last e-mail that asks was sent; null while it was not.",
    )
    is_asked_too_late = serializers.BooleanField()

    @extend_schema_field(serializers.ChoiceField(choices=REASONS))
    def get_reason(self, row: DelayRequest) -> str:
        return "NO_DATE" if row.new_on is None else "LATER_DATE"

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_answered_at(self, row: DelayRequest) -> datetime | None:
        decision = _answer_of(row)
        return None if decision is None else decision.created_at

    @extend_schema_field(serializers.ChoiceField(choices=ANSWERED_BY, allow_null=True))
    def get_answered_by(self, row: DelayRequest) -> str | None:
        decision = _answer_of(row)
        return None if decision is None else decision.by


def _answer_of(row: DelayRequest) -> DelayDecision | None:
    """Return the last answer that a person gave."""
    given = [one for one in row.decisions.all() if one.by != DelayDecision.By.SILENCE]
    return max(given, key=lambda one: one.pk, default=None)


class DelayRequestFilterSet(filters.FilterSet):
    state = filters.ChoiceFilter(choices=DelayRequest.State.choices)
    channel = WordsFilter(field_name="order__channel__code")
    order = filters.CharFilter(field_name="order__number")
    answer_before = filters.DateFilter(field_name="answer_by", lookup_expr="lt")
    ordinal_min = filters.NumberFilter(
        field_name="ordinal", lookup_expr="gte", min_value=1, max_value=1_000
    )

    class Meta:
        model = DelayRequest
        fields: list[str] = []


class DelayRequestsEndpoint(ListEndpoint):
    """Delay requests, newest first."""

    queryset = delay_requests().order_by("-pk")
    serializer_class = DelayRequestSerializer
    filterset_class = DelayRequestFilterSet


class DelayRequestEndpoint(RowEndpoint):
    queryset = delay_requests()
    serializer_class = DelayRequestSerializer


class DelayAnswerBody(StrictSerializer):
    """What the customer answered, and how staff were informed.

    *Wait until* agrees to the new date that the request has now.
    """

    answer = serializers.ChoiceField(choices=[one.value for one in DelayAnswer])
    note = TextField(max_length=500)


class ShownRequestBody(StrictSerializer):
    """A delay request, with the new date that the customer was told; null for no date yet."""

    id = serializers.IntegerField(min_value=1)
    new_date = DayField(allow_null=True)


class DelayAnswersBody(StrictSerializer):
    """One answer to delay requests of one order, and how staff were informed."""

    requests = ShownRequestBody(many=True, allow_empty=False, max_length=MOST_REQUESTS)
    answer = serializers.ChoiceField(choices=[one.value for one in DelayAnswer])
    note = TextField(max_length=500)


class DelayAnswerEndpoint(Endpoint):
    """Takes the answer of a customer from staff."""

    queryset: QuerySet[DelayRequest] = delay_requests()
    serializer_class = DelayAnswerBody
    required_permissions = {"POST": "fulfillment.change_delayrequest"}

    @extend_schema(responses=DelayRequestSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take an answer.

        409 where the units have left, it was answered otherwise, or does not take the answer.
        """
        row = self.found(self.get_queryset(), pk=pk)
        values = self.validated(request)
        _refuse_cancel_without_permission(request, values)
        act = act_of(request, values["note"])
        given, by, today = _terms(values, act)

        def perform() -> Answer:
            with _refusals():
                answer(row.order_id, {row.pk: row.new_on}, given, act, by=by, today=today)
            body = DelayRequestSerializer(self.get_queryset().get(pk=row.pk)).data
            return Answer(200, dict(body))

        return once(request, perform, calls_out=True)


class DelayAnswersEndpoint(Endpoint):
    """Takes one answer of a customer to several requests from staff."""

    queryset: QuerySet[DelayRequest] = delay_requests()
    serializer_class = DelayAnswersBody
    required_permissions = {"POST": "fulfillment.change_delayrequest"}

    @extend_schema(
        operation_id="answer_delay_requests", responses=DelayRequestSerializer(many=True)
    )
    def post(self, request: Request) -> Response:
        """Take one answer to requests of one order, to all or to none.

        409 where one is to wait and has another new date by now, does not take the answer, or its
        units have left.
        """
        values = self.validated(request)
        _refuse_cancel_without_permission(request, values)
        shown = {row["id"]: row["new_date"] for row in values["requests"]}
        rows = {row.pk: row for row in self.get_queryset().filter(pk__in=shown)}
        _refuse_unknown(list(values["requests"]), rows)
        order_id = rows[min(rows)].order_id
        act = act_of(request, values["note"])
        given, by, today = _terms(values, act)

        def perform() -> Answer:
            with _refusals():
                answer(order_id, shown, given, act, by=by, today=today)
            found = self.get_queryset().filter(pk__in=shown).order_by("pk")
            return Answer(200, [dict(DelayRequestSerializer(row).data) for row in found])

        return once(request, perform, calls_out=True)


def _terms(values: Mapping[str, Any], act: Act) -> tuple[DelayAnswer, DelayDecision.By, date]:
    """Return the answer of a body, who took it, and the day on which."""
    today = timezone.localtime(act.at).date()
    return DelayAnswer(values["answer"]), DelayDecision.By.STAFF, today


def _refuse_cancel_without_permission(request: Request, values: Mapping[str, Any]) -> None:
    """Refuse an answer that takes units away, and pays them back, without the permission."""
    if values["answer"] == DelayAnswer.CANCEL and not request.user.has_perm(CANCEL):
        raise PermissionDenied


def _refuse_unknown(asked: Sequence[Mapping[str, Any]], rows: Mapping[int, DelayRequest]) -> None:
    """Refuse requests that there are not, that are of another order, or that are named twice.

    :raises core.api.problems.ProblemError: 422, by request.
    """
    detail = gettext("Name delay requests of one order, each once.")
    ids = [row["id"] for row in asked]
    order_ids = [rows[pk].order_id for pk in ids if pk in rows]
    faults = [
        Fault(f"/requests/{index}/id", "NOT_OF_ORDER", detail)
        for index, pk in enumerate(ids)
        if pk not in rows or rows[pk].order_id != order_ids[0] or pk in ids[:index]
    ]
    if faults:
        raise refused("NOT_OF_ORDER", detail, faults)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn refusals of answers into problems."""
    with refusals_as_problems():
        try:
            yield
        except DelayOverError as error:
            over = gettext("The units have left, or the request was answered otherwise.")
            raise conflict("DELAY_OVER", over) from error
        except DelayDateChangedError as error:
            moved = gettext("The request has another new date by now. Review it and try again.")
            raise conflict("DELAY_DATE_CHANGED", moved) from error
        except DelayAnswerError as error:
            detail = gettext("The request does not take this answer now.")
            raise conflict("ANSWER_NOT_OPEN", detail) from error
