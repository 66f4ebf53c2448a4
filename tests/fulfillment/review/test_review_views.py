"""Columns that each person chose, and views that are kept, shared and deleted."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core.models import SavedView
from inventory.models import SalesChannel
from tests.factories.inventory import ProductFactory
from tests.fulfillment.review.review_pages import REVIEW, backorder, member, numbers

LIST = "fulfillment_shipment_review"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def test_columns_are_kept_for_each_person(client: Client, channel: SalesChannel) -> None:
    backorder("S1", channel)
    member(client, "Viewer")
    client.post(
        reverse("admin:fulfillment_shipment_review_columns"),
        {"columns": ["priority", "customer"], "current": "sort=value&view=3"},
    )
    own = client.get(REVIEW).context["headings"]
    member(client, "Merchant")
    others = client.get(REVIEW).context["headings"]

    assert [heading["name"] for heading in own] == ["number", "customer", "priority"]
    assert "age" in {heading["name"] for heading in others}


def test_a_view_keeps_filter_order_and_columns(client: Client, channel: SalesChannel) -> None:
    backorder("CHEAP", channel)
    backorder("DEAR", channel, lines={ProductFactory(): 9})
    member(client, "Fulfillment")

    saved = client.post(
        reverse("admin:fulfillment_shipment_review_save_view"),
        {
            "name": "Dear",
            "current": "value_min=50&sort=-value&page=3&open=7",
            "columns": ["value"],
        },
    )

    view = SavedView.objects.get()
    assert view.querystring == "value_min=50&sort=-value"
    assert saved["Location"] == f"{REVIEW}?value_min=50&sort=-value&view={view.pk}"
    shown = client.get(saved["Location"])
    assert numbers(shown) == ["DEAR"]
    assert [heading["name"] for heading in shown.context["headings"]] == ["number", "value"]


def test_a_view_is_seen_by_others_only_when_shared(client: Client, channel: SalesChannel) -> None:
    owner = User.objects.create_user("owner")
    for name, is_shared in (("Mine alone", False), ("For all", True)):
        SavedView.objects.create(list_name=LIST, owner=owner, name=name, is_shared=is_shared)
    member(client, "Viewer")

    response = client.get(REVIEW)

    assert [view["name"] for view in response.context["list_head"]["views"]] == ["For all"]
    for view in SavedView.objects.all():
        address = reverse("admin:fulfillment_shipment_review_delete_view", args=[view.pk])
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403
    assert SavedView.objects.count() == 2


def test_columns_of_a_view_that_there_are_no_more_are_dropped(
    client: Client, channel: SalesChannel
) -> None:
    user = member(client, "Viewer")
    view = SavedView.objects.create(
        list_name=LIST, owner=user, name="Old", columns=["moon", "value"]
    )

    response = client.get(REVIEW, {"view": view.pk})

    assert [heading["name"] for heading in response.context["headings"]] == ["number", "value"]


def test_deleting_a_view_asks_first(client: Client, channel: SalesChannel) -> None:
    user = member(client, "Viewer")
    view = SavedView.objects.create(
        list_name=LIST, owner=user, name="Old", querystring="age=OLDER", is_shared=True
    )
    address = reverse("admin:fulfillment_shipment_review_delete_view", args=[view.pk])

    asked = client.get(address).content.decode()

    assert "Delete the view “Old”?" in asked
    assert "nobody can open it afterwards" in asked
    assert f'href="{REVIEW}?age=OLDER&amp;view={view.pk}"' in asked
    assert SavedView.objects.exists()
    assert client.post(address)["Location"] == REVIEW
    assert not SavedView.objects.exists()


def test_a_view_of_another_list_is_no_view_of_the_review(
    client: Client, channel: SalesChannel
) -> None:
    user = member(client, "Viewer")
    view = SavedView.objects.create(list_name="fulfillment_shipment", owner=user, name="Mine")

    shown = client.get(REVIEW, {"view": view.pk})

    assert shown.context["list_head"]["views"] == []
    address = reverse("admin:fulfillment_shipment_review_delete_view", args=[view.pk])
    assert client.post(address).status_code == 403
