"""The page of a sales channel says what its delay rule lacks."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.factories.inventory import SalesChannelFactory

pytestmark = pytest.mark.django_db
WARNING = "SITE_URL is not set, so e-mails about delays have no link to answer by."


@pytest.mark.parametrize(
    ("rule", "address", "is_warned"),
    [
        ("CONSENT", "", True),
        ("CONSENT", "https://shop.example.com", False),
        ("NOTIFY", "", False),
    ],
)
def test_a_channel_that_asks_for_consent_needs_the_address_of_the_site(
    admin_client: Client, settings: Settings, rule: str, address: str, is_warned: bool
) -> None:
    settings.SITE_URL = address
    channel = SalesChannelFactory(delay_rule=rule)

    page = admin_client.get(reverse("admin:inventory_saleschannel_change", args=[channel.pk]))

    assert (WARNING in page.text) is is_warned
