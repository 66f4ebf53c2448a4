"""E-mails about dates say what is so when they are written, and why there is no date."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.acts import Act
from fulfillment.models import DelayRequest, Shipment, ShipmentLine
from fulfillment.operations.delays.customer_page import asked_delays
from fulfillment.operations.delays.requests import ask_delays_again
from fulfillment.operations.delays.silence import act_on_delays
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.release.runs import engine
from inventory.models import SalesChannel, SourceItem
from inventory.operations import units
from inventory.operations.future_supply import NewSupply, cancel_supply, change_supply
from orders.models import Order
from orders.notices.send import send_queued
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import ProductFactory, SourceItemFactory
from tests.inbox import text_of
from tests.orders.addresses import HOME
from tests.orders.kettles import NOW, configure, open_shop, place, release, supply_comes

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
FIRST_DATE = (NOW + 8 * DAY).date()


def wait_for_kettles(rule: str, **options: Any) -> Any:
    """Open a shop whose customer waits for supply of :data:`FIRST_DATE`; return the supply."""
    open_shop()
    configure(**options)
    SalesChannel.objects.filter(code="web").update(delay_rule=rule)
    supply = supply_comes(FIRST_DATE)
    place()
    release()
    send_queued(now=NOW + 10 * MINUTE)
    return supply


def late_line() -> ShipmentLine:
    """Return the line of the 2 units that the 4 kettles in stock do not cover."""
    return ShipmentLine.objects.get(quantity=2)


def jobs(at: Any) -> None:
    engine.renew_dates(now=at, zone=ZoneInfo("UTC"))
    act_on_delays(now=at)
    send_queued(now=at + 10 * MINUTE)


def kettles_arrive() -> None:
    units.add({SourceItem.objects.get().pk: Decimal(2)})
    release()
    send_queued(now=NOW + 20 * MINUTE)


def test_units_that_are_ready_and_late_are_told(inbox: list[Any]) -> None:
    wait_for_kettles("NOTIFY")
    kettles_arrive()
    inbox.clear()

    jobs(NOW + 9 * DAY)

    [email] = inbox
    assert (
        "We do not know yet when we can send the backordered units of your order 1001. They are "
        "here, but have not left yet. We will write again as soon as we know. We said "
        f"{FIRST_DATE.day} {FIRST_DATE:%b %Y} before." in text_of(email)
    )
    assert late_line().promised_on is None


def test_units_that_became_ready_meanwhile_are_not_said_to_be_late(inbox: list[Any]) -> None:
    wait_for_kettles("NOTIFY")
    inbox.clear()
    engine.renew_dates(now=NOW + 9 * DAY, zone=ZoneInfo("UTC"))

    units.add({SourceItem.objects.get().pk: Decimal(2)})
    release()
    send_queued(now=NOW + 9 * DAY + 10 * MINUTE)

    assert "We do not know yet" not in "".join(map(text_of, inbox))


def test_a_date_whose_supply_is_gone_when_it_is_written_is_not_named(inbox: list[Any]) -> None:
    supply = wait_for_kettles("NOTIFY")
    inbox.clear()
    at = NOW + 60 * MINUTE
    sooner = NewSupply(supply.quantity, (NOW + 5 * DAY).date())
    change_supply(supply.pk, sooner, Act(at), today=at.date())
    engine.run_release(act=Act(at), zone=ZoneInfo("UTC"), trigger="STAFF")
    assert late_line().promised_on == (NOW + 5 * DAY).date()

    cancel_supply(supply.pk, Act(at + 2 * MINUTE))
    send_queued(now=at + 6 * MINUTE)

    [email] = inbox
    text = text_of(email)
    assert "Not all units of your order are available yet." in text
    assert f"{(NOW + 5 * DAY).day} " not in text.split("We said")[0]
    line = late_line()
    assert (line.promised_on, line.agreed_on) == (None, FIRST_DATE)


def wait_without_a_date() -> Any:
    """Open a shop whose confirmation says that there is no date yet; return when it was told."""
    open_shop()
    configure(delay_retell_days=30, delay_ask_days=7)
    SalesChannel.objects.filter(code="web").update(delay_rule="NOTIFY")
    place()
    release()
    send_queued(now=NOW + 10 * MINUTE)
    line = late_line()
    assert line.promised_on is None
    assert line.promise_told_at is not None
    return line.promise_told_at


def lose_supply_while_its_date_is_collected(at: Any, *, is_released: bool = False) -> None:
    """Queue the e-mail about the date of supply, lose that supply, and write the e-mail."""
    supply = supply_comes((at + 5 * DAY).date())
    engine.run_release(act=Act(at), zone=ZoneInfo("UTC"), trigger="STAFF")
    assert late_line().promised_on == (at + 5 * DAY).date()
    cancel_supply(supply.pk, Act(at + 2 * MINUTE))
    if is_released:
        engine.run_release(act=Act(at + 3 * MINUTE), zone=ZoneInfo("UTC"), trigger="STAFF")
    send_queued(now=at + 6 * MINUTE)


@pytest.mark.parametrize("is_released", [False, True])
def test_no_date_yet_is_not_told_again_where_a_date_came_and_went_unread(
    inbox: list[Any], *, is_released: bool
) -> None:
    told_at = wait_without_a_date()
    inbox.clear()

    lose_supply_while_its_date_is_collected(NOW + 3 * DAY, is_released=is_released)

    assert inbox == []
    line = late_line()
    # The days until it is told again count from when it was told.
    assert (line.promised_on, line.promise_told_at) == (None, told_at)
    assert line.agreed_on is None


def test_no_date_yet_is_told_again_once_its_days_have_passed(inbox: list[Any]) -> None:
    wait_without_a_date()
    inbox.clear()

    lose_supply_while_its_date_is_collected(NOW + 31 * DAY)

    [email] = inbox
    assert "We do not know yet when we can send" in text_of(email)
    assert late_line().promise_told_at == NOW + 31 * DAY


def wait_for_kettles_and_pans() -> None:
    """Order kettles that have no date, and a pan of which the confirmation says nothing."""
    open_shop()
    configure(delay_retell_days=30)
    SalesChannel.objects.filter(code="web").update(delay_rule="NOTIFY")
    SourceItem.objects.update(quantity=0)
    pan = ProductFactory(sku="PAN", backorders="ALLOW_QTY_BELOW_0")
    SourceItemFactory(source=SourceItem.objects.get().source, product=pan, quantity=Decimal(0))
    lines = (LineRequest("KTP", Decimal(6)), LineRequest("PAN", Decimal(1)))
    customer = Customer("Ada Example", "ada@example.com")
    payment = PaymentRequest("sandbox")
    request = OrderRequest("web", customer, lines, address=HOME, number="1001", payment=payment)
    place_order(request, Act(NOW))
    send_queued(now=NOW + 10 * MINUTE)


def test_an_e_mail_names_no_units_of_which_nothing_is_new(inbox: list[Any]) -> None:
    wait_for_kettles_and_pans()
    inbox.clear()

    told: list[tuple[int, str]] = []
    for day in range(1, 47):
        jobs(NOW + day * DAY)
        text = "".join(map(text_of, inbox))
        told += [(day, sku) for sku in ("KTP", "PAN") if sku in text]
        inbox.clear()

    # The pan is late after 30 days, when the kettles were told of less than 30 days before.
    assert told == [(30, "PAN"), (45, "KTP")]


@pytest.mark.parametrize("may_cancel", [True, False])
def test_the_page_to_cancel_on_is_named_where_customers_may(
    inbox: list[Any], settings: Any, *, may_cancel: bool
) -> None:
    settings.SITE_URL = "https://shop.example"
    supply = wait_for_kettles("NOTIFY", customers_may_cancel=may_cancel)
    inbox.clear()
    at = NOW + 60 * MINUTE
    change_supply(
        supply.pk, NewSupply(supply.quantity, (NOW + 5 * DAY).date()), Act(at), today=at.date()
    )
    engine.run_release(act=Act(at), zone=ZoneInfo("UTC"), trigger="STAFF")

    send_queued(now=at + 6 * MINUTE)

    assert ("or cancel these units on the page of your order" in text_of(inbox[0])) is may_cancel


def ask_about_kettles(inbox: list[Any], **options: Any) -> DelayRequest:
    """Let the day of the kettles pass, with nothing known; return the request that it opens."""
    supply = wait_for_kettles("CONSENT", **options)
    cancel_supply(supply.pk, Act(NOW + DAY))
    release()
    inbox.clear()
    jobs(NOW + 3 * DAY)
    return DelayRequest.objects.get()


def test_a_question_says_why_ready_units_have_no_date(inbox: list[Any]) -> None:
    wait_for_kettles("CONSENT")
    kettles_arrive()
    inbox.clear()

    jobs(NOW + 9 * DAY)

    assert "They are here, but have not left yet." in text_of(inbox[-1])
    [asked] = asked_delays(Order.objects.get().pk, today=(NOW + 9 * DAY).date())
    assert asked.no_date == "They are here, but have not left yet."


def test_a_question_says_that_held_units_are_checked(inbox: list[Any]) -> None:
    request = ask_about_kettles(inbox)
    assert "Not all units of your order are available yet." in text_of(inbox[-1])

    Shipment.objects.update(is_held=True, hold_reason="STAFF")

    [asked] = asked_delays(request.order_id, today=(NOW + 4 * DAY).date())
    assert asked.no_date == "We have to check something about your order first."


def test_a_question_names_the_date_that_is_known_when_it_is_written(inbox: list[Any]) -> None:
    supply = wait_for_kettles("CONSENT")
    at = NOW + 2 * DAY
    later = NewSupply(supply.quantity, (NOW + 20 * DAY).date())
    change_supply(supply.pk, later, Act(at), today=at.date())
    engine.run_release(act=Act(at), zone=ZoneInfo("UTC"), trigger="STAFF")
    inbox.clear()
    act_on_delays(now=at + 2 * DAY)
    assert DelayRequest.objects.get().new_on == later.expected_on

    cancel_supply(supply.pk, Act(at + 2 * DAY + MINUTE))
    send_queued(now=at + 2 * DAY + 10 * MINUTE)

    assert "Not all units of your order are available yet." in text_of(inbox[-1])
    assert DelayRequest.objects.get().new_on is None
    assert late_line().promised_on is None


@pytest.mark.parametrize("said", [True, False])
def test_silence_means_what_the_email_said(inbox: list[Any], *, said: bool) -> None:
    request = ask_about_kettles(inbox, delay_auto_cancel=said)
    assert ("we cancel these units" in text_of(inbox[-1])) is said

    configure(delay_auto_cancel=not said)
    act_on_delays(now=NOW + 60 * DAY)

    request.refresh_from_db()
    assert (request.state == "CANCELED_BY_SILENCE") is said
    assert (request.money_back_by is None) is said


def test_after_the_deadline_the_page_says_that_staff_decide(inbox: list[Any]) -> None:
    request = ask_about_kettles(inbox, delay_auto_cancel=False)
    act_on_delays(now=NOW + 60 * DAY)

    asked = asked_delays(request.order_id, today=(NOW + 60 * DAY).date())[0]

    assert (asked.is_open, asked.is_agreed) == (False, False)


def test_a_question_that_comes_in_time_when_it_is_written_is_not_asked(inbox: list[Any]) -> None:
    supply = wait_for_kettles("CONSENT")
    at = NOW + 2 * DAY
    move(supply, 20, at)
    inbox.clear()
    act_on_delays(now=at + 2 * DAY)
    move(supply, 7, at + 2 * DAY + MINUTE)

    send_queued(now=at + 2 * DAY + 10 * MINUTE)

    assert inbox == []
    request, line = DelayRequest.objects.get(), late_line()
    assert (request.state, line.delay_request, line.promised_on) == ("LAPSED", None, FIRST_DATE)
    # Late again, it is asked for the first time.
    move(supply, 20, at + 3 * DAY)
    act_on_delays(now=at + 5 * DAY)
    assert DelayRequest.objects.get(state="OPEN").ordinal == 1


def move(supply: Any, days: int, at: Any) -> None:
    """Expect supply so many days after the order, and let a run see it."""
    supply.refresh_from_db()
    later = NewSupply(supply.quantity, (NOW + days * DAY).date())
    change_supply(supply.pk, later, Act(at), today=at.date())
    engine.run_release(act=Act(at), zone=ZoneInfo("UTC"), trigger="STAFF")


def test_what_no_email_said_of_silence_binds_nobody(inbox: list[Any]) -> None:
    supply = wait_for_kettles("CONSENT")
    at = NOW + 2 * DAY
    move(supply, 60, at)
    act_on_delays(now=at + 2 * DAY)
    assert DelayRequest.objects.get().silence == "CANCELS"
    inbox.clear()
    move(supply, 20, at + 2 * DAY + MINUTE)

    send_queued(now=at + 2 * DAY + 10 * MINUTE)

    assert "we understand that you wait" in text_of(inbox[-1])
    assert DelayRequest.objects.get().silence == "AGREES"


def test_a_question_that_is_asked_again_keeps_what_silence_means(inbox: list[Any]) -> None:
    request = ask_about_kettles(inbox, delay_auto_cancel=True)
    configure(delay_auto_cancel=False)
    inbox.clear()

    ask_delays_again(request.order_id, now=NOW + 4 * DAY)
    send_queued(now=NOW + 4 * DAY + 10 * MINUTE)

    assert "we cancel these units" in text_of(inbox[-1])


def test_ready_units_that_left_meanwhile_are_not_told_about(inbox: list[Any]) -> None:
    wait_for_kettles("NOTIFY")
    kettles_arrive()
    inbox.clear()
    engine.renew_dates(now=NOW + 9 * DAY, zone=ZoneInfo("UTC"))

    fulfill(late_line().shipment_id, Act(NOW + 9 * DAY + MINUTE))
    send_queued(now=NOW + 9 * DAY + 10 * MINUTE)

    assert [mail["Subject"] for mail in inbox] == ["Your order 1001 is on its way to you"]


def test_where_delays_are_not_told_a_lost_date_is_not_either(inbox: list[Any]) -> None:
    supply = wait_for_kettles("OFF")
    inbox.clear()
    at = NOW + 60 * MINUTE
    move(supply, 5, at)
    assert late_line().promised_on == (NOW + 5 * DAY).date()

    cancel_supply(supply.pk, Act(at + 2 * MINUTE))
    send_queued(now=at + 6 * MINUTE)

    assert inbox == []
    assert late_line().promised_on == FIRST_DATE


def test_no_cancel_is_offered_of_units_that_are_ready(inbox: list[Any], settings: Any) -> None:
    settings.SITE_URL = "https://shop.example"
    wait_for_kettles("NOTIFY", customers_may_cancel=True)
    kettles_arrive()
    inbox.clear()

    jobs(NOW + 9 * DAY)

    assert "cancel these units" not in text_of(inbox[0])
