"""The example rules: off, each with its sentence, and what each of them finds."""

from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from fulfillment.models import Shipment, WaitingRule
from fulfillment.waiting_rules.preview import preview_rule
from fulfillment.waiting_rules.rule_shipments import matching
from orders.models import Order, Payment
from tests.api import api_of_superuser
from tests.fulfillment.delays.consent import LONG, asked, open_shop, waiting
from tests.fulfillment.waiting_rules.rules import DAY, acts, found, make, moment, person, run

pytestmark = pytest.mark.django_db

migration = import_module("fulfillment.migrations.0005_example_rules")


def example(name: str) -> WaitingRule:
    return WaitingRule.objects.get(name__startswith=name)


def test_a_dozen_examples_come_switched_off_and_do_nothing() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    Shipment.objects.update(missed_promise_count=2)

    run(date(2026, 6, 30))

    rules = WaitingRule.objects.order_by("position")
    assert [(rule.position, rule.is_enabled) for rule in rules] == [
        (position, False) for position in range(110, 230, 10)
    ]
    assert acts(shipment) == []
    assert len({rule.description for rule in rules}) == 12
    assert all(rule.description.endswith(".") for rule in rules)
    for rule in rules:
        rule.full_clean()


def as_is(shipment: Shipment) -> None:
    pass


def expiring(shipment: Shipment) -> None:
    Payment.objects.update(state="AUTHORIZED", expires_at=moment(date(2026, 3, 17)).now)


def promised(shipment: Shipment) -> None:
    Shipment.objects.update(state="FUTURE", source=shipment.stock.sources.get())


def missed(shipment: Shipment) -> None:
    Shipment.objects.update(missed_promise_count=2)


def picked_up(shipment: Shipment) -> None:
    store = shipment.stock.sources.get()
    Order.objects.update(fulfillment_method="PICKUP", pickup_source=store)
    Shipment.objects.update(pickup_source=store)


# The order is of 2 March, and agreed for 20 March.
FIRST_DAYS: dict[str, tuple[Callable[[Shipment], None], date]] = {
    "Old backorders": (as_is, date(2026, 4, 1)),
    "After the agreed date": (as_is, date(2026, 3, 21)),
    "High value": (as_is, date(2026, 3, 9)),
    "Authorization about to expire": (expiring, date(2026, 3, 12)),
    "Authorization expires today": (expiring, date(2026, 3, 17)),
    "Long wait": (as_is, date(2026, 4, 1)),
    "Incoming supply too late": (promised, date(2026, 3, 21)),
    "Two weeks late": (as_is, date(2026, 4, 3)),
    "Pickup waits too long": (picked_up, date(2026, 3, 16)),
    "Two months late": (as_is, date(2026, 5, 19)),
}


@pytest.mark.parametrize("name", FIRST_DAYS)
def test_each_example_finds_its_shipments_from_its_day_on(name: str) -> None:
    open_shop("NOTIFY")
    # Worth 500.
    shipment = waiting(200)
    change, day = FIRST_DAYS[name]
    before = found(example(name), day)
    change(shipment)

    assert found(example(name), day - timedelta(days=1)) == []
    assert found(example(name), day) == [shipment.pk]
    assert before == ([shipment.pk] if change is as_is else [])


def test_examples_about_promises_and_questions_find_theirs() -> None:
    open_shop("CONSENT")
    no_answer, two_missed = example("No answer about a delay"), example("Two missed promises")
    shipment = asked(LONG).shipment

    assert found(no_answer) == [shipment.pk]
    assert found(two_missed) == []
    missed(shipment)
    assert found(two_missed) == [shipment.pk]


def test_an_example_is_enabled_once_it_has_a_person_or_addresses() -> None:
    open_shop("NOTIFY")
    waiting()
    assigning, writing = example("High value"), example("Two weeks late")
    fields = []

    for rule in (assigning, writing):
        rule.is_enabled = True
        with pytest.raises(ValidationError) as refused:
            rule.full_clean()
        fields.append(list(refused.value.message_dict))
        with pytest.raises(IntegrityError), transaction.atomic():
            rule.save()
    assigning.assignee, writing.recipients = person("ada"), "desk@shop.example"
    for rule in (assigning, writing):
        rule.full_clean()
        rule.save()

    assert fields == [["assignee"], ["recipients"]]


def test_who_assigns_to_nobody_yet_is_previewed(admin_client: Client) -> None:
    open_shop("NOTIFY")
    shipment = waiting(200)
    rule = example("High value")
    page = reverse("admin:fulfillment_waitingrule_preview", args=[rule.pk])

    listed = admin_client.get(reverse("admin:fulfillment_waitingrule_changelist")).text
    shown = admin_client.get(page).text

    assert page in listed
    assert "Assigns shipments worth 500 or more, in the currency of their order" in listed
    assert preview_rule(rule, moment()).shipment_ids == [shipment.pk]
    assert "Choose the person to assign to before you enable it." in shown
    writing = reverse("admin:fulfillment_waitingrule_preview", args=[example("Two weeks").pk])
    assert "Enter e-mail addresses of staff before" in admin_client.get(writing).text
    # Who left is assigned nothing.
    rule.assignee = person("ada")
    rule.assignee.is_active = False
    rule.assignee.save()
    assert preview_rule(rule, moment()).shipment_ids == []
    assert matching(rule, moment(DAY)).exists()


def test_programs_enable_an_example_with_its_person_alone() -> None:
    api, rule = api_of_superuser(), example("High value")
    person("ada")

    status, refused = api.patch(f"rules/{rule.pk}/", {"is_enabled": True})
    assert (status, refused["errors"][0]["pointer"]) == (422, "/action/username")
    action = {"kind": "ASSIGN", "username": "ada"}
    status, enabled = api.patch(f"rules/{rule.pk}/", {"is_enabled": True, "action": action})

    assert (status, enabled["is_enabled"], enabled["action"]) == (200, True, action)
    assert enabled["description"].startswith("Assigns shipments worth 500 or more")


def test_examples_are_in_the_language_of_the_site_and_go_unless_they_were_changed(
    settings: Any,
) -> None:
    migration.remove_examples(apps, None)
    assert not WaitingRule.objects.exists()
    settings.LANGUAGE_CODE = "sv"
    mine = make("HOLD", name="Gamla restorder: höj prioriteten", age_days_min=3)

    migration.add_examples(apps, None)

    assert WaitingRule.objects.count() == 12
    mine.refresh_from_db()
    assert mine.age_days_min == 3
    care = WaitingRule.objects.get(name="Två brutna löften: kundtjänst")
    assert care.reason == "Två väntade datum har passerat. Ring kunden."
    WaitingRule.objects.filter(pk=care.pk).update(missed_promises_min=3)
    migration.remove_examples(apps, None)
    assert set(WaitingRule.objects.values_list("pk", flat=True)) == {mine.pk, care.pk}
