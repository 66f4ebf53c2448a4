"""Delay requests of an order that open together: answered one by one, or all at once."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.acts import Act
from fulfillment.models import DelayRequest, Shipment
from fulfillment.operations.moves.split import split_off
from orders.models import Cancellation, OrderEmail
from orders.order_links import order_token
from tests.api import api_of_superuser, api_with, codes
from tests.factories.orders import OrderFactory
from tests.fulfillment.delays.consent import (
    AGREED,
    LONG,
    NOW,
    SOON,
    agreed_dates,
    decisions,
    expect,
    open_shop,
    run_job,
    send,
    waiting,
)
from tests.invariants import assert_invariants
from tests.opened_form import opened_form

pytestmark = pytest.mark.django_db
TOGETHER = "One answer for all of these units"
CHANGED = "The order has changed. Nothing was done. Review it and try again."


@pytest.fixture(autouse=True)
def shop() -> None:
    cache.clear()
    open_shop()


def asked(first: date | None = SOON, second: date | None = SOON) -> list[DelayRequest]:
    """Return the requests about 1 and 3 units of an order, opened together."""
    shipment = waiting(4)
    with transaction.atomic():
        other = split_off(shipment, {shipment.lines.get().pk: Decimal(3)}, Act(NOW))
    for part, day in ((shipment, first), (other, second)):
        expect(part, day)
    run_job(date(2026, 3, 4) if first and second else date(2026, 3, 13))
    send()
    requests = list(DelayRequest.objects.order_by("pk"))
    assert [request.shipment for request in requests] == [shipment, other]
    return requests


def page_of(request: DelayRequest) -> str:
    order = request.order
    return f"/order/{order_token(order.pk, email=order.customer_email, now=NOW)}/"


def posted(requests: list[DelayRequest], answer: str) -> dict[str, Any]:
    shown = ["" if one.new_on is None else str(one.new_on) for one in requests]
    return {"request": [one.pk for one in requests], "shown_on": shown, "answer": answer}


def states() -> list[str]:
    return list(DelayRequest.objects.order_by("pk").values_list("state", flat=True))


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_two_that_open_together_are_one_e_mail_and_each_has_its_own_answer(client: Client) -> None:
    first, second = asked()
    assert OrderEmail.objects.filter(kind="DELAYED").count() == 1
    assert first.email_id == second.email_id is not None
    assert TOGETHER in client.get(page_of(first)).text

    page = client.post(page_of(first), posted([first], "WAIT_UNTIL")).text

    assert states() == ["AGREED", "OPEN"]
    assert (len(decisions(first)), decisions(second)) == (1, [])
    # The one that is left is answered where it stands.
    assert page.count('value="WAIT_UNTIL"') == 1
    assert TOGETHER not in page


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_one_answer_waits_for_all_each_until_its_own_date(client: Client) -> None:
    requests = asked(SOON, LONG)
    page = client.get(page_of(requests[0])).text
    together = page.partition(TOGETHER)[2].partition("</article>")[0]
    assert "<li>4 × " in together
    assert "Wait for all of them until the new dates" in together

    answers = [client.post(page_of(requests[0]), posted(requests, "WAIT_UNTIL")) for _ in "12"]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "The answer was recorded." in answers[1].text
    assert (states(), agreed_dates()) == (["AGREED", "AGREED"], [SOON, LONG])
    assert [len(decisions(request)) for request in requests] == [1, 1]


@time_machine.travel("2026-03-14T12:00Z", tick=False)
def test_one_answer_waits_for_all_as_long_as_it_takes(client: Client) -> None:
    requests = asked(None, None)
    page = client.get(page_of(requests[0])).text
    assert "Wait for all of them as long as it takes" in page

    client.post(page_of(requests[0]), posted(requests, "WAIT"))

    assert states() == ["AGREED", "AGREED"]
    assert [one.answer for one in DelayRequest.objects.all()] == ["WAIT", "WAIT"]


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_one_answer_cancels_all_after_a_look_at_them(client: Client) -> None:
    requests = asked()
    page = page_of(requests[0])
    asked_for = posted(requests, "CANCEL")

    preview = client.post(page, {"request": asked_for["request"], "preview": "1"}).text
    assert "Cancel these units?" in preview
    assert "<li>4 × " in preview
    assert preview.count('name="request"') == preview.count('value="2026-04-10"') == 2
    assert not Cancellation.objects.exists()
    answers = [client.post(page, asked_for) for _ in "12"]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert states() == ["CANCELED", "CANCELED"]
    assert set(Shipment.objects.values_list("state", flat=True)) == {"CANCELED"}
    assert Cancellation.objects.count() == 2
    assert_invariants()


@time_machine.travel("2026-03-14T12:00Z", tick=False)
def test_what_only_one_of_them_takes_is_not_offered_for_all(client: Client) -> None:
    requests = asked(SOON, None)
    together = client.get(page_of(requests[0])).text.partition(TOGETHER)[2]
    together = together.partition("</article>")[0]
    assert "Cancel all of these units" in together
    assert "Wait for all of them" not in together

    answer = client.post(page_of(requests[0]), posted(requests, "WAIT_UNTIL"))

    assert (answer.status_code, CHANGED in answer.text) == (409, True)
    assert states() == ["OPEN", "OPEN"]
    assert decisions(requests[0]) == []


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_none_waits_where_one_has_another_date_by_now(client: Client) -> None:
    requests = asked()
    shown = posted(requests, "WAIT_UNTIL")
    DelayRequest.objects.filter(pk=requests[1].pk).update(new_on=LONG)

    assert client.post(page_of(requests[0]), shown).status_code == 409
    assert (states(), agreed_dates()) == (["OPEN", "OPEN"], [AGREED, AGREED])


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_a_date_that_slipped_keeps_nobody_from_canceling(client: Client) -> None:
    requests = asked()
    shown = posted(requests, "CANCEL")
    DelayRequest.objects.filter(pk=requests[1].pk).update(new_on=LONG)

    assert client.post(page_of(requests[0]), shown).status_code == 200
    assert states() == ["CANCELED", "CANCELED"]


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_requests_that_are_not_of_the_order_or_twice_are_not_answered(client: Client) -> None:
    requests = asked()
    other = OrderFactory()
    token = order_token(other.pk, email=other.customer_email, now=NOW)
    shown = posted(requests, "WAIT_UNTIL")

    for page, values in (
        (f"/order/{token}/", shown),
        (page_of(requests[0]), shown | {"request": [requests[0].pk] * 2}),
        (page_of(requests[0]), shown | {"request": [requests[0].pk, 0]}),
        (page_of(requests[0]), shown | {"shown_on": ["2026-04-10"]}),
    ):
        assert client.post(page, values).status_code == 409
    assert states() == ["OPEN", "OPEN"]


@time_machine.travel("2026-03-10T12:00Z", tick=False)
def test_staff_record_one_answer_for_all(admin_client: Client) -> None:
    first, second = asked(SOON, LONG)
    page = reverse("admin:fulfillment_delayrequest_answer", args=[first.pk])
    form = admin_client.get(page).context["form"]
    values = {
        "answer": "WAIT_UNTIL",
        "note": "By phone",
        "for_all": "on",
        "shown_on": str(form["shown_on"].value()),
        "others": form["others"].value(),
    }
    DelayRequest.objects.filter(pk=second.pk).update(new_on=SOON)
    changed = admin_client.post(page, values).context["form"].errors["__all__"]
    assert changed == ["The open requests of this order have changed. Review them again."]
    DelayRequest.objects.filter(pk=second.pk).update(new_on=None)
    values["others"] = admin_client.get(page).context["form"]["others"].value()
    assert admin_client.post(page, values).context["form"].errors.keys() == {"answer"}
    DelayRequest.objects.filter(pk=second.pk).update(new_on=LONG)
    assert states() == ["OPEN", "OPEN"]

    values["others"] = form["others"].value()
    answered = admin_client.post(page, values, follow=True)

    numbers = ", ".join(sorted([first.shipment.number, second.shipment.number]))
    assert f"Recorded the answer for shipments {numbers}." in answered.text
    assert (states(), agreed_dates()) == (["AGREED", "AGREED"], [SOON, LONG])
    assert decisions(second) == [("WAIT_UNTIL", "STAFF", LONG, "Please answer.", "By phone")]


@time_machine.travel("2026-03-10T12:00Z", tick=False)
def test_the_page_of_an_answer_asks_as_often_for_ten_others_as_for_one(
    admin_client: Client,
) -> None:
    shipment = waiting(11)
    with transaction.atomic():
        units = {shipment.lines.get().pk: Decimal(1)}
        parts = [split_off(shipment, units, Act(NOW)) for _number in range(10)]
    for part in (shipment, *parts):
        expect(part, SOON)
    run_job(date(2026, 3, 4))
    send()
    first, _second, *others = DelayRequest.objects.order_by("pk")
    page = reverse("admin:fulfillment_delayrequest_answer", args=[first.pk])

    def shown() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            form = admin_client.get(page).context["form"]
        return len(form.other_requests), len(queries)

    more = DelayRequest.objects.filter(pk__in=[other.pk for other in others])
    more.update(state="LAPSED", closed_at=NOW)
    shown()
    of_one = shown()
    more.update(state="OPEN", closed_at=None)

    assert (of_one[0], shown()) == (1, (10, of_one[1]))


@time_machine.travel("2026-03-10T12:00Z", tick=False)
def test_staff_agree_to_the_date_that_their_page_showed(admin_client: Client) -> None:
    first, _second = asked()
    page = reverse("admin:fulfillment_delayrequest_answer", args=[first.pk])
    values = {"answer": "WAIT_UNTIL", "note": "By phone", "shown_on": str(LONG)}

    assert "__all__" in admin_client.post(page, values).context["form"].errors
    admin_client.post(page, values | {"shown_on": str(SOON)})

    assert (states(), agreed_dates()) == (["AGREED", "OPEN"], [SOON, AGREED])


def refused_then_answered(
    client: Client, request: DelayRequest, typed: dict[str, str], slips: DelayRequest
) -> tuple[dict[str, str], Any]:
    """Post what was typed after a date slipped, then the page that came back, as it is.

    Returns what that page posts, and the last answer.
    """
    page = reverse("admin:fulfillment_delayrequest_answer", args=[request.pk])
    opened = opened_form(client.get(page).text, form_id="answer_form")
    DelayRequest.objects.filter(pk=slips.pk).update(new_on=LONG)
    refused = client.post(page, opened | typed)
    assert refused.status_code == 200
    assert "order-errors" in refused.text
    again = opened_form(refused.text, form_id="answer_form")
    return again, client.post(page, again, follow=True)


@time_machine.travel("2026-03-10T12:00Z", tick=False)
@pytest.mark.parametrize("slipped", [0, 1])
def test_after_a_refusal_staff_record_the_answer_from_the_page_that_came_back(
    admin_client: Client, slipped: int
) -> None:
    requests = asked(SOON, SOON)
    typed = {"answer": "WAIT_UNTIL", "note": "By phone"}
    typed |= {"for_all": "on"} if slipped else {}

    again, answered = refused_then_answered(admin_client, requests[0], typed, requests[slipped])

    assert again["note"] == "By phone"
    assert "Recorded the answer for shipment" in answered.text
    both, one = (["AGREED", "AGREED"], [SOON, LONG]), (["AGREED", "OPEN"], [LONG, AGREED])
    assert (states(), agreed_dates()) == (both if slipped else one)


@time_machine.travel("2026-03-10T12:00Z", tick=False)
@pytest.mark.parametrize("slipped", [0, 1])
def test_staff_cancel_though_a_date_slipped(admin_client: Client, slipped: int) -> None:
    requests = asked(SOON, SOON)
    page = reverse("admin:fulfillment_delayrequest_answer", args=[requests[0].pk])
    opened = opened_form(admin_client.get(page).text, form_id="answer_form")
    DelayRequest.objects.filter(pk=requests[slipped].pk).update(new_on=LONG)

    typed = {"answer": "CANCEL", "note": "By phone", "for_all": "on"}
    admin_client.post(page, opened | typed)

    assert states() == ["CANCELED", "CANCELED"]


@time_machine.travel("2026-03-10T12:00Z", tick=False)
def test_a_program_records_one_answer_for_all() -> None:
    first, second = asked(SOON, LONG)
    api = api_of_superuser()
    rows = [{"id": one.pk, "new_date": str(one.new_on)} for one in (first, second)]
    body = {"requests": rows, "answer": "WAIT_UNTIL", "note": "Phone"}

    def refused(**changes: Any) -> tuple[int, str]:
        status, problem = api.post("delay-requests/answer/", body | changes)
        return status, codes(problem)[0]

    for wrong in ([rows[0], rows[0]], [rows[0], {"id": 10**6, "new_date": None}]):
        status, problem = api.post("delay-requests/answer/", body | {"requests": wrong})
        assert (status, [one["pointer"] for one in problem["errors"]]) == (422, ["/requests/1/id"])
    old = {"id": second.pk, "new_date": str(SOON)}
    assert refused(requests=[rows[0], old]) == (409, "delay-date-changed")
    packer = api_with("fulfillment.change_delayrequest")
    assert packer.post("delay-requests/answer/", body | {"answer": "CANCEL"})[0] == 403
    assert states() == ["OPEN", "OPEN"]

    status, answered = api.post("delay-requests/answer/", body)

    assert (status, [row["state"] for row in answered]) == (200, ["AGREED", "AGREED"])
    assert agreed_dates() == [SOON, LONG]
    assert api.post("delay-requests/answer/", body | {"answer": "CANCEL"})[0] == 200
    assert states() == ["CANCELED", "CANCELED"]
    assert refused() == (409, "delay-over")
