"""A rule that cancels is saved by who may cancel orders."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from fulfillment.models import WaitingRule
from fulfillment.roles import ROLES, permissions_of
from orders.permissions import CANCEL
from tests.api import api_with
from tests.fulfillment.waiting_rules.rules import make
from tests.opened_form import opened_form

pytestmark = pytest.mark.django_db

MAY_CHANGE = ("add_waitingrule", "change_waitingrule", "view_waitingrule")
CANCELS = {
    "name": "Late",
    "conditions": {"overdue_days_min": 10},
    "action": {"kind": "CANCEL"},
}
SAID = "Your roles do not allow you to cancel orders, so you may only turn off a rule that does."


def client_of(role: str, *further: str) -> Client:
    """Return the browser of somebody of a role who may change rules, too."""
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    user.user_permissions.set(Permission.objects.filter(codename__in=(*MAY_CHANGE, *further)))
    client = Client()
    client.force_login(user)
    return client


def save(client: Client, rule: WaitingRule | None, **values: str) -> Any:
    name = "fulfillment_waitingrule_" + ("add" if rule is None else "change")
    address = reverse(f"admin:{name}", args=[] if rule is None else [rule.pk])
    form = opened_form(client.get(address).text, form_id="waitingrule_form")
    form.pop("is_enabled", None)
    return client.post(address, form | values)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_saves_such_a_rule_if_it_may_cancel(role: str) -> None:
    client = client_of(role)
    values = {"name": "Late", "position": "9", "overdue_days_min": "10", "action": "CANCEL"}

    answer = save(client, None, **values)

    is_made = WaitingRule.objects.filter(name="Late").exists()
    assert is_made is (CANCEL in permissions_of(role))
    assert (SAID in answer.text) is not is_made


def test_who_may_not_cancel_only_turns_such_a_rule_off() -> None:
    merchant = client_of("Merchant")
    rule = make("CANCEL")

    refused = save(merchant, rule, is_enabled="on", age_days_min="1")
    assert SAID in refused.text
    assert save(merchant, rule).status_code == 302
    rule.refresh_from_db()
    assert (rule.is_enabled, rule.age_days_min) == (False, 10)
    assert SAID in save(merchant, rule, is_enabled="on").text
    assert SAID in save(merchant, make("HOLD"), action="CANCEL").text
    assert save(client_of("Viewer", "cancel_order"), rule, is_enabled="on").status_code == 302


def test_the_api_asks_for_the_same() -> None:
    names = [f"fulfillment.{name}" for name in MAY_CHANGE]
    without, with_it = api_with(*names), api_with(*names, CANCEL)
    rule, other = make("CANCEL"), make("HOLD")

    def refused(answer: tuple[int, Any]) -> bool:
        status, body = answer[:2]
        return (status, body.get("detail")) == (403, SAID)

    assert refused(without.post("rules/", CANCELS))
    assert refused(without.patch(f"rules/{rule.pk}/", {"repeat_days": 3}))
    assert refused(without.patch(f"rules/{other.pk}/", {"action": {"kind": "CANCEL"}}))
    assert without.patch(f"rules/{rule.pk}/", {"is_enabled": False})[0] == 200
    assert refused(without.patch(f"rules/{rule.pk}/", {"is_enabled": True}))
    assert with_it.patch(f"rules/{rule.pk}/", {"is_enabled": True})[0] == 200
    assert with_it.post("rules/", CANCELS)[0] == 201
