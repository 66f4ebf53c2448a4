"""Many shipments assigned to a person, from the review and from the list of all shipments."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from fulfillment.admin import fields
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from tests.fulfillment.review.bulk_moves import (
    confirm,
    effects,
    make_together,
    messages,
    said,
    shown,
)
from tests.test_roles_walk import person

pytestmark = pytest.mark.django_db

ASSIGN = "ASSIGN_PERSON"
LIST = reverse("admin:fulfillment_shipment_changelist")


@pytest.fixture
def worker() -> User:
    return person("Fulfillment")


def assignees() -> dict[Any, Any]:
    rows = Shipment.objects.order_by("number")
    return dict(rows.values_list("number", "assignee__username"))


def test_shipments_are_previewed_and_assigned_without_a_reason(
    admin_client: Client, admin_user: User, worker: User, shipments: list[Shipment]
) -> None:
    Shipment.objects.filter(number="S1").update(assignee=worker)
    Shipment.objects.filter(number="S2").update(assignee=admin_user)
    chosen = {"shipment": [shipment.pk for shipment in shipments], "filter": "sort=value"}

    page = shown(admin_client, ASSIGN, {"username": "Fulfillment"}, **chosen)

    assert [(row["names"][0], row["effect"] or row["refusal"]) for row in page.context["rows"]] == [
        # What stays as it is comes first.
        ("S1", "Assigned to Fulfillment already."),
        ("S0", "Assigned to Fulfillment."),
        ("S2", "Assigned to: admin → Fulfillment."),
    ]
    assert "reason" not in page.context["confirmation"].fields
    assert not ShipmentEvent.objects.exists()

    done = confirm(admin_client, page)

    assert messages(admin_client.get(done.url)) == [
        "Assign to a person: 2 shipments changed.",
        "1 shipment stays as it is. Assigned to Fulfillment already.",
    ]
    assert set(assignees().values()) == {"Fulfillment"}
    events = ShipmentEvent.objects.order_by("shipment__number").values_list(
        "kind", "detail", "actor"
    )
    assert list(events) == [
        ("ASSIGNED", {"from": None, "to": "Fulfillment"}, admin_user.pk),
        ("ASSIGNED", {"from": "admin", "to": "Fulfillment"}, admin_user.pk),
    ]


def test_shipments_are_assigned_to_nobody(
    admin_client: Client, worker: User, shipments: list[Shipment]
) -> None:
    Shipment.objects.filter(number="S1").update(assignee=worker)
    change = ShipmentBulkChange(BulkAction.ASSIGN_PERSON)

    assert effects(shipments, change) == [
        (False, "Not assigned to anyone."),
        (True, "No longer assigned to Fulfillment."),
        (False, "Not assigned to anyone."),
    ]

    chosen = {"shipment": [shipment.pk for shipment in shipments]}
    page = shown(admin_client, ASSIGN, {"username": fields.NOBODY}, **chosen)
    confirm(admin_client, page)

    assert assignees() == {"S0": None, "S1": None, "S2": None}
    assert page.context["summary"] == "Assign to nobody"


def test_who_may_not_work_on_shipments_is_assigned_none(
    admin_client: Client,
    worker: User,
    shipments: list[Shipment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person("Viewer")
    chosen = {"shipment": [shipments[0].pk]}

    listed = shown(admin_client, ASSIGN, {"username": "Viewer"}, **chosen)
    monkeypatch.setattr(fields, "MOST_LISTED", 1)
    typed = shown(admin_client, ASSIGN, {"username": "Viewer"}, **chosen)

    assert listed.context["form"].errors == {
        "username": ["Select a valid choice. Viewer is not one of the available choices."]
    }
    assert typed.context["form"].errors == {
        "username": ["Nobody with this user name may work on shipments."]
    }

    # Who leaves between the preview and the change is assigned nothing either.
    change = ShipmentBulkChange(BulkAction.ASSIGN_PERSON, username="Fulfillment")
    User.objects.filter(pk=worker.pk).update(is_active=False)
    rows = make_together([shipment.pk for shipment in shipments], change)
    assert [said(row) for row in rows] == ["Nobody with this user name may work on shipments."] * 3
    assert set(assignees().values()) == {None}


def test_an_assignment_since_the_preview_is_shown_first(
    admin_client: Client, worker: User, shipments: list[Shipment]
) -> None:
    page = shown(admin_client, ASSIGN, {"username": "admin"}, shipment=[shipments[0].pk])
    Shipment.objects.filter(number="S0").update(assignee=worker)

    answer = confirm(admin_client, page)

    [warning] = messages(answer)
    assert "S0 (Assigned to: – shown, Fulfillment now)" in warning
    assert assignees()["S0"] == "Fulfillment"


def test_the_list_of_all_shipments_assigns_what_is_selected_or_matches(
    client: Client, worker: User, shipments: list[Shipment]
) -> None:
    client.force_login(worker)
    asked = {"action": "bulk_assign-person", "_selected_action": [shipments[0].pk]}

    offered = client.get(LIST)
    one = client.post(LIST, asked)
    every = client.post(f"{LIST}?state__exact=BACKORDER&tab=waiting", asked | {"select_across": 1})

    choices = [code for code, _label in offered.context["action_form"].fields["action"].choices]
    assert choices == [
        "",
        "bulk_assign-person",
        "bulk_pack",
        "bulk_unpack",
        "bulk_set-aside",
        "bulk_fulfill",
        "bulk_pick-list",
        "bulk_packing-slips",
    ]
    named = urlencode({"asked": 1, "username": "Fulfillment"})
    page = client.get(f"{one['Location']}&{named}")
    assert page.context["list_url"] == LIST
    assert (page.context["selected_count"], page.context["matching_count"]) == (1, 3)

    page = client.get(f"{every['Location']}&{named}")
    assert page.context["selected_count"] == 2
    done = confirm(client, page)
    assert done["Location"] == f"{LIST}?state__exact=BACKORDER&tab=waiting"
    assert assignees() == {"S0": "Fulfillment", "S1": "Fulfillment", "S2": None}


@pytest.mark.parametrize("role", ["Viewer", "Merchant", "Operations"])
def test_the_list_offers_it_only_to_those_who_may_work_on_shipments(
    client: Client, worker: User, shipments: list[Shipment], role: Any
) -> None:
    client.force_login(person(role))
    asked = {"action": "bulk_assign-person", "_selected_action": [shipments[0].pk]}

    offered = client.get(LIST).context["action_form"]
    client.post(LIST, asked)
    page = client.get(
        reverse("admin:fulfillment_shipment_bulk_assign-person"),
        {"ids": str(shipments[0].pk), "from_list": "1", "asked": "1", "username": "Fulfillment"},
    )

    assert offered is None
    assert page.status_code == 403
    assert assignees()["S0"] is None
