import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from fulfillment import tasks
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def started(monkeypatch) -> list[dict]:
    calls: list[dict] = []
    monkeypatch.setattr(
        tasks.release_backorders, "delay", lambda **arguments: calls.append(arguments)
    )
    return calls


def release(client, shipment):
    return client.post(
        reverse("admin:fulfillment_shipment_changelist"),
        {"action": "release_backorders", "_selected_action": [shipment.pk]},
    )


def test_release_action_starts_a_run_once_committed(
    admin_client, admin_user, started, django_capture_on_commit_callbacks
):
    shipment = BackorderFactory(lines={ProductFactory(): 1})

    with django_capture_on_commit_callbacks(execute=True):
        release(admin_client, shipment)

    assert started == [{"trigger": "STAFF", "started_by_id": admin_user.pk}]


def test_a_viewer_cannot_start_a_run(client, started, django_capture_on_commit_callbacks):
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_shipment"))
    client.force_login(viewer)
    shipment = BackorderFactory(lines={ProductFactory(): 1})

    with django_capture_on_commit_callbacks(execute=True):
        release(client, shipment)

    assert started == []


@pytest.mark.parametrize("text", ["S-1", "lovel", "KETTLE", "1001"])
def test_the_list_is_searched_as_the_review_is(admin_client, text):
    order = OrderFactory(number="1001", customer_name="Ada Lovelace")
    BackorderFactory(number="S-1", order=order, lines={ProductFactory(sku="KETTLE-2"): 1})
    BackorderFactory(number="X-1", order__number="2002", lines={ProductFactory(sku="TOFU"): 1})

    found = admin_client.get(reverse("admin:fulfillment_shipment_changelist"), {"q": text})

    assert [row.number for row in found.context["cl"].result_list] == ["S-1"]
