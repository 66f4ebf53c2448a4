"""``rules/`` and ``rule-runs/``."""

from typing import Any

import pytest
import time_machine

from fulfillment.models import RuleRun, WaitingRule
from fulfillment.waiting_rules.rule_runs import perform
from tests.api import api_of_superuser
from tests.fulfillment.delays.consent import configure, open_shop, waiting
from tests.fulfillment.waiting_rules.rules import moment, person, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Any:
    with time_machine.travel(moment().now, tick=False):
        open_shop("NOTIFY")
        yield


def test_a_rule_is_made_changed_and_deleted(shop: None) -> None:
    waiting()
    person("ada")
    api = api_of_superuser()
    conditions = {
        "age_days_min": 10,
        "value_min": "5.500",
        "channel": "web",
        "sku": "KTP",
        "has_unanswered_request": True,
        "authorization_expires_within_days": 2,
    }
    body = {
        "name": "Old kettles",
        "description": "Ada looks after kettles.",
        "position": 3,
        "conditions": conditions,
        "action": {"kind": "ASSIGN", "username": "ada"},
        "repeat_days": 7,
    }

    status, made = api.post("rules/", body)

    assert (status, made) == (201, {"id": made["id"], "is_enabled": False, **body})
    changed = {"is_enabled": True, "action": {"kind": "RAISE_PRIORITY", "by": 5, "up_to": 20}}
    assert api.patch(f"rules/{made['id']}/", changed) == (200, {**made, **changed})
    only = {"conditions": {"state": "BACKORDER"}}
    assert api.patch(f"rules/{made['id']}/", only)[1]["conditions"] == {"state": "BACKORDER"}
    names = [row["name"] for row in api.get("rules/")[1]["results"]]
    assert names[0] == "Old kettles"
    assert api.delete(f"rules/{made['id']}/")[0] == 204
    assert not WaitingRule.objects.filter(name="Old kettles").exists()


@pytest.mark.parametrize(
    ("conditions", "action", "faults"),
    [
        ({}, {"kind": "HOLD"}, [("/conditions", "INVALID")]),
        ({"stock": "none"}, {"kind": "HOLD"}, [("/conditions/stock", "UNKNOWN")]),
        ({"age_days_min": 1}, {"kind": "SET_PRIORITY"}, [("/action/priority", "MISSING")]),
        ({"age_days_min": 1}, {"kind": "HOLD", "by": 1}, [("/action/by", "NOT_USED")]),
        (
            {"age_days_min": 1},
            {"kind": "EMAIL", "recipients": ["ada"]},
            [("/action/recipients", "INVALID")],
        ),
        (
            {"age_days_min": 1},
            {"kind": "ASSIGN", "username": "x"},
            [("/action/username", "UNKNOWN")],
        ),
        (
            {"age_days_min": 1},
            {"kind": "HOLD", "cause": "DELAYED"},
            [("/action/cause", "NOT_USED")],
        ),
    ],
)
def test_what_a_rule_cannot_be_is_refused_with_its_member(
    conditions: Any, action: Any, faults: Any
) -> None:
    api = api_of_superuser()

    status, body = api.post("rules/", {"name": "A", "conditions": conditions, "action": action})

    assert status == 422
    assert [(fault["pointer"], fault["code"]) for fault in body["errors"]] == faults
    assert not WaitingRule.objects.filter(name="A").exists()


@pytest.mark.parametrize(
    ("cause", "detail"),
    [
        ("PAYMENT_DECLINED", '"PAYMENT_DECLINED" is not a valid choice.'),
        ("", '"" is not a valid choice.'),
        (None, "This field may not be null."),
    ],
)
def test_a_cause_that_nobody_can_choose_is_refused(cause: str | None, detail: str) -> None:
    api = api_of_superuser()
    action = {"kind": "CANCEL", "cause": cause}

    status, body = api.post(
        "rules/", {"name": "A", "conditions": {"age_days_min": 1}, "action": action}
    )

    assert status == 400
    [fault] = body["errors"]
    assert (fault["pointer"], fault["detail"]) == ("/action/cause", detail)
    assert not WaitingRule.objects.filter(name="A").exists()


def test_a_rule_that_cancels_may_name_its_cause() -> None:
    api = api_of_superuser()
    body = {"name": "Late", "conditions": {"overdue_days_min": 10}, "action": {"kind": "CANCEL"}}

    status, made = api.post("rules/", body)
    assert (status, made["action"]) == (201, {"kind": "CANCEL"})
    page = f"rules/{made['id']}/"
    for action in ({"kind": "CANCEL", "cause": "NOT_AVAILABLE"}, {"kind": "CANCEL"}):
        assert api.patch(page, {"action": action}) == (200, {**made, "action": action})
        assert api.get(page)[1]["action"] == action
        assert WaitingRule.objects.get(pk=made["id"]).cause == action.get("cause", "")


def test_a_rule_is_previewed_run_and_confirmed(shop: None) -> None:
    shipment = waiting()
    configure(rule_limit=0)
    api = api_of_superuser()
    hold = {"conditions": {"age_days_min": 10}, "action": {"kind": "HOLD"}, "is_enabled": True}
    rule = api.post("rules/", {"name": "Hold", **hold})[1]

    assert api.get(f"rules/{rule['id']}/preview/") == (
        200,
        {"count": 1, "shipments": [shipment.number], "promises_moved": 0, "asks": True},
    )
    status, asked = api.post("rule-runs/", {})
    assert (status, asked["state"], asked["trigger"], asked["steps"]) == (202, "QUEUED", "API", [])
    perform(RuleRun.objects.get(pk=asked["id"]), lambda _done: None)
    [step] = api.get(f"rule-runs/{asked['id']}/")[1]["steps"]
    assert (step["state"], step["shipments"]) == ("STOPPED", [shipment.number])
    status, [confirmed] = api.post(f"rule-runs/{asked['id']}/confirm/", {})
    assert (status, confirmed["confirms"]) == (202, asked["id"])
    perform(RuleRun.objects.get(pk=confirmed["id"]), lambda _done: None)
    assert standing(shipment).is_held
    status, again = api.post(f"rule-runs/{asked['id']}/confirm/", {})
    assert (status, again["type"]) == (409, "urn:problem:not-stopped")
    assert [row["id"] for row in api.get("rule-runs/?trigger=API")[1]["results"]] == [
        confirmed["id"],
        asked["id"],
    ]
