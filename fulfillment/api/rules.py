"""``rules/``: what acts on shipments that wait, with a preview of each."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint, ListEndpoint, RowEndpoint
from core.api.fields import (
    Body,
    ExactField,
    StrictSerializer,
    TextField,
    WholeField,
    YesNoField,
    exact_schema,
)
from core.api.idempotency import once
from core.api.pagination import Pages
from core.api.problems import Fault, ProblemError, refused
from core.clock import this_moment
from core.currencies import MOST_DECIMALS
from core.models.columns import MONEY_MAX_DIGITS
from core.operations.idempotency import Answer
from core.quantities import ZERO
from fulfillment.models import Shipment, WaitingRule
from fulfillment.models.waiting_rule import MOST_DAYS, MOST_DESCRIBED, TEXTS
from fulfillment.queries.people import assignable_people
from fulfillment.waiting_rules.preview import preview_rule
from fulfillment.waiting_rules.rule_changes import delete_rule, save_rule
from fulfillment.waiting_rules.rule_runs import named_rules
from inventory.models import Product, SalesChannel, Source, Stock
from orders.api.changes import CancelCauseMember
from orders.models import FulfillmentMethod
from orders.permissions import CANCEL

MOST_SHOWN = 1_000
DAYS = {"min_value": 0, "max_value": MOST_DAYS, "required": False}


@extend_schema_field(exact_schema(MOST_DECIMALS, MONEY_MAX_DIGITS - MOST_DECIMALS, is_signed=False))
class LeastValueField(ExactField):
    """An amount in the currency of each order."""

    decimals = MOST_DECIMALS


class ConditionsBody(StrictSerializer):
    """The conditions, which must all hold; at least one."""

    age_days_min = WholeField(**DAYS)
    overdue_days_min = WholeField(help_text="Days after the agreed date.", **DAYS)
    missed_promises_min = WholeField(**DAYS)
    value_min = LeastValueField(required=False, minimum=ZERO)
    state = serializers.ChoiceField(choices=WaitingRule.STATES, required=False)
    channel = TextField(max_length=64, required=False)
    stock = TextField(max_length=64, required=False)
    source = TextField(max_length=64, required=False)
    sku = TextField(max_length=64, required=False)
    method = serializers.ChoiceField(choices=FulfillmentMethod.choices, required=False)
    has_unanswered_request = YesNoField(required=False)
    authorization_expires_within_days = WholeField(**DAYS)


class ActionBody(StrictSerializer):
    """The action, with the values of its kind and no others.

    RAISE_PRIORITY takes ``by`` and ``up_to``, SET_PRIORITY ``priority``, CUSTOMER_CARE ``reason``,
    ASSIGN ``username``, EMAIL ``recipients``; the others take none. While the rule is off,
    ``username`` and ``recipients`` may be missing. CANCEL may take ``cause``, which customers read;
    without it the conditions say it. To save a rule that cancels needs the permission to cancel
    orders, except to turn it off.
    """

    kind = serializers.ChoiceField(choices=WaitingRule.Action.choices)
    by = WholeField(required=False, min_value=1)
    up_to = WholeField(required=False)
    priority = WholeField(required=False)
    reason = TextField(max_length=500, required=False)
    username = TextField(max_length=150, required=False)
    cause = CancelCauseMember(required=False)
    recipients = serializers.ListField(
        child=TextField(max_length=254), required=False, allow_empty=False
    )


# Members and columns, where their names differ.
CONDITION_COLUMNS = {"sku": "product", "authorization_expires_within_days": "expires_within_days"}
ACTION_COLUMNS = {
    "kind": "action",
    "by": "raise_by",
    "up_to": "raise_up_to",
    "username": "assignee",
}
MEMBERS = {column: f"conditions/{member}" for member, column in CONDITION_COLUMNS.items()} | {
    column: f"action/{member}" for member, column in ACTION_COLUMNS.items()
}


class RuleBody(StrictSerializer):
    """A rule. Conditions, and the action, replace what is there; off unless it is enabled."""

    id = serializers.IntegerField(read_only=True)
    name = TextField(max_length=100)
    description = TextField(max_length=MOST_DESCRIBED, required=False, allow_blank=True)
    position = WholeField(min_value=0, required=False)
    is_enabled = YesNoField(required=False)
    conditions = ConditionsBody()
    action = ActionBody()
    repeat_days = WholeField(
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
        allow_null=True,
        help_text="Null: once in a waiting spell.",
    )

    def to_representation(self, rule: WaitingRule) -> dict[str, Any]:
        value = rule.value_min
        conditions = {
            "age_days_min": rule.age_days_min,
            "overdue_days_min": rule.overdue_days_min,
            "missed_promises_min": rule.missed_promises_min,
            "value_min": None if value is None else f"{value:.3f}",
            "state": rule.state or None,
            "channel": rule.channel and rule.channel.code,
            "stock": rule.stock and rule.stock.code,
            "source": rule.source and rule.source.code,
            "sku": rule.product and rule.product.sku,
            "method": rule.method or None,
            "has_unanswered_request": rule.has_unanswered_request or None,
            "authorization_expires_within_days": rule.expires_within_days,
        }
        action = {
            "kind": rule.action,
            "by": rule.raise_by,
            "up_to": rule.raise_up_to,
            "priority": rule.priority,
            "reason": rule.reason or None,
            "username": rule.assignee and rule.assignee.get_username(),
            "recipients": rule.addresses or None,
            "cause": rule.cause or None,
        }
        return {
            "id": rule.pk,
            "name": rule.name,
            "description": rule.description,
            "position": rule.position,
            "is_enabled": rule.is_enabled,
            "conditions": _given(conditions),
            "action": _given(action),
            "repeat_days": rule.repeat_days,
        }


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


class RulePages(Pages):
    """Pages of rules in the order in which they act."""

    ordering = ("position", "pk")


class RulesEndpoint(ListEndpoint):
    """Rules for waiting shipments, in the order in which they act."""

    limited_methods = ("GET",)
    queryset = named_rules()
    serializer_class = RuleBody
    pagination_class = RulePages

    @extend_schema(responses={201: RuleBody})
    def post(self, request: Request) -> Response:
        """Make a rule."""
        values = self.validated(request)
        return once(request, lambda: Answer(201, _saved(None, values, request)))


class RuleEndpoint(RowEndpoint):
    limited_methods = ("GET",)
    queryset = named_rules()
    serializer_class = RuleBody

    @extend_schema(request=RuleBody)
    def patch(self, request: Request, pk: int) -> Response:
        """Change a rule."""
        rule = self.found(self.get_queryset(), pk=pk)
        values = self.validated(request, RuleBody, is_change=True)
        return Response(_saved(rule.pk, values, request))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete a rule. What it did stays recorded."""
        rule = self.found(self.get_queryset(), pk=pk)
        delete_rule(rule.pk)
        return Response(status=204)


class RulePreviewSerializer(Body[Any]):
    """What a rule would do now; the first 1,000 shipments by number.

    ``promises_moved`` is null where it would take too long to count.
    """

    count = serializers.IntegerField()
    shipments = serializers.ListField(child=serializers.CharField())
    promises_moved = serializers.IntegerField(allow_null=True)
    asks = serializers.BooleanField(help_text="Whether the rule would stop and ask first.")


class RulePreviewEndpoint(Endpoint):
    queryset: QuerySet[WaitingRule] = named_rules()
    limited_methods = ()
    serializer_class = RulePreviewSerializer

    @extend_schema(responses=RulePreviewSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return the shipments that a rule would act on now. Nothing is written."""
        rule = self.found(self.get_queryset(), pk=pk)
        preview = preview_rule(rule, this_moment())
        shown = Shipment.objects.filter(pk__in=preview.shipment_ids[:MOST_SHOWN])
        body = {
            "count": len(preview.shipment_ids),
            "shipments": list(shown.order_by("order", "pk").values_list("number", flat=True)),
            "promises_moved": preview.moved_count,
            "asks": preview.asks,
        }
        return Response(RulePreviewSerializer(body).data)


def _saved(rule_id: int | None, values: Mapping[str, Any], request: Request) -> Any:
    """Save a rule, and return it as answers have it.

    :raises core.api.problems.ProblemError: 403 if it cancels, and the person may not; 422 with
        every fault.
    """
    names = ("name", "description", "position", "is_enabled", "repeat_days")
    columns = {name: values[name] for name in names if name in values}
    if "conditions" in values:
        columns |= _conditions(values["conditions"])
    if "action" in values:
        columns |= _action(values["action"])
    try:
        rule = save_rule(rule_id, columns, may_cancel=request.user.has_perm(CANCEL))
    except PermissionDenied as error:
        raise ProblemError(403, "PERMISSION_DENIED", str(error)) from error
    except ValidationError as error:
        raise _of_rule(error) from error
    return RuleBody(named_rules().get(pk=rule.pk)).data


FOUND: Mapping[str, tuple[Callable[[], QuerySet[Any]], str]] = {
    "channel": (SalesChannel.objects.all, "code"),
    "stock": (Stock.objects.all, "code"),
    "source": (Source.objects.all, "code"),
    "sku": (Product.objects.all, "sku"),
    "username": (assignable_people, "username"),
}


def _conditions(given: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for member, field in ConditionsBody().fields.items():
        column = CONDITION_COLUMNS.get(member, member)
        is_text = isinstance(field, serializers.ChoiceField)
        empty = "" if is_text else False if member == "has_unanswered_request" else None
        columns[column] = _value(given, member, "conditions", empty)
    return columns


def _action(given: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for member in map(str, ActionBody().fields):
        column = ACTION_COLUMNS.get(member, member)
        columns[column] = _value(given, member, "action", "" if member in TEXTS else None)
    columns["recipients"] = ", ".join(given.get("recipients", ()))
    return columns


def _value(given: Mapping[str, Any], member: str, below: str, empty: Any) -> Any:
    value = given.get(member, empty)
    if value is None or member not in FOUND:
        return value
    rows, name = FOUND[member]
    row = rows().filter(**{name: value}).first()
    if row is None:
        detail = gettext("There is nothing by this name.")
        raise refused("UNKNOWN", detail, [Fault(f"/{below}/{member}", "UNKNOWN", detail)])
    return row


def _of_rule(error: ValidationError) -> ProblemError:
    """Return what the model refuses, each fault with the pointer of its member."""
    conditions = set(ConditionsBody().fields)
    faults = []
    for column, entries in error.error_dict.items():
        member = MEMBERS.get(column, column)
        if column in conditions:
            member = f"conditions/{column}"
        elif column in ("priority", "reason", "recipients", "cause"):
            member = f"action/{column}"
        pointer = "/conditions" if column == "__all__" else f"/{member}"
        faults += [
            Fault(pointer, (entry.code or "invalid").upper(), message)
            for entry in entries
            for message in entry.messages
        ]
    return refused("INVALID", gettext("The request has values that are refused."), faults)
