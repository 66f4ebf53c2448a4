import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["S-1", "lovel", "KETTLE", "1001"])
def test_the_list_is_searched_as_the_review_is(admin_client: Client, text: str) -> None:
    order = OrderFactory(number="1001", customer_name="Ada Lovelace")
    BackorderFactory(number="S-1", order=order, lines={ProductFactory(sku="KETTLE-2"): 1})
    BackorderFactory(number="X-1", order__number="2002", lines={ProductFactory(sku="TOFU"): 1})

    found = admin_client.get(reverse("admin:fulfillment_shipment_changelist"), {"q": text})

    assert [row.number for row in found.context["cl"].result_list] == ["S-1"]


def test_the_list_releases_nothing(admin_client: Client) -> None:
    """The review and the release board do: they ask, and show what would happen."""
    BackorderFactory(lines={ProductFactory(): 1})

    page = admin_client.get(reverse("admin:fulfillment_shipment_changelist"))

    actions = page.context["cl"].model_admin.get_actions(page.wsgi_request)
    assert list(actions) == [
        "bulk_assign-person",
        "bulk_pack",
        "bulk_unpack",
        "bulk_set-aside",
        "bulk_fulfill",
        "bulk_pick-list",
        "bulk_packing-slips",
    ]
