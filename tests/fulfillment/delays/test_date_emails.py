"""Which e-mails about dates customers get, by what their sales channel does about delays."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.acts import Act
from fulfillment.delays.terms import DelayAnswer
from fulfillment.models import DelayDecision, DelayRequest, Shipment
from fulfillment.operations.delays.answers import answer
from fulfillment.operations.moves.expected_date import set_expected_date
from fulfillment.release.runs import engine
from orders.models import OrderEmail
from tests.fulfillment.delays.consent import LONG, at, open_shop, run_job, send, waiting

pytestmark = pytest.mark.django_db
WEDNESDAY, WEEK_BEFORE = date(2026, 3, 4), date(2026, 3, 13)
DAY_AFTER = date(2026, 3, 14)
EARLIER = date(2026, 3, 15)
CHANGED, DELAYED = "EXPECTED_DATE_CHANGED", "DELAYED"
AND_NO_MORE: list[tuple[str, str | None]] = []


def jobs(day: date) -> None:
    engine.renew_dates(now=at(day), zone=ZoneInfo("UTC"))
    run_job(day)


def date_by_staff(shipment: Shipment, day: date, on: date = WEDNESDAY) -> None:
    set_expected_date(shipment.pk, Act(at(on)), expected_on=day, today=on)


def comes_in_time(shipment: Shipment) -> None:
    date_by_staff(shipment, EARLIER)


def comes_later(shipment: Shipment) -> None:
    date_by_staff(shipment, LONG)


def loses_its_supply(shipment: Shipment) -> None:
    rows = Shipment.objects.filter(pk=shipment.pk)
    rows.update(expected_on=LONG, has_known_supply=False)


def comes_later_for_who_waits(shipment: Shipment) -> None:
    """The customer waits as long as it takes; then a date is known."""
    loses_its_supply(shipment)
    jobs(WEEK_BEFORE)
    send()
    for request in DelayRequest.objects.all():
        answer(
            request.order_id,
            {request.pk: request.new_on},
            DelayAnswer.WAIT,
            Act(at(WEEK_BEFORE)),
            by=DelayDecision.By.CUSTOMER,
            today=WEEK_BEFORE,
        )
    date_by_staff(shipment, LONG, WEEK_BEFORE)


@pytest.mark.parametrize(
    ("rule", "happens", "expected"),
    [
        # A date that is no delay is told everywhere.
        ("OFF", comes_in_time, [(CHANGED, "2026-03-15")]),
        ("NOTIFY", comes_in_time, [(CHANGED, "2026-03-15")]),
        ("CONSENT", comes_in_time, [(CHANGED, "2026-03-15")]),
        # Of a delay customers are not informed, informed, or asked.
        ("OFF", comes_later, AND_NO_MORE),
        ("NOTIFY", comes_later, [(CHANGED, "2026-06-01")]),
        ("CONSENT", comes_later, [(DELAYED, "2026-06-01")]),
        ("OFF", loses_its_supply, AND_NO_MORE),
        ("NOTIFY", loses_its_supply, [(CHANGED, None)]),
        ("CONSENT", loses_its_supply, [(DELAYED, None)]),
        ("CONSENT", comes_later_for_who_waits, [(DELAYED, None), (CHANGED, "2026-06-01")]),
    ],
)
def test_who_gets_which_e_mail_about_a_date(
    rule: str, happens: Callable[[Shipment], None], expected: list[tuple[str, str | None]]
) -> None:
    open_shop(rule)
    shipment = waiting()

    happens(shipment)
    jobs(WEEK_BEFORE)
    jobs(DAY_AFTER)

    assert [named(email) for email in OrderEmail.objects.order_by("pk")] == expected


def named(email: OrderEmail) -> tuple[str, str | None]:
    """Return the kind of an e-mail, and the new date that it names."""
    facts: dict[str, Any] = email.context
    if email.kind == DELAYED:
        [delay] = facts["delays"]
        return email.kind, delay["new_on"]
    return email.kind, facts["expected_on"]
