"""Rules on their pages: made, previewed, run and confirmed."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from fulfillment.models import RuleRun, Shipment, ShipmentEvent, WaitingRule
from fulfillment.waiting_rules.preview import preview_rule
from fulfillment.waiting_rules.rule_runs import perform
from orders.models import Cancellation, OrderEmail
from tests.factories.inventory import FutureSupplyFactory
from tests.fulfillment.delays.consent import AGREED, configure, open_shop, waiting
from tests.fulfillment.waiting_rules.rules import DAY, make, moment, run, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Any:
    """A shop on 12 March, with an order that waits since 2 March."""
    with time_machine.travel(moment().now, tick=False):
        open_shop("NOTIFY", future_inventory=True)
        yield


def address(name: str, *args: Any) -> str:
    return reverse(f"admin:fulfillment_{name}", args=args)


def test_a_rule_is_made_previewed_and_run(shop: None, admin_client: Client) -> None:
    shipment = waiting()
    values = {
        "name": "Old backorders",
        "position": "1",
        "age_days_min": "10",
        "action": "RAISE_PRIORITY",
        "raise_by": "5",
    }

    refused = admin_client.post(address("waitingrule_add"), values)
    made = admin_client.post(address("waitingrule_add"), {**values, "raise_up_to": "20"})
    rule = WaitingRule.objects.get(name="Old backorders")
    preview = admin_client.get(address("waitingrule_preview", rule.pk)).text
    WaitingRule.objects.filter(pk=rule.pk).update(is_enabled=True)
    started = admin_client.post(address("waitingrule_run"))

    assert "The action “Raise the priority” needs this value." in refused.text
    assert made.status_code == 302
    assert "The rule would act on 1 shipment now." in preview
    assert "The rule is off. It acts once it is enabled." in preview
    assert shipment.number in preview
    asked = RuleRun.objects.get()
    assert started["Location"] == address("rulerun_change", asked.pk)
    perform(asked, lambda _done: None)
    page = admin_client.get(address("rulerun_change", asked.pk)).text
    assert "Shipments found: 1. Shipments changed: 1." in page
    timeline = admin_client.get(address("shipment_change", shipment.pk)).text
    assert "Rule applied" in timeline
    assert "Old backorders" in timeline


CANCELS = {"name": "Late", "position": "1", "overdue_days_min": "10", "action": "CANCEL"}
HOLDS = {"name": "Late", "position": "1", "overdue_days_min": "10", "action": "HOLD"}
NOT_USED = "The action “Hold” does not use this value. Leave it empty."
NO_CHOICE = "Select a valid choice. PAYMENT_DECLINED is not one of the available choices."


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (CANCELS | {"cause": "NOT_AVAILABLE"}, ""),
        (CANCELS | {"cause": ""}, ""),
        (CANCELS, ""),
        (CANCELS | {"cause": "PAYMENT_DECLINED"}, NO_CHOICE),
        (HOLDS | {"cause": "DELAYED"}, NOT_USED),
        (HOLDS | {"cause": ""}, ""),
    ],
)
def test_the_form_takes_a_cause_for_a_cancel_alone_and_needs_none(
    admin_client: Client, values: dict[str, str], fault: str
) -> None:
    answer = admin_client.post(address("waitingrule_add"), values)

    rule = WaitingRule.objects.filter(name="Late").first()
    if fault:
        assert rule is None
        assert answer.context["adminform"].form.errors == {"cause": [fault]}
    else:
        assert rule is not None
        assert (answer.status_code, rule.cause) == (302, values.get("cause", ""))


def test_the_form_offers_the_causes_in_the_words_that_customers_read(
    admin_client: Client,
) -> None:
    rule = make("CANCEL", cause="NOT_AVAILABLE")

    form = admin_client.get(address("waitingrule_change", rule.pk)).context["adminform"].form

    assert form["cause"].label == "Reason that the customer reads"
    offered = dict(form.fields["cause"].choices)
    assert offered == {
        "": "No reason",
        "DELAYED": "They were late, and the delay was not accepted.",
        "CUSTOMER_ASKED": "You asked us to cancel them.",
        "NOT_AVAILABLE": "They are not available.",
    }
    assert form.initial["cause"] == "NOT_AVAILABLE"


def test_what_is_shown_is_confirmed_on_the_page(shop: None, admin_client: Client) -> None:
    shipment = waiting()
    configure(rule_limit=0)
    make("HOLD")
    asking = run()

    page = admin_client.get(address("rulerun_change", asking.pk)).text
    confirmed = admin_client.post(address("rulerun_confirm", asking.pk), follow=True).text
    again = admin_client.post(address("rulerun_confirm", asking.pk), follow=True).text

    assert "Confirm these shipments" in page
    assert shipment.number in page
    assert "Confirmed 1 rule. It acts as soon as a worker is free." in confirmed
    assert "No rule of this run waits for a confirmation any more" in again
    perform(RuleRun.objects.get(confirms__run=asking), lambda _done: None)
    assert standing(shipment).is_held


def test_a_preview_counts_the_dates_that_would_move_and_writes_nothing(shop: None) -> None:
    first, second = waiting(), waiting()
    product = first.lines.get().product
    day = DAY + timedelta(days=5)
    FutureSupplyFactory(
        product=product, source=first.stock.sources.get(), quantity=4, expected_on=day
    )
    Shipment.objects.filter(pk=second.pk).update(missed_promise_count=1)
    written = (ShipmentEvent.objects.count(), OrderEmail.objects.count())

    # The second would get the units of the first.
    raised = make("SET_PRIORITY", priority=9, missed_promises_min=1)
    # The first would have no date, and the second its date.
    held = make("HOLD", missed_promises_min=0, state="BACKORDER")
    canceled = make("CANCEL")
    told = make("TELL_CUSTOMER")
    after = moment(AGREED + timedelta(days=1))

    assert preview_rule(raised, moment()).moved_count == 2
    preview = preview_rule(held, moment())
    assert (preview.moved_count, preview.asks, len(preview.shipment_ids)) == (1, False, 2)
    assert preview_rule(canceled, moment()).shipment_ids == []
    assert len(preview_rule(canceled, after).shipment_ids) == 2
    assert preview_rule(told, moment()).moved_count == 0
    assert (ShipmentEvent.objects.count(), OrderEmail.objects.count()) == written
    assert Cancellation.objects.count() == 0
    assert standing(second).priority == 0
