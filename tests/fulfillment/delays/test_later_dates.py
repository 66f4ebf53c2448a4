"""When customers who are informed of delays are told: §18a by the hour, with literal times."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.delays.later_dates import tell_later_dates
from fulfillment.operations.moves.expected_date import set_expected_date
from fulfillment.operations.moves.priority import set_priority
from fulfillment.operations.shipments.dates import DateRules
from orders.models import OrderEmail
from tests.beside import beside
from tests.fulfillment.delays.consent import AGREED, LONG, SOON, at, configure, open_shop, waiting

pytestmark = pytest.mark.django_db
two_sessions = pytest.mark.django_db(transaction=True)
WEDNESDAY, THURSDAY = date(2026, 3, 4), date(2026, 3, 5)
HOURS = 60


def moment(text: str) -> datetime:
    """Return an hour of 2026: ``03-04 12``."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H").replace(tzinfo=UTC)


def steps(story: str) -> Iterator[tuple[datetime, date | None]]:
    for step in story.split(", "):
        when, new = step.split(" > ")
        yield moment(when), None if new == "none" else date.fromisoformat(f"2026-{new}")


def expect_on(shipment: Shipment, day: date | None, now: datetime) -> None:
    """Let staff name a date; without one, let the supply be lost by which it had one."""
    if day is not None:
        set_expected_date(shipment.pk, Act(now), expected_on=day, today=now.date())
        return
    estimate = {"expected_on": LONG, "is_expected_on_fixed": False, "has_known_supply": False}
    Shipment.objects.filter(pk=shipment.pk).update(**estimate)
    ShipmentEvent.objects.create(
        shipment=shipment, kind="BACKORDERED", detail={"to": str(LONG)}, created_at=now
    )


def tell(now: datetime) -> int:
    return tell_later_dates(DateRules.in_force(), now=now)


def told() -> str:
    """Return when which dates were told, as a story."""
    emails = OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED").order_by("pk")
    days = [(email.created_at, email.context["expected_on"]) for email in emails]
    return ", ".join(f"{when:%m-%d %H} > {day[5:] if day else 'none'}" for when, day in days)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        # Agreed is 20 March. A later date is told when it stood for a day.
        ("03-04 12 > 04-10", "03-05 12 > 04-10"),
        ("03-04 12 > 04-10, 03-05 06 > 04-20", "03-06 06 > 04-20"),
        # Within the day it goes back: nothing is told, or what it is then.
        ("03-04 12 > 04-10, 03-05 11 > 03-20", ""),
        ("03-04 12 > 04-10, 03-04 18 > 03-15", "03-04 18 > 03-15"),
        # At once when fewer than seven days are left.
        ("03-14 12 > 04-10", "03-14 12 > 04-10"),
        ("03-13 12 > 04-10", "03-14 00 > 04-10"),
        ("03-25 12 > 04-10", "03-25 12 > 04-10"),
        # At once where it is no delay, or no later than the customer knows.
        ("03-04 12 > 03-18", "03-04 12 > 03-18"),
        ("03-04 12 > 04-10, 03-06 12 > 04-01", "03-05 12 > 04-10, 03-06 12 > 04-01"),
        # Another delay stands for a day, too.
        ("03-04 12 > 04-10, 03-06 12 > 04-20", "03-05 12 > 04-10, 03-07 12 > 04-20"),
        # In place of a date that passed.
        ("03-04 12 > 03-06, 03-07 12 > 04-10", "03-04 12 > 03-06, 03-07 12 > 04-10"),
        # No date yet.
        ("03-04 12 > none", "03-05 12 > none"),
        ("03-14 12 > none", "03-14 12 > none"),
        ("03-04 12 > none, 03-05 11 > 03-20", ""),
        ("03-04 12 > none, 03-06 12 > 04-10", "03-05 12 > none, 03-07 12 > 04-10"),
    ],
)
def test_a_delay_is_told_when_it_stood_for_a_day_or_few_days_are_left(
    story: str, expected: str
) -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    changes = dict(steps(story))
    first = min(changes)

    for hour in range((max(changes) - first) // timedelta(hours=1) + HOURS):
        now = first + timedelta(hours=hour)
        if now in changes:
            expect_on(shipment, changes[now], now)
        tell(now)
        OrderEmail.objects.update(body="A new date")

    assert told() == expected


@pytest.mark.parametrize("rule", ["OFF", "CONSENT"])
def test_a_delay_is_told_unasked_where_customers_are_informed_alone(rule: str) -> None:
    open_shop(rule)
    shipment = waiting()
    expect_on(shipment, SOON, at(WEDNESDAY))

    assert tell(at(THURSDAY)) == 0
    assert told() == ""


@pytest.mark.parametrize(("days", "expected"), [(17, "03-04 12 > 04-10"), (16, "")])
def test_few_days_are_what_the_option_says(days: int, expected: str) -> None:
    open_shop("NOTIFY")
    configure(delay_ask_days=days)
    shipment = waiting()

    expect_on(shipment, SOON, at(WEDNESDAY))

    assert told() == expected


def test_the_first_date_after_a_confirmation_without_one_is_told_at_once() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    shipment.lines.update(promised_on=None, agreed_on=None)

    expect_on(shipment, LONG, at(WEDNESDAY))

    assert told() == "03-04 12 > 06-01"
    assert shipment.lines.get().agreed_on == LONG


def test_the_first_date_that_is_read_is_the_agreed_date() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    shipment.lines.update(promised_on=None, agreed_on=None)
    expect_on(shipment, LONG, at(WEDNESDAY))

    # Nobody has read that: no e-mail says a date that is not so when it is written.
    expect_on(shipment, AGREED, at(WEDNESDAY))
    assert shipment.lines.get().agreed_on == AGREED
    expect_on(shipment, SOON, at(WEDNESDAY))
    assert shipment.lines.get().agreed_on == SOON

    OrderEmail.objects.update(state="SENT", body="A new date", sent_at=at(WEDNESDAY))
    expect_on(shipment, LONG, at(WEDNESDAY, 13))
    expect_on(shipment, AGREED, at(WEDNESDAY, 14))
    line = shipment.lines.get()
    assert (line.promised_on, line.agreed_on) == (AGREED, SOON)
    assert told().endswith("03-04 12 > 04-10, 03-04 14 > 03-20")


def test_a_date_told_late_for_the_first_time_leaves_the_agreed_date() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    # The confirmation said nothing of these units: they are due 30 days after 2 March.
    shipment.lines.update(promised_on=None, promise_told_at=None, agreed_on=None)
    OrderEmail.objects.create(
        order=shipment.order, kind="CONFIRMATION", event_key="placed", body="Thank you",
        created_at=at(WEDNESDAY), next_attempt_at=at(WEDNESDAY),
    )  # fmt: skip
    expect_on(shipment, SOON, at(WEDNESDAY))

    assert told() == ""
    assert [tell(at(THURSDAY)) for _ in range(2)] == [1, 0]
    assert told() == "03-05 12 > 04-10"
    line = shipment.lines.get()
    assert (line.promised_on, line.agreed_on) == (SOON, date(2026, 4, 1))

    OrderEmail.objects.update(body="A new date")
    expect_on(shipment, LONG, at(date(2026, 3, 6)))
    assert tell(at(date(2026, 3, 7))) == 1
    assert shipment.lines.get().agreed_on == date(2026, 4, 1)


def test_another_entry_of_the_timeline_takes_no_part_of_the_day() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    expect_on(shipment, SOON, at(WEDNESDAY))
    set_priority(shipment.pk, Act(at(WEDNESDAY, 20)), priority=5)

    assert tell(at(THURSDAY)) == 1


def test_units_that_can_leave_meanwhile_are_not_late() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    expect_on(shipment, SOON, at(WEDNESDAY))
    source = {"state": "READY", "source": shipment.stock.sources.get()}
    Shipment.objects.filter(pk=shipment.pk).update(**source)

    assert tell(at(THURSDAY)) == 0


@two_sessions
def test_two_workers_tell_a_date_once() -> None:
    open_shop("NOTIFY")
    expect_on(waiting(), SOON, at(WEDNESDAY))

    with ExitStack() as stack, transaction.atomic():
        tell(at(THURSDAY))
        # The second has seen the date before the first commits.
        stack.enter_context(beside(partial(tell, at(THURSDAY, 13))))

    assert told() == "03-05 12 > 04-10"


@two_sessions
def test_a_date_that_goes_back_while_it_is_told_is_not() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    expect_on(shipment, SOON, at(WEDNESDAY))

    with ExitStack() as stack, transaction.atomic():
        expect_on(shipment, AGREED, at(THURSDAY))
        stack.enter_context(beside(partial(tell, at(THURSDAY, 13))))

    assert told() == ""
