"""A release run as the API shows it, with its decisions."""

from collections.abc import Collection
from typing import Any

from rest_framework import serializers

from core.api.fields import Body
from fulfillment.models import ReleaseDecision, ReleaseRun
from inventory.models import Product


class RunScopeSerializer(serializers.Serializer[Any]):
    """What a run is limited to; empty for all that waits."""

    stock = serializers.CharField(required=False)
    filter = serializers.CharField(required=False)
    shipments = serializers.ListField(child=serializers.CharField(), required=False)
    products = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="SKUs."
    )


class RunProgressSerializer(serializers.Serializer[ReleaseRun]):
    """How many shipments there are to consider at most, and how many have been."""

    total = serializers.IntegerField(source="total_count")
    done = serializers.IntegerField(source="done_count")


class RunCountsSerializer(serializers.Serializer[ReleaseRun]):
    released = serializers.IntegerField(source="released_count")
    split = serializers.IntegerField(source="split_count")
    promised = serializers.IntegerField(source="future_count")
    waiting = serializers.IntegerField(source="waiting_count")
    failed = serializers.IntegerField(source="failed_count")


class ReleaseRunSerializer(serializers.Serializer[ReleaseRun]):
    """A release run."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ReleaseRun.State.choices)
    trigger = serializers.ChoiceField(choices=ReleaseRun.Trigger.choices)
    dry_run = serializers.BooleanField(source="is_dry_run")
    scope = RunScopeSerializer(source="shown_scope")
    started_by = serializers.CharField(source="started_by.username", default=None, allow_null=True)
    progress = RunProgressSerializer(source="*")
    counts = RunCountsSerializer(source="*")
    message = serializers.CharField(source="sentence")
    message_code = serializers.ChoiceField(choices=ReleaseRun.Message.choices, allow_blank=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


def run_bodies(runs: Collection[ReleaseRun]) -> list[Any]:
    """Return the bodies of runs, the products of their scopes by SKU; one statement more."""
    wanted = {pk for run in runs for pk in run.scope.get("products", ())}
    skus = dict(Product.objects.filter(pk__in=wanted).values_list("pk", "sku")) if wanted else {}
    for shown in runs:
        run: Any = shown
        products = [skus[pk] for pk in run.scope.get("products", ()) if pk in skus]
        named = {"products": sorted(products)} if products else {}
        run.shown_scope = {**run.scope, **named}
    return [ReleaseRunSerializer(run).data for run in runs]


def run_body(run: ReleaseRun) -> Any:
    """Return the body of one run."""
    [body] = run_bodies([run])
    return body


class ChildUnitsSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    quantity = serializers.CharField()


class ChildShipmentSerializer(Body[Any]):
    """What leaves together; with a date it is promised from future supply."""

    source = serializers.CharField()
    expected_on = serializers.DateField(allow_null=True)
    takes = ChildUnitsSerializer(many=True)


class ShortageSerializer(serializers.Serializer[Any]):
    """What lacks of one product, and why; ``facts`` by reason."""

    sku = serializers.CharField()
    missing = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    facts = serializers.JSONField()


class ReleaseDecisionSerializer(serializers.Serializer[ReleaseDecision]):
    """What a run decided of one shipment."""

    position = serializers.IntegerField()
    shipment = serializers.CharField(source="shipment.number")
    order = serializers.CharField(source="shipment.order.number")
    outcome = serializers.ChoiceField(choices=ReleaseDecision.Outcome.choices)
    children = ChildShipmentSerializer(many=True, source="detail.children", default=list)
    shortages = ShortageSerializer(many=True, source="detail.shortages", default=list)
    expected_on = serializers.DateField(source="detail.expected_on", default=None, allow_null=True)
    error = serializers.CharField(source="detail.error", default="")
