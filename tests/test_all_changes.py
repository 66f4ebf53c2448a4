"""The list of all changes: complete, filtered, limited by role, and cheap however long it is."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from core.models import ApiKey
from core.models.history import START, events_of, tracked_models
from inventory.models import Product, SalesChannel
from tests.factories.inventory import ProductFactory, SalesChannelFactory, SourceItemFactory
from tests.present import present
from tests.test_roles_walk import person, quiet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures(quiet.__name__)]

# What people change that keeps a log of its own, on its page.
OWN_LOG = {"orders.order", "fulfillment.shipment", "orders.payment", "orders.paymentoperation",
           "orders.orderemail", "inventory.lowstockdigest", "inventory.backinstockrequest",
           "fulfillment.demanddigest", "core.accountemail",
           "core.job", "fulfillment.releaserun", "inventory.importfile", "inventory.reservation",
           "core.bulkchange"}  # fmt: skip


def entries(client: Client, **chosen: Any) -> list[dict[str, object]]:
    response = client.get(reverse("admin:changes"), chosen)
    assert response.status_code == 200
    return list(response.context["entries"])


def said(entry: dict[str, Any]) -> tuple[object, ...]:
    fields = [(field["label"], field["before"], field["after"]) for field in entry["fields"]]
    return entry["kind"], entry["model"], entry["name"], fields


def test_everything_that_a_person_can_change_has_a_history() -> None:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True)
    changed = {
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if page.has_change_permission(request) or page.has_add_permission(request)
    }

    assert changed - OWN_LOG - set(tracked_models()) == set()


def test_channels_people_keys_and_schedules_are_listed(admin_client: Client) -> None:
    channel = SalesChannelFactory(code="shop")
    SalesChannel.objects.filter(pk=channel.pk).update(name="Shop")
    anna = User.objects.create(username="anna")
    anna.groups.add(Group.objects.get(name="Viewer"))
    User.objects.filter(pk=anna.pk).update(last_login=datetime.now(UTC))
    ApiKey.objects.create(user=anna, name="shop", digest="hidden", created_at=datetime.now(UTC))
    work = present(PeriodicTask.objects.order_by("pk").first())
    PeriodicTask.objects.filter(pk=work.pk).update(enabled=False)
    PeriodicTask.objects.filter(pk=work.pk).update(total_run_count=7)

    found = {
        label: [said(entry)[:3] for entry in entries(admin_client, kind=label)][:1]
        for label in ("inventory.saleschannel", "auth.user_groups", "auth.user", "core.apikey")
    }

    assert found == {
        "inventory.saleschannel": [("Changed", "Sales channel", channel.code)],
        "auth.user_groups": [("Added", "Group of a user", "anna · Viewer")],
        "auth.user": [("Added", "User", "anna")],
        "core.apikey": [("Added", "API key", "shop")],
    }
    schedules = entries(admin_client, kind="fulfillment.scheduledwork")
    assert said(schedules[0]) == (
        "Changed", "Scheduled work", work.name, [("Enabled", "Yes", "No")],
    )  # fmt: skip
    for model in tracked_models().values():
        kept = {field.name for field in events_of(model)._meta.concrete_fields}
        assert not kept & {"password", "digest"}, model


def test_changes_are_found_by_field_object_person_and_day(
    admin_client: Client, admin_user: User
) -> None:
    lamp, table = ProductFactory(sku="LAMP", name="Lamp"), ProductFactory(sku="TABLE", name="Table")
    page = reverse("admin:inventory_product_history", args=[lamp.pk])
    Product.objects.filter(pk=lamp.pk).update(out_of_stock_threshold=-5)
    Product.objects.filter(pk=lamp.pk).update(name="Desk lamp")
    Product.objects.filter(pk=table.pk).update(out_of_stock_threshold=3)
    SourceItemFactory(product=lamp, quantity=4)
    address = reverse("admin:inventory_product_change", args=[lamp.pk])
    events = events_of(Product).objects
    events.filter(pgh_obj_id=table.pk).update(pgh_created_at=datetime(2020, 1, 2, 3, tzinfo=UTC))

    by_field = entries(admin_client, field="out_of_stock_threshold")
    by_object = entries(admin_client, named="lam", kind="inventory.product")
    by_both = entries(admin_client, field="out_of_stock_threshold", named="LAMP")

    assert [said(entry)[1:] for entry in by_field] == [
        ("Product", "LAMP", [("Out-of-Stock Threshold", "inherited", "-5")]),
        ("Product", "TABLE", [("Out-of-Stock Threshold", "inherited", "3")]),
    ]
    assert [said(entry)[:1] for entry in by_object] == [("Changed",), ("Changed",), ("Added",)]
    assert [entry["address"] for entry in by_both] == [address]
    assert entries(admin_client, named="lamp", kind="inventory.sourceitem")[0]["kind"] == "Added"
    assert entries(admin_client, kind="inventory.product", row=lamp.pk) == by_object
    assert len(entries(admin_client, day="2020-01-02")) == 2
    assert entries(admin_client, day="2020-01-03") == []
    assert entries(admin_client, person=admin_user.pk) == []
    assert len(entries(admin_client, person=0, kind="inventory.product")) == 5
    assert admin_client.get(page).status_code == 200


def test_what_a_person_changed_is_theirs(admin_client: Client, admin_user: User) -> None:
    admin_client.post(reverse("admin:auth_group_add"), {"name": "Buyers"})
    with connection.cursor() as cursor:
        # An entry of history ends with its transaction, which a test has only one of.
        cursor.execute("SELECT set_config('pghistory.context_id', '', TRUE)")
    Group.objects.filter(name="Buyers").delete()

    (made,) = entries(admin_client, person=admin_user.pk)
    deleted = entries(admin_client, kind="auth.group")[0]

    assert said(made) == ("Added", "Group", "Buyers", [("Name", "–", "Buyers")])
    assert (made["username"], made["address"]) == ("admin", None)
    assert said(deleted) == ("Deleted", "Group", "Buyers", [])


@pytest.mark.parametrize(
    "wrong",
    [{"day": "tomorrow"}, {"field": "nothing"}, {"before": "x"}, {"row": "x"}, {"row": "4"},
     {"before": "2026-01-01T00:00~inventory.product~1"}, {"kind": "orders.order"}],
)  # fmt: skip
def test_a_wrong_filter_is_said_and_shows_nothing(
    admin_client: Client, wrong: dict[str, str]
) -> None:
    ProductFactory()

    response = admin_client.get(reverse("admin:changes"), wrong)

    assert response.status_code == 200
    assert response.context["entries"] == []
    assert 'role="alert"' in response.text


def test_a_role_sees_changes_of_what_it_may_see(client: Client) -> None:
    SourceItemFactory()
    User.objects.create(username="anna")
    kinds = {}
    for role in ("Merchant", "Fulfillment"):
        client.force_login(person(role))
        response = client.get(reverse("admin:changes"))
        kinds[role] = {value for value, _ in response.context["form"].fields["kind"].choices}
        assert {entry["model"] for entry in entries(client)} >= {"Product", "Source item"}
        assert "User" not in {entry["model"] for entry in entries(client)}

    assert kinds["Merchant"] - kinds["Fulfillment"] == {
        "inventory.inventoryconfiguration",
        "orders.noticetext",
    }
    assert not any(label.startswith(("auth.", "core.")) for label in kinds["Merchant"])


def test_pages_follow_each_other_and_cost_the_same_however_many_rows(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.admin.all_changes.ON_A_PAGE", 4)
    for number in range(6):
        SourceItemFactory(product=ProductFactory(sku=f"P-{number}"))
    everything, address, counts = [], reverse("admin:changes") + "?field=", []
    while address:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = admin_client.get(address)
        counts.append(len(captured))
        everything += [(entry["model"], entry["name"]) for entry in response.context["entries"]]
        older = response.context["older"]
        address = older and reverse("admin:changes") + older

    total = sum(
        events_of(model).objects.exclude(pgh_label=START).count()
        for model in tracked_models().values()
    )
    assert len(everything) == total
    monkeypatch.setattr("core.admin.all_changes.ON_A_PAGE", 1000)
    assert [(entry["model"], entry["name"]) for entry in entries(admin_client)] == everything
    items = [name for model, name in everything if model == "Source item"]
    assert len(items) == len(set(items)) == 6
    monkeypatch.setattr("core.admin.all_changes.ON_A_PAGE", 3)
    few = _count(admin_client, kind="inventory.sourceitem")
    monkeypatch.setattr("core.admin.all_changes.ON_A_PAGE", 6)
    assert _count(admin_client, kind="inventory.sourceitem") == few


def _count(client: Client, **chosen: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("admin:changes"), chosen)
    return len(captured)


def test_a_new_row_shows_what_was_given_and_folds_its_defaults(admin_client: Client) -> None:
    lamp = Product.objects.create(sku="LAMP", name="Lamp", out_of_stock_threshold=0)
    history = reverse("admin:inventory_product_history", args=[lamp.pk])

    [listed] = entries(admin_client, kind="inventory.product")
    [sought] = entries(admin_client, kind="inventory.product", field="is_enabled")
    page = admin_client.get(history)

    def labels(fields: Any) -> list[str]:
        return [field["label"] for field in fields]

    assert labels(listed["fields"]) == ["SKU", "Name", "Out-of-Stock Threshold"]
    assert labels(listed["defaults"]) == ["Enabled", "Type", "Price", "Order multiple"]
    assert "Enabled" in labels(sought["fields"])
    assert labels(page.context["entries"][0]["defaults"]) == labels(listed["defaults"])
    assert "4 default values</summary>" in page.text
    # A value that is given up for the default later is a change like any other.
    Product.objects.filter(pk=lamp.pk).update(is_enabled=False)
    Product.objects.filter(pk=lamp.pk).update(is_enabled=True)
    newest = entries(admin_client, kind="inventory.product")[0]
    assert (labels(newest["fields"]), newest["defaults"]) == (["Enabled"], [])
