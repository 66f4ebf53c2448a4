"""``shipments/{number}/{action}/``: the actions on a shipment."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.acts import Act
from core.api.endpoint import Endpoint
from core.api.fields import DayField, QuantityField, StrictSerializer, TextField, WholeField
from core.api.idempotency import act_of, once
from core.api.problems import Fault, refused
from core.api.schema import IF_MATCH
from core.api.versions import expected_version
from core.operations.idempotency import Answer
from fulfillment.api.faults import refusals_as_problems
from fulfillment.api.parcels import MOST_PARCELS, ParcelBody, parcel_faults, parcels_in
from fulfillment.api.run_body import ReleaseRunSerializer, run_body
from fulfillment.api.shipments import ShipmentSerializer, shipment_body
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.shipment_actions import BY_CODE, ShipmentAction
from inventory.api.future_supply import EmptyBody
from inventory.options import ReleaseMode
from orders.api.changes import CancelCauseMember, LineUnitsBody, quantities
from orders.notices.email_queue import CancelCause
from orders.placing.validation import MAXIMUM_LINES

Values = Mapping[str, Any]
# The modes in which what is there leaves.
PART_MODES = (ReleaseMode.BY_LINE, ReleaseMode.BY_QUANTITY)


class ReasonBody(StrictSerializer):
    reason = TextField(max_length=500)


class CountBody(StrictSerializer):
    """What a person counted of a product at the shipment's source."""

    sku = TextField(max_length=64)
    quantity = QuantityField()


class ReleaseBody(StrictSerializer):
    """With a mode, what is there is released so, whatever the mode in force; the rest waits on."""

    mode = serializers.ChoiceField(
        choices=[(mode.value, mode.value) for mode in PART_MODES], required=False
    )


class BackorderBody(ReasonBody):
    counted = CountBody(many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES)


class SourceNamedBody(StrictSerializer):
    source = TextField(max_length=64)


class BarBody(SourceNamedBody):
    sku = TextField(max_length=64)


class PriorityBody(StrictSerializer):
    priority = WholeField()


class AssignBody(StrictSerializer):
    """The user name of the person who looks after it; null for nobody."""

    username = TextField(max_length=150, allow_null=True)


class ExpectedDateBody(StrictSerializer):
    """The date that staff expect it on; null lets release runs expect again."""

    expected_on = DayField(allow_null=True)


class FulfillBody(StrictSerializer):
    """What leaves; without lines, all that is on the shipment."""

    lines = LineUnitsBody(many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES)
    parcels = ParcelBody(many=True, required=False, allow_empty=False, max_length=MOST_PARCELS)


class CancelShipmentBody(StrictSerializer):
    """What is canceled; without lines, all that is on the shipment."""

    lines = LineUnitsBody(many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES)
    cause = CancelCauseMember(required=False)
    reason = TextField(max_length=500)


class ActionEndpoint(Endpoint):
    """One action on a shipment; answers with the shipment as it is then."""

    queryset = Shipment.objects.select_related("order")
    serializer_class: Any = EmptyBody
    # Of the table of actions; given with the address.
    code = ""

    def perform(
        self, shipment: Shipment, values: Values, act: Act, version: int | None
    ) -> Answer | None:
        """Do it, with the values of the body, if the shipment has the version.

        Return the answer, if that is not the shipment.
        """
        arguments = self.arguments(shipment, values)
        self._action.make(shipment, act, **arguments, expected_version=version)
        return None

    @property
    def _action(self) -> ShipmentAction:
        return BY_CODE[self.code]

    def arguments(self, shipment: Shipment, values: Values) -> Mapping[str, Any]:
        """Return the values of the body as the operation takes them beside the reason."""
        renamed = {"source": "source_code"}
        return {renamed.get(name, name): values[name] for name in values if name != "reason"}

    @extend_schema(responses=ShipmentSerializer, parameters=[IF_MATCH])
    def post(self, request: Request, number: str) -> Response:
        shipment = self.found(self.get_queryset(), number=number)
        values = self.validated(request)
        act, version = act_of(request, values.get("reason", "")), expected_version(request)
        lines = tuple(quantities(shipment.order, values) or ())

        def perform() -> Answer:
            with refusals_as_problems(lines):
                answer = self.perform(shipment, values, act, version)
            return answer or Answer(200, shipment_body(shipment.pk))

        return once(request, perform, calls_out=self._action.opens_transactions)


class RunActionEndpoint(ActionEndpoint):
    """An action that is a release run."""

    def perform(
        self, shipment: Shipment, values: Values, act: Act, version: int | None
    ) -> Answer | None:
        api = ReleaseRun.Trigger.API
        arguments = self.arguments(shipment, values)
        run = self._action.make(shipment, act, **arguments, trigger=api, expected_version=version)
        if isinstance(run, ReleaseRun) and not run.is_finished:
            return Answer(202, run_body(run))
        return None


class ReleaseEndpoint(RunActionEndpoint):
    """Releases it now, where that takes nothing from those who come before it."""

    serializer_class = ReleaseBody

    def arguments(self, shipment: Shipment, values: Values) -> Mapping[str, Any]:
        mode = values.get("mode")
        return {"mode": None if mode is None else ReleaseMode(mode)}

    @extend_schema(
        responses={200: ShipmentSerializer, 202: ReleaseRunSerializer}, parameters=[IF_MATCH]
    )
    def post(self, request: Request, number: str) -> Response:
        """Release it; 202 with the run where that takes longer, and a worker performs it."""
        return super().post(request, number)


class ReleaseAheadEndpoint(RunActionEndpoint):
    """Releases it as if it were first in the queue; the reason is logged."""

    serializer_class = ReasonBody


class HoldEndpoint(ActionEndpoint):
    """Keeps it from being picked, or left out of release."""

    serializer_class = ReasonBody


class LiftHoldEndpoint(ActionEndpoint):
    """Lifts the hold of staff."""


class ReassignEndpoint(ActionEndpoint):
    """Moves it whole to the named source, without taking units from earlier shipments."""

    serializer_class = SourceNamedBody


class RerouteEndpoint(ActionEndpoint):
    """Chooses its sources again by the rules, all units or none."""


class BackorderEndpoint(ActionEndpoint):
    """Sends what is ready back to wait; takes an exception of customer care back.

    The counts of its source are corrected, or, without them, the source is barred for its products.
    """

    serializer_class = BackorderBody

    def arguments(self, shipment: Shipment, values: Values) -> Mapping[str, Any]:
        return {"counted": _counted(shipment, values.get("counted", ()))}


class LiftBarEndpoint(ActionEndpoint):
    """Lets a source that is barred serve the product again; a release run follows."""

    serializer_class = BarBody


class AssignEndpoint(ActionEndpoint):
    """Assigns it to a person who may work on shipments, or to nobody."""

    serializer_class = AssignBody


class SetPriorityEndpoint(ActionEndpoint):
    """Sets how early it comes in the queue: the higher, the earlier."""

    serializer_class = PriorityBody


class SetExpectedDateEndpoint(ActionEndpoint):
    """Sets when it is expected, today or later; the customer is told."""

    serializer_class = ExpectedDateBody


class CustomerCareEndpoint(ActionEndpoint):
    """Makes it an exception for a person."""

    serializer_class = ReasonBody


class PackEndpoint(ActionEndpoint):
    """Notes that all its units are in the box; counts leave them there."""


class UnpackEndpoint(ActionEndpoint):
    """Notes that it is not packed after all."""


class SetAsideEndpoint(ActionEndpoint):
    """Notes that the store has it ready to collect; the customer is told."""


class FulfillEndpoint(ActionEndpoint):
    """Ships it, or hands it over, whole or in part; a part leaves as a child."""

    serializer_class = FulfillBody

    def arguments(self, shipment: Shipment, values: Values) -> Mapping[str, Any]:
        leaving = quantities(shipment.order, values)
        return {"quantities": leaving, "parcels": parcels_in(values)}

    def perform(
        self, shipment: Shipment, values: Values, act: Act, version: int | None
    ) -> Answer | None:
        with parcel_faults("/parcels/{}"):
            return super().perform(shipment, values, act, version)


class UndoFulfillmentEndpoint(ActionEndpoint):
    """Makes it ready and held again, where its parcel never left."""

    serializer_class = ReasonBody


class CancelShipmentEndpoint(ActionEndpoint):
    """Cancels what is on it; captured units are refunded."""

    serializer_class = CancelShipmentBody

    def arguments(self, shipment: Shipment, values: Values) -> Mapping[str, Any]:
        return {
            "quantities": quantities(shipment.order, values),
            "cause": values.get("cause", CancelCause.NOT_NAMED),
        }


def _counted(shipment: Shipment, rows: Sequence[Values]) -> dict[int, Decimal]:
    """Return counts by product id.

    :raises core.api.problems.ProblemError: 422 for a product that is not on the shipment, or twice.
    """
    lines = shipment.lines.filter(quantity__gt=0).select_related("order_line").order_by("pk")
    products = {line.order_line.sku: line.product_id for line in lines}
    counted: dict[int, Decimal] = {}
    faults = []
    for position, row in enumerate(rows):
        product_id = products.get(row["sku"])
        if product_id is None or product_id in counted:
            detail = gettext("Name each product that is on the shipment once, and no other.")
            faults.append(Fault(f"/counted/{position}/sku", "NOT_ON_SHIPMENT", detail))
            continue
        counted[product_id] = row["quantity"]
    if faults:
        raise refused("NOT_ON_SHIPMENT", faults[0].detail, faults)
    return counted
