"""No e-mail tells customers who collect their order that something of it is sent."""

import re

import pytest
from django.utils import translation

from orders.models import OrderEmail
from orders.notices.render import render_emails
from tests.every_email import CONTEXTS
from tests.factories.inventory import SourceFactory
from tests.factories.orders import OrderFactory

Kind = OrderEmail.Kind
# Nobody who collects has these: what is collected leaves in no parcel.
OF_PARCELS = (Kind.DISPATCHED, Kind.TRACKING, Kind.SHIPPING_UNDONE)
SENDING = {
    "en": re.compile(r"\b(send|sent|ship|deliver|dispatch)", re.IGNORECASE),
    "sv": re.compile(r"skick|lever", re.IGNORECASE),
    "fr": re.compile(r"expédi|envo[iy]|livr", re.IGNORECASE),
}


def sentences(language: str, *, is_pickup: bool) -> list[str]:
    """Return what e-mails say of sending."""
    method = {}
    if is_pickup:
        store = SourceFactory(
            code="store", is_pickup_location=True, street="1", city="Lund", phone="46"
        )
        method = {"fulfillment_method": "PICKUP", "pickup_source": store}
    order = OrderFactory(customer_name="Ada", currency="USD", **method)
    kinds = [kind for kind in Kind if kind not in OF_PARCELS]
    found = []
    for kind in kinds:
        for context in ({**CONTEXTS[0], "together": "COLLECTED"}, CONTEXTS[1]):
            for more in ({}, {"expected_on": None, "until": None}):
                email = OrderEmail(order=order, kind=kind, context={**context, **more})
                email.language = language
                with translation.override(language):
                    subject, text = render_emails([email])
                found += [f"{kind}: {one}" for one in [subject, *text.split(". ")]]
    return [one for one in found if SENDING[language].search(one.partition(": ")[2])]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "sv", "fr"])
def test_who_collects_reads_nothing_of_sending(language: str) -> None:
    assert sentences(language, is_pickup=True) == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "sv", "fr"])
def test_others_do(language: str) -> None:
    kinds = {one.partition(":")[0] for one in sentences(language, is_pickup=False)}

    assert {"EXPECTED_DATE_CHANGED", "DELAYED", "PAYMENT_NEEDED", "CONFIRMATION"} <= kinds
