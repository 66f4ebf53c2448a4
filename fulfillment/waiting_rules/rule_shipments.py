"""The shipments that a rule acts on: its conditions, its action, its waiting spells."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import DateField, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.http import urlencode

from core.clock import Moment
from fulfillment.models import DelayRequest, Shipment, Shipments, WaitingRule
from fulfillment.review.filters import shipments_matching
from fulfillment.review.promises import IS_ASKED, IS_INFORMED, with_line
from fulfillment.rule_terms import RuleActionKind, acted_before
from inventory.options import DelayRule
from orders.models import Order

Kind = RuleActionKind


def filter_of(rule: WaitingRule, today: date) -> str:
    """Return the conditions of a rule as the query of the backorder review, on a day of the site.

    ``rule`` is read with its channel, stock, source and product.
    """
    names = {
        "age_days_min": rule.age_days_min,
        "agreed_before": _day(today, -1, rule.overdue_days_min),
        "missed_promises_min": rule.missed_promises_min,
        "value_min": None if rule.value_min is None else f"{rule.value_min:f}",
        "state": rule.state or None,
        "channel": rule.channel and rule.channel.code,
        "stock": rule.stock and rule.stock.code,
        "source": rule.source and rule.source.code,
        "sku": rule.product and rule.product.sku,
        "method": rule.method or None,
        "unanswered": rule.has_unanswered_request or None,
        "expires_before": _day(today, 1, rule.expires_within_days),
    }
    return urlencode({name: _text(value) for name, value in names.items() if value is not None})


def matching(rule: WaitingRule, moment: Moment) -> Shipments:
    """Return the shipments that wait and that a rule would act on now, in no order.

    They meet every condition, the action changes them, and the rule has not acted on them in this
    waiting spell, or so long ago that it acts again.

    Rule: Rules and demand (§23).
    """
    shipments = shipments_matching(
        filter_of(rule, moment.today),
        shipments=Shipment.objects.waiting(),
        today=moment.today,
        zone=moment.zone,
    )
    return _due(shipments, rule, moment).filter(CHANGED_BY[rule.kind](rule, moment))


def _due(shipments: Shipments, rule: WaitingRule, moment: Moment) -> Shipments:
    acted_on = Cast(KeyTextTransform(rule.spell_key, "spell"), DateField())
    due = Q(acted_on=None)
    if (until := acted_before(moment.today, rule.repeat_days)) is not None:
        due |= Q(acted_on__lte=until)
    return shipments.alias(acted_on=acted_on).filter(due)


def _day(today: date, sign: int, days: int | None) -> date | None:
    return None if days is None else today + timedelta(days=sign * days)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _raised(rule: WaitingRule, moment: Moment) -> Q:
    return Q(priority__lt=rule.raise_up_to)


def _other_priority(rule: WaitingRule, moment: Moment) -> Q:
    return ~Q(priority=rule.priority)


def _in_queue(rule: WaitingRule, moment: Moment) -> Q:
    return Q(state__in=Shipment.QUEUED_STATES)


def _other_person(rule: WaitingRule, moment: Moment) -> Q:
    return Q(assignee=None) | ~Q(assignee=rule.assignee_id)


def _not_held(rule: WaitingRule, moment: Moment) -> Q:
    return Q(state__in=Shipment.QUEUED_STATES, is_held=False)


def asked_again() -> Q:
    """Match shipments whose customer has not answered a request that may be sent again.

    A deadline that counts from the last e-mail would move: those who were asked too late are not
    asked again, and neither are those about whom a person decides.
    """
    return Q(
        with_line(
            IS_ASKED, delay_request__is_asked_too_late=False, delay_request__money_back_by=None
        )
    )


def _told(rule: WaitingRule, moment: Moment) -> Q:
    """Match shipments whose customer can be given the date, or no date yet, again.

    Of a delay the sales channel may say nothing, or ask (§18a).
    """
    informed = Q(with_line(**IS_INFORMED))
    waits = Q(with_line(**IS_INFORMED, delay_request__answer=DelayRequest.Answer.WAIT))
    notifies = Q(order__channel__delay_rule=DelayRule.NOTIFY.value) & informed
    asks = Q(order__channel__delay_rule=DelayRule.CONSENT.value) & waits
    is_asked = Q(with_line(IS_ASKED))
    return ~Q(order__customer_email="") & (asked_again() | (~is_asked & (notifies | asks)))


def _any(rule: WaitingRule, moment: Moment) -> Q:
    return Q()


def _canceled(rule: WaitingRule, moment: Moment) -> Q:
    """Match shipments that a rule may cancel.

    Left out are units whose customer agreed to wait until today or later, or as long as it takes,
    and those of an open request whose deadline has not passed.
    """
    agreed = (DelayRequest.State.AGREED, DelayRequest.State.AGREED_BY_SILENCE)
    waits = Q(delay_request__state__in=agreed, delay_request__answer=DelayRequest.Answer.WAIT)
    asked = IS_ASKED & Q(delay_request__answer_by__gte=moment.today)
    kept = with_line(Q(agreed_on__gte=moment.today) | waits | asked)
    return ~Q(kept) & ~Q(order__status__in=Order.UNPAID)


CHANGED_BY: Mapping[RuleActionKind, Callable[[WaitingRule, Moment], Q]] = {
    Kind.RAISE_PRIORITY: _raised,
    Kind.SET_PRIORITY: _other_priority,
    Kind.CUSTOMER_CARE: _in_queue,
    Kind.ASSIGN: _other_person,
    Kind.HOLD: _not_held,
    Kind.TELL_CUSTOMER: _told,
    Kind.EMAIL: _any,
    Kind.CANCEL: _canceled,
}
