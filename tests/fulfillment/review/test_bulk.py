"""Moves for many shipments: the preview changes nothing, the move does what it said."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from fulfillment.review.effect_words import Code, sentence_of, sentence_together
from fulfillment.review.effects import INELIGIBLE_SOURCE
from fulfillment.sourcing.eligibility import Ineligibility
from inventory.models import SalesChannel, SourceItem
from orders.models import Cancellation, Order, OrderEmail
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.fulfillment.review.bulk_moves import AT, NOW, backorder, effects, make, said
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        (
            ShipmentBulkChange(BulkAction.HOLD, reason="Count"),
            [
                (True, "Held: not released until the hold is lifted."),
                (False, "Held already: Held by staff."),
                (False, "Shipments with customer care cannot be held."),
            ],
        ),
        (
            ShipmentBulkChange(BulkAction.LIFT_HOLD),
            [
                (False, "Not held."),
                (True, "Back in the queue. A release run follows."),
                (False, "Not held."),
            ],
        ),
        (
            ShipmentBulkChange(BulkAction.SET_PRIORITY, priority=0),
            [(False, "Has priority 0 already.")] * 3,
        ),
        (
            ShipmentBulkChange(BulkAction.SET_PRIORITY, priority=7),
            [(True, "Priority 0 → 7.")] * 3,
        ),
        (
            ShipmentBulkChange(BulkAction.SET_EXPECTED_DATE, expected_on=date(2026, 4, 9)),
            [(True, "Expected on 9 Apr 2026. The customer gets an e-mail.")] * 3,
        ),
        (
            ShipmentBulkChange(BulkAction.SET_EXPECTED_DATE, expected_on=date(2026, 3, 30)),
            [(False, "The date has passed: name today or a later day.")] * 3,
        ),
        (
            ShipmentBulkChange(BulkAction.SET_EXPECTED_DATE, expected_on=None),
            [(False, "Release runs set its date already.")] * 3,
        ),
        (
            ShipmentBulkChange(BulkAction.CUSTOMER_CARE, reason="Call"),
            [
                (True, "Leaves the queue until staff return it."),
                (True, "Leaves the queue until staff return it."),
                (False, "With customer care already."),
            ],
        ),
    ],
)
def test_the_preview_says_what_each_would_get_and_the_move_does_it(
    shipments: list[Shipment], change: ShipmentBulkChange, sentences: Any
) -> None:
    assert effects(shipments, change) == sentences
    assert ShipmentEvent.objects.count() == 0

    made = [make(s.pk, change, AT) for s in shipments]

    assert [(row.is_change, said(row)) for row in made] == sentences
    assert ShipmentEvent.objects.count() == sum(is_change for is_change, _ in sentences)
    # Once more changes nothing: a worker may be killed and start again.
    again = [make(s.pk, change, AT) for s in shipments]
    assert not any(row.is_change for row in again)
    assert ShipmentEvent.objects.count() == sum(is_change for is_change, _ in sentences)
    assert_invariants()


def test_canceling_ends_the_units_once(channel: SalesChannel) -> None:
    product = ProductFactory()
    shipment = backorder("S1", channel, lines={product: 2})
    change = ShipmentBulkChange(BulkAction.CANCEL, reason="Discontinued")

    assert effects([shipment], change) == [
        (
            True,
            ("Canceled: 20.00 USD. The payment is refunded, and the customer gets an e-mail."),
        )
    ]
    make(shipment.pk, change)
    again = make(shipment.pk, change)

    shipment.refresh_from_db()
    assert shipment.state == "CANCELED"
    assert said(again) == "It has ended: Canceled."
    assert Cancellation.objects.count() == 1
    assert_invariants()


def test_customers_read_why_their_shipments_were_canceled_together(channel: SalesChannel) -> None:
    shipments = [backorder(number, channel) for number in ("S1", "S2")]
    values = {"cause": "NOT_AVAILABLE", "zone": "UTC", "reason": "Discontinued"}
    change = ShipmentBulkChange.from_json(BulkAction.CANCEL, values)

    for shipment in shipments:
        make(shipment.pk, change, Act(NOW, key="job-1"))

    emails = OrderEmail.objects.filter(kind="CANCELED").order_by("pk")
    assert [email.context["cause"] for email in emails] == ["NOT_AVAILABLE", "NOT_AVAILABLE"]


def test_the_preview_of_a_reassignment_tries_it_and_takes_it_back(channel: SalesChannel) -> None:
    source = channel.stock.sources.get()
    product = ProductFactory(sku="WHEEL")
    item = SourceItemFactory(source=source, product=product, quantity=Decimal(3))
    first = backorder("S1", channel, lines={product: 2})
    second = backorder("S2", channel, lines={product: 2})
    change = ShipmentBulkChange(BulkAction.REASSIGN, source="berlin", reason="Near")

    # S2 may not overtake S1, who waits before it for 2 of the 3.
    assert effects([first, second], change) == [
        (True, "Ready at berlin, with all its units."),
        (False, "The source cannot supply 1 × WHEEL without units of earlier shipments."),
    ]
    assert SourceItem.objects.get(pk=item.pk).allocated == 0
    assert set(Shipment.objects.values_list("state", flat=True)) == {"BACKORDER"}

    make(first.pk, change, AT)

    assert SourceItem.objects.get(pk=item.pk).allocated == 2
    assert Shipment.objects.get(number="S1").state == "READY"
    assert_invariants()


def test_a_source_that_may_not_serve_it_is_refused_with_why(channel: SalesChannel) -> None:
    """Which of the causes it is, the moves by hand are tested for."""
    shipment = backorder("S1", channel)
    SourceFactory(code="oslo")
    assert effects([shipment], ShipmentBulkChange(BulkAction.REASSIGN, source="oslo")) == [
        (False, "oslo does not belong to the stock that sold it.")
    ]
    channel.stock.sources.update(ships_to_home=False)
    assert effects([shipment], ShipmentBulkChange(BulkAction.REASSIGN, source="berlin")) == [
        (False, "berlin does not ship to customers’ homes.")
    ]
    channel.stock.sources.update(is_enabled=False)
    assert effects([shipment], ShipmentBulkChange(BulkAction.REASSIGN, source="berlin")) == [
        (False, "berlin is disabled.")
    ]


@pytest.mark.parametrize("code", [*Code])
def test_every_code_has_a_sentence_and_each_cause_a_code(code: Any) -> None:
    values = {"priority": "1", "former": "0", "source": "berlin", "value": "1.00 USD"}
    values |= {"state": "READY", "hold": "STAFF", "missing": "2 × A", "person": "ada"}
    values |= {"date": "2026-04-09", "former_date": "2026-04-01", "why": "It is below 0."}
    values |= {"time": "2026-04-01T09:00:00+00:00"}

    assert sentence_of(code, values).endswith(".")
    assert sentence_together(code, values).endswith(".")
    assert set(INELIGIBLE_SOURCE) == set(Ineligibility)


def test_units_of_an_unpaid_order_are_left_alone(channel: SalesChannel) -> None:
    shipment = backorder("S1", channel)
    Order.objects.update(status=Order.Status.PENDING_PAYMENT)

    assert effects([shipment], ShipmentBulkChange(BulkAction.REASSIGN, source="berlin")) == [
        (False, "The payment of its order is not decided yet.")
    ]
