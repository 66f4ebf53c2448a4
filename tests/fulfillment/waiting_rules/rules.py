"""A shop with one order of kettles that waits since 2 March, and rules for it."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group, User

from core.acts import Act
from core.clock import Moment
from fulfillment.models import RuleRun, Shipment, ShipmentEvent, WaitingRule
from fulfillment.waiting_rules.rule_actions import RuleWork
from fulfillment.waiting_rules.rule_runs import perform, request_rule_run
from fulfillment.waiting_rules.rule_shipments import matching

DAY = date(2026, 3, 12)


def make(action: str, **values: Any) -> WaitingRule:
    """Return a rule that is on; without conditions, of what waits for 10 days or more."""
    number = WaitingRule.objects.filter(name__startswith="Rule ").count() + 1
    defaults = {"name": f"Rule {number}", "position": number, "is_enabled": True}
    given = {**defaults, "action": action, **values}
    if not set(given) & {"age_days_min", "state", "has_unanswered_request"}:
        given["age_days_min"] = 10
    rule = WaitingRule(**given)
    rule.full_clean()
    rule.save()
    rule.refresh_from_db()
    return rule


def moment(day: date = DAY) -> Moment:
    return Moment(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), ZoneInfo("UTC"))


def found(rule: WaitingRule, day: date = DAY) -> list[int]:
    return list(matching(rule, moment(day)).order_by("pk").values_list("pk", flat=True))


def queued(day: date = DAY, **values: Any) -> RuleRun:
    given = {"trigger": RuleRun.Trigger.STAFF, **values}
    return request_rule_run(Act(moment(day).now), **given)


def run(day: date = DAY) -> RuleRun:
    """Perform a run of all rules; return it."""
    asked = queued(day)
    perform(asked, lambda _done: None)
    return asked


def person(username: str) -> User:
    """Return somebody who may work on shipments."""
    user = User.objects.create_user(username, is_staff=True)
    user.groups.add(Group.objects.get(name="Fulfillment"))
    return user


def work(rule: WaitingRule, asked: RuleRun, day: date = DAY) -> RuleWork:
    """Return a rule at work in a step that has begun."""
    step = asked.steps.create(
        rule=rule, name=rule.name, action=rule.action, rule_version=rule.version
    )
    return RuleWork(rule, step, moment(day), None)


def acts(shipment: Shipment) -> list[str]:
    """Return the names of the rules that acted on a shipment, in order."""
    events = ShipmentEvent.objects.filter(shipment=shipment, kind="RULE").order_by("pk")
    return [event.detail["rule"] for event in events]


def standing(shipment: Shipment) -> Shipment:
    shipment.refresh_from_db()
    return shipment
