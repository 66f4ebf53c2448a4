"""Addresses of fulfillment under ``/api/v1/``."""

from django.urls import path

from fulfillment.api import actions
from fulfillment.api.bulk_fulfillment import BulkFulfillmentEndpoint
from fulfillment.api.carriers import CarrierEndpoint, CarriersEndpoint
from fulfillment.api.delay_requests import (
    DelayAnswerEndpoint,
    DelayAnswersEndpoint,
    DelayRequestEndpoint,
    DelayRequestsEndpoint,
)
from fulfillment.api.demand import DemandEndpoint, OrderProposalsEndpoint
from fulfillment.api.notes import ShipmentNotesEndpoint
from fulfillment.api.packing_slips import PackingSlipEndpoint
from fulfillment.api.parcels import ParcelEndpoint, ParcelsEndpoint
from fulfillment.api.pick_lists import (
    CloseEndpoint,
    PickListDocumentEndpoint,
    PickListEndpoint,
    PickListsEndpoint,
    PicksEndpoint,
    ShortEndpoint,
    TakeOffEndpoint,
)
from fulfillment.api.rule_runs import ConfirmEndpoint, RuleRunEndpoint, RuleRunsEndpoint
from fulfillment.api.rules import RuleEndpoint, RulePreviewEndpoint, RulesEndpoint
from fulfillment.api.runs import ApplyEndpoint, DecisionsEndpoint, RunEndpoint, RunsEndpoint
from fulfillment.api.shipments import ExplanationEndpoint, ShipmentEndpoint, ShipmentsEndpoint
from fulfillment.api.source_selection import SourceSelectionEndpoint
from fulfillment.release.shipment_actions import ACTIONS

ENDPOINTS: dict[str, type[actions.ActionEndpoint]] = {
    "release": actions.ReleaseEndpoint,
    "release-ahead": actions.ReleaseAheadEndpoint,
    "hold": actions.HoldEndpoint,
    "lift-hold": actions.LiftHoldEndpoint,
    "reassign": actions.ReassignEndpoint,
    "reroute": actions.RerouteEndpoint,
    "backorder": actions.BackorderEndpoint,
    "lift-bar": actions.LiftBarEndpoint,
    "assign": actions.AssignEndpoint,
    "set-priority": actions.SetPriorityEndpoint,
    "set-expected-date": actions.SetExpectedDateEndpoint,
    "customer-care": actions.CustomerCareEndpoint,
    "pack": actions.PackEndpoint,
    "unpack": actions.UnpackEndpoint,
    "set-aside": actions.SetAsideEndpoint,
    "fulfill": actions.FulfillEndpoint,
    "undo-fulfillment": actions.UndoFulfillmentEndpoint,
    "cancel": actions.CancelShipmentEndpoint,
}

urlpatterns = [
    path("carriers/", CarriersEndpoint.as_view(), name="carriers"),
    path("carriers/<str:code>/", CarrierEndpoint.as_view(), name="carrier"),
    path("demand/", DemandEndpoint.as_view(), name="demand"),
    path("pick-lists/", PickListsEndpoint.as_view(), name="pick-lists"),
    path("pick-lists/<int:pk>/", PickListEndpoint.as_view(), name="pick-list"),
    path("pick-lists/<int:pk>/picks/", PicksEndpoint.as_view(), name="pick-list-picks"),
    path("pick-lists/<int:pk>/short/", ShortEndpoint.as_view(), name="pick-list-short"),
    path("pick-lists/<int:pk>/take-off/", TakeOffEndpoint.as_view(), name="pick-list-take-off"),
    path("pick-lists/<int:pk>/close/", CloseEndpoint.as_view(), name="close-pick-list"),
    path(
        "pick-lists/<int:pk>/document/",
        PickListDocumentEndpoint.as_view(),
        name="pick-list-document",
    ),
    path("order-proposals/", OrderProposalsEndpoint.as_view(), name="order-proposals"),
    path("source-selection/", SourceSelectionEndpoint.as_view(), name="source-selection"),
    path("shipments/", ShipmentsEndpoint.as_view(), name="shipments"),
    path("shipments/fulfill/", BulkFulfillmentEndpoint.as_view(), name="fulfill-shipments"),
    path("shipments/<str:number>/", ShipmentEndpoint.as_view(), name="shipment"),
    path(
        "shipments/<str:number>/explanation/",
        ExplanationEndpoint.as_view(),
        name="shipment-explanation",
    ),
    path(
        "shipments/<str:number>/packing-slip/",
        PackingSlipEndpoint.as_view(),
        name="packing-slip",
    ),
    path("shipments/<str:number>/parcels/", ParcelsEndpoint.as_view(), name="shipment-parcels"),
    path(
        "shipments/<str:number>/parcels/<int:pk>/",
        ParcelEndpoint.as_view(),
        name="shipment-parcel",
    ),
    path("shipments/<str:number>/notes/", ShipmentNotesEndpoint.as_view(), name="shipment-notes"),
    *(
        path(
            f"shipments/<str:number>/{action.code}/",
            ENDPOINTS[action.code].as_view(
                code=action.code, required_permissions={"POST": action.permission}
            ),
            name=f"{action.code}-shipment",
        )
        for action in ACTIONS
    ),
    path("delay-requests/", DelayRequestsEndpoint.as_view(), name="delay-requests"),
    path("delay-requests/answer/", DelayAnswersEndpoint.as_view(), name="answer-delay-requests"),
    path("delay-requests/<int:pk>/", DelayRequestEndpoint.as_view(), name="delay-request"),
    path(
        "delay-requests/<int:pk>/answer/",
        DelayAnswerEndpoint.as_view(),
        name="answer-delay-request",
    ),
    path("rules/", RulesEndpoint.as_view(), name="rules"),
    path("rules/<int:pk>/", RuleEndpoint.as_view(), name="rule"),
    path("rules/<int:pk>/preview/", RulePreviewEndpoint.as_view(), name="rule-preview"),
    path("rule-runs/", RuleRunsEndpoint.as_view(), name="rule-runs"),
    path("rule-runs/<int:pk>/", RuleRunEndpoint.as_view(), name="rule-run"),
    path("rule-runs/<int:pk>/confirm/", ConfirmEndpoint.as_view(), name="confirm-rule-run"),
    path("release-runs/", RunsEndpoint.as_view(), name="release-runs"),
    path("release-runs/<int:pk>/", RunEndpoint.as_view(), name="release-run"),
    path("release-runs/<int:pk>/decisions/", DecisionsEndpoint.as_view(), name="decisions"),
    path("release-runs/<int:pk>/apply/", ApplyEndpoint.as_view(), name="apply-run"),
]
