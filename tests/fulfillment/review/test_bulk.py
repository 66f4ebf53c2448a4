"""Moves for many shipments: the preview changes nothing, the move does what it said."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from fulfillment.models import ReleaseRun, Shipment, ShipmentEvent
from fulfillment.operations.loosening import Unfit
from fulfillment.review.bulk import make, rehearse
from fulfillment.review.change import BulkAction, BulkChange
from fulfillment.review.effect_words import Code, sentence_of, sentence_together
from fulfillment.review.effects import UNFIT
from inventory.models import Job, SourceItem
from orders.models import Cancellation, Order
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY = date(2026, 3, 31)
PREVIEW = reverse("admin:fulfillment_shipment_review_bulk")
APPLY = reverse("admin:fulfillment_shipment_review_bulk_apply")


@pytest.fixture
def channel():
    return SalesChannelFactory(stock=StockFactory(sources=[SourceFactory(code="berlin")]))


@pytest.fixture
def shipments(channel):
    """S0 waits, S1 is held by staff, S2 is with customer care."""
    made = [backorder(f"S{number}", channel) for number in range(3)]
    Shipment.objects.filter(pk=made[1].pk).update(is_held=True, hold_reason="STAFF")
    Shipment.objects.filter(pk=made[2].pk).update(state="CUSTOMER_CARE", care_reason="Address")
    return made


def backorder(number, channel, **columns):
    lines = columns.pop("lines", None) or {ProductFactory(): 1}
    return BackorderFactory(
        number=number, order=OrderFactory(channel=channel), lines=lines, **columns
    )


def effects(shipments, change):
    keys = [shipment.pk for shipment in shipments]
    outcomes = rehearse(keys, change, today=TODAY, now=NOW, actor_id=None)
    return [(outcome.effect.is_change, outcome.effect.sentence) for outcome in outcomes]


def apply_what_was_shown(client, values, **more):
    """Have it previewed, and press the button beneath."""
    shown = client.post(PREVIEW, {"asked": "1", **values})
    return client.post(
        APPLY, {"asked": "1", **values, "previewed": shown.context["previewed"], **more}
    )


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        (
            BulkChange(BulkAction.HOLD, reason="Count"),
            [
                (True, "Held: release runs leave it out until the hold is lifted."),
                (False, "Held already: Held by staff."),
                (False, "Customer care is not held."),
            ],
        ),
        (
            BulkChange(BulkAction.LIFT_HOLD),
            [
                (False, "Not held."),
                (True, "Back in the queue; a release run follows."),
                (False, "Not held."),
            ],
        ),
        (
            BulkChange(BulkAction.SET_PRIORITY, priority=0),
            [(False, "Has priority 0 already.")] * 3,
        ),
        (
            BulkChange(BulkAction.SET_PRIORITY, priority=7),
            [(True, "Priority 0 → 7.")] * 3,
        ),
        (
            BulkChange(BulkAction.SET_EXPECTED_DATE, expected_on=date(2026, 4, 9)),
            [(True, "Expected on April 9, 2026; the customer is told.")] * 3,
        ),
        (
            BulkChange(BulkAction.SET_EXPECTED_DATE, expected_on=date(2026, 3, 30)),
            [(False, "The date has passed: name today or a later day.")] * 3,
        ),
        (
            BulkChange(BulkAction.SET_EXPECTED_DATE, expected_on=None),
            [(False, "Release runs set its date already.")] * 3,
        ),
        (
            BulkChange(BulkAction.CUSTOMER_CARE, reason="Call"),
            [
                (True, "Leaves the queue until a person puts it back."),
                (True, "Leaves the queue until a person puts it back."),
                (False, "With customer care already."),
            ],
        ),
    ],
)
def test_the_preview_says_what_each_would_get_and_the_move_does_it(shipments, change, sentences):
    assert effects(shipments, change) == sentences
    assert ShipmentEvent.objects.count() == 0

    made = [make(s.pk, change, today=TODAY, now=NOW, actor_id=None, key="") for s in shipments]

    assert [(outcome.effect.is_change, outcome.effect.sentence) for outcome in made] == sentences
    assert ShipmentEvent.objects.count() == sum(is_change for is_change, _ in sentences)
    # Once more changes nothing: a worker may be killed and start again.
    again = [make(s.pk, change, today=TODAY, now=NOW, actor_id=None, key="") for s in shipments]
    assert not any(outcome.effect.is_change for outcome in again)
    assert ShipmentEvent.objects.count() == sum(is_change for is_change, _ in sentences)
    assert_invariants()


def test_canceling_ends_the_units_once(channel):
    product = ProductFactory()
    shipment = backorder("S1", channel, lines={product: 2})
    change = BulkChange(BulkAction.CANCEL, reason="Discontinued")

    assert effects([shipment], change) == [
        (
            True,
            "Canceled for good: 20.00 USD. What was paid is refunded, the customer is told.",
        )
    ]
    make(shipment.pk, change, today=TODAY, now=NOW, actor_id=None, key="job-1")
    again = make(shipment.pk, change, today=TODAY, now=NOW, actor_id=None, key="job-1")
    another = make(shipment.pk, change, today=TODAY, now=NOW, actor_id=None, key="job-2")

    shipment.refresh_from_db()
    assert shipment.state == "CANCELED"
    # A worker that was killed before it counted it finds what it did.
    assert again.effect.is_change
    assert another.effect.sentence == "It is over: Canceled."
    assert Cancellation.objects.count() == 1
    assert_invariants()


def test_the_preview_of_a_reassignment_tries_it_and_takes_it_back(channel):
    source = channel.stock.sources.get()
    product = ProductFactory(sku="WHEEL")
    item = SourceItemFactory(source=source, product=product, quantity=Decimal(3))
    first = backorder("S1", channel, lines={product: 2})
    second = backorder("S2", channel, lines={product: 2})
    change = BulkChange(BulkAction.REASSIGN, source="berlin", reason="Near")

    # S2 may not overtake S1, who waits before it for 2 of the 3.
    assert effects([first, second], change) == [
        (True, "Ready at berlin, with all its units."),
        (False, "The source cannot give 1 × WHEEL without overtaking others."),
    ]
    assert SourceItem.objects.get(pk=item.pk).allocated == 0
    assert set(Shipment.objects.values_list("state", flat=True)) == {"BACKORDER"}

    make(first.pk, change, today=TODAY, now=NOW, actor_id=None, key="")

    assert SourceItem.objects.get(pk=item.pk).allocated == 2
    assert Shipment.objects.get(number="S1").state == "READY"
    assert_invariants()


def test_a_source_that_may_not_serve_it_is_refused_with_why(channel):
    """Which of the causes it is, the moves by hand are tested for."""
    shipment = backorder("S1", channel)
    SourceFactory(code="oslo")
    assert effects([shipment], BulkChange(BulkAction.REASSIGN, source="oslo")) == [
        (False, "oslo does not belong to the stock that sold it.")
    ]
    channel.stock.sources.update(ships_to_home=False)
    assert effects([shipment], BulkChange(BulkAction.REASSIGN, source="berlin")) == [
        (False, "berlin does not ship to customers’ homes.")
    ]
    channel.stock.sources.update(is_enabled=False)
    assert effects([shipment], BulkChange(BulkAction.REASSIGN, source="berlin")) == [
        (False, "berlin is disabled.")
    ]


@pytest.mark.parametrize("code", [*Code])
def test_every_code_has_a_sentence_and_each_cause_a_code(code):
    values = {"priority": "1", "former": "0", "source": "berlin", "value": "1.00 USD"}
    values |= {"state": "READY", "hold": "STAFF", "missing": "2 × A"}
    values |= {"date": "2026-04-09", "former_date": "2026-04-01"}

    assert sentence_of(code, values).endswith(".")
    assert sentence_together(code, values).endswith(".")
    assert set(UNFIT) == set(Unfit)


def test_units_of_an_unpaid_order_are_left_alone(channel):
    shipment = backorder("S1", channel)
    Order.objects.update(status=Order.Status.PENDING_PAYMENT)

    assert effects([shipment], BulkChange(BulkAction.REASSIGN, source="berlin")) == [
        (False, "The payment of its order is not decided yet.")
    ]


def test_preview_and_apply_for_what_is_ticked(admin_client, shipments):
    ticked = {"action": "SET_PRIORITY", "shipment": [shipments[0].pk, shipments[1].pk]}

    asked = admin_client.post(PREVIEW, ticked)
    previewed = admin_client.post(
        PREVIEW, {**ticked, "asked": "1", "priority": "5", "reason": "Fair"}
    )

    assert not asked.context["is_previewed"]
    assert [outcome.effect.sentence for outcome in previewed.context["outcomes"]] == [
        "Priority 0 → 5.",
        "Priority 0 → 5.",
    ]
    assert set(Shipment.objects.values_list("priority", flat=True)) == {0}

    done = admin_client.post(
        APPLY,
        {
            **ticked,
            "asked": "1",
            "priority": "5",
            "reason": "Fair",
            "back": "sort=value",
            "previewed": previewed.context["previewed"],
        },
        follow=True,
    )

    assert done.redirect_chain[-1][0].endswith("/review/?sort=value")
    assert [str(message) for message in done.context["messages"]] == [
        "Set priority: 2 shipments changed."
    ]
    assert [s.priority for s in Shipment.objects.order_by("number")] == [5, 5, 0]
    assert set(ShipmentEvent.objects.values_list("reason", flat=True)) == {"Fair"}


def test_a_date_that_has_passed_is_refused_at_its_field(admin_client, shipments, time_machine):
    time_machine.move_to(NOW, tick=False)
    chosen = {"action": "SET_EXPECTED_DATE", "shipment": [shipments[0].pk], "asked": "1"}
    values = {**chosen, "expected_on": "2026-03-30", "reason": "They said"}

    for address in (PREVIEW, APPLY):
        page = admin_client.post(address, values)
        assert page.context["form"].errors == {
            "expected_on": ["The date has passed: name today or a later day."]
        }
        assert not page.context["is_previewed"]
    assert Shipment.objects.get(pk=shipments[0].pk).expected_on is None

    apply_what_was_shown(admin_client, {**values, "expected_on": "2026-03-31"})
    assert Shipment.objects.get(pk=shipments[0].pk).expected_on == TODAY


def test_all_that_match_is_what_the_filter_says(admin_client, shipments):
    apply_what_was_shown(
        admin_client,
        {
            "action": "SET_PRIORITY",
            "all": "1",
            "filter": "held=true",
            "shipment": [shipments[0].pk],
            "priority": "5",
            "reason": "Fair",
        },
    )

    assert [s.priority for s in Shipment.objects.order_by("number")] == [0, 5, 0]


@pytest.mark.parametrize(
    ("chosen", "scope"),
    [
        ({"shipment": "ticked"}, {"shipments": ["S0", "S1"]}),
        ({"all": "1", "filter": "held=false"}, {"filter": "held=false"}),
        ({"all": "1", "filter": ""}, {}),
    ],
)
@pytest.mark.parametrize(("action", "is_dry_run"), [("RELEASE", False), ("DRY_RUN", True)])
def test_a_release_is_a_run_over_what_was_chosen(
    admin_client, admin_user, shipments, chosen, scope, action, is_dry_run
):
    if chosen.get("shipment"):
        chosen = {"shipment": [shipments[0].pk, shipments[1].pk]}

    if is_dry_run:
        answer = admin_client.post(APPLY, {"action": action, **chosen})
    else:
        answer = apply_what_was_shown(admin_client, {"action": action, **chosen}, reason="Arrived")

    run = ReleaseRun.objects.get()
    assert run.reason == ("" if is_dry_run else "Arrived")
    assert answer.url == reverse("admin:fulfillment_releaserun_change", args=[run.pk])
    assert (run.state, run.trigger, run.is_dry_run) == ("QUEUED", "STAFF", is_dry_run)
    assert (run.scope, run.started_by) == (scope, admin_user)


def test_a_release_offers_to_look_first(admin_client, shipments):
    page = admin_client.post(PREVIEW, {"action": "RELEASE", "shipment": [shipments[0].pk]})

    text = page.content.decode()
    assert "Dry run first" in text
    assert "1 × " in text
    assert "missing: none at a source it may leave from" in text
    assert not ReleaseRun.objects.exists()


def test_a_dry_run_needs_no_preview(admin_client, shipments):
    admin_client.post(PREVIEW, {"action": "DRY_RUN", "shipment": [shipments[0].pk]})

    assert ReleaseRun.objects.get().is_dry_run


def test_nothing_ticked_is_said(admin_client, shipments):
    response = admin_client.post(PREVIEW, {"action": "HOLD"}, follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "Tick the shipments first."
    ]


@pytest.mark.parametrize("action", ["RELEASE", "HOLD"])
def test_ticks_of_nothing_are_not_taken_for_everything(admin_client, shipments, action):
    response = admin_client.post(APPLY, {"action": action, "shipment": ["0"]}, follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "None of these shipments is there any more."
    ]
    assert not ReleaseRun.objects.exists()


def test_what_cannot_be_undone_is_confirmed(admin_client, shipments):
    chosen = {"action": "CANCEL", "shipment": [shipments[0].pk], "reason": "Discontinued"}

    apply_what_was_shown(admin_client, chosen)
    assert Shipment.objects.get(pk=shipments[0].pk).state == "BACKORDER"

    apply_what_was_shown(admin_client, chosen, is_sure="1")
    assert Shipment.objects.get(pk=shipments[0].pk).state == "CANCELED"


def test_a_worker_does_what_is_many(admin_client, channel, django_capture_on_commit_callbacks):
    for number in range(51):
        backorder(f"S{number:02}", channel)

    answer = apply_what_was_shown(
        admin_client,
        {
            "action": "HOLD",
            "all": "1",
            "filter": "held=false",
            "reason": "Count",
            "back": "held=false",
        },
    )

    job = Job.objects.get()
    assert job.parameters["back"] == "held=false"
    assert answer.url == reverse("admin:inventory_job_progress", args=[job.pk])
    assert (job.kind, job.total_count) == ("fulfillment.bulk_change", 51)
    assert not Shipment.objects.filter(is_held=True).exists()
