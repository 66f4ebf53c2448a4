"""Staff take the answers of customers to delay requests: on a page, and over the API."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from fulfillment.models import DelayRequest, Shipment
from orders.models import Order, OrderEmail
from tests.api import api_of_superuser, api_with, codes
from tests.fulfillment.delays.consent import (
    AGREED,
    LONG,
    NOW,
    agreed_dates,
    asked,
    at,
    configure,
    decisions,
    expect,
    open_shop,
    run_job,
    waiting,
)
from tests.fulfillment.operations.paid_orders import arrive, release
from tests.fulfillment.test_my_work import work

pytestmark = pytest.mark.django_db
ON = at(date(2026, 3, 10))
MONTH_AFTER = date(2026, 4, 20)


def shown(request: DelayRequest) -> dict[str, Any]:
    return {
        "id": request.pk,
        "order": request.order.number,
        "shipment": request.shipment.number,
        "ordinal": 1,
        "lines": [{"line": 1, "sku": "KTP", "quantity": "4.0000"}],
        "agreed_on": "2026-03-20",
        "new_date": "2026-06-01",
        "reason": "LATER_DATE",
        "silence": "CANCELS",
        "answer_by": "2026-04-19",
        "state": "OPEN",
        "answered_at": None,
        "answered_by": None,
        "told_at": NOW.isoformat().replace("+00:00", "Z"),
        "is_asked_too_late": False,
    }


@time_machine.travel(ON, tick=False)
def test_a_program_reads_filters_and_answers_them() -> None:
    open_shop()
    request = asked(LONG)
    api = api_of_superuser()

    assert api.get(f"delay-requests/{request.pk}/") == (200, shown(request))
    for filters, count in {
        "state=OPEN&channel=web&answer_before=2026-04-20": 1,
        "answer_before=2026-04-19": 0,
        "ordinal_min=2": 0,
        f"order={request.order.number}": 1,
    }.items():
        assert len(api.get(f"delay-requests/?{filters}")[1]["results"]) == count

    path = f"delay-requests/{request.pk}/answer/"
    assert api.post(path, {"answer": "WAIT_UNTIL"})[0] == 400
    status, problem = api.post(path, {"answer": "WAIT", "note": "Phone"})
    assert (status, codes(problem)[0]) == (409, "answer-not-open")
    status, body = api.post(path, {"answer": "WAIT_UNTIL", "note": "Phone"})
    assert (status, body["state"], body["answered_by"]) == (200, "AGREED", "STAFF")
    assert agreed_dates() == [LONG]
    assert api.post(path, {"answer": "CANCEL", "note": "Phone"})[1]["state"] == "CANCELED"
    status, problem = api.post(path, {"answer": "WAIT_UNTIL", "note": "Phone"})
    assert (status, codes(problem)[0]) == (409, "delay-over")


@time_machine.travel(ON, tick=False)
def test_staff_answer_on_a_page_with_a_note(admin_client: Client) -> None:
    open_shop()
    request = asked(LONG)
    page = reverse("admin:fulfillment_delayrequest_answer", args=[request.pk])
    row = reverse("admin:fulfillment_delayrequest_change", args=[request.pk])

    assert page in admin_client.get(row).content.decode()
    form = admin_client.get(page).context["form"]
    assert [one.value for one in form.answers] == ["WAIT_UNTIL", "CANCEL"]
    values = {"answer": "WAIT_UNTIL", "shown_on": "2026-06-01"}
    assert admin_client.post(page, values).context["form"].errors.keys() == {"note"}
    answered = admin_client.post(page, {**values, "note": "By phone"})

    assert (answered.status_code, answered["Location"]) == (302, row)
    request.refresh_from_db()
    assert request.state == "AGREED"
    [decision] = decisions(request)
    assert decision == ("WAIT_UNTIL", "STAFF", LONG, "Please answer.", "By phone")


def test_the_list_finds_what_is_urgent(admin_client: Client) -> None:
    open_shop()
    configure(delay_auto_cancel=False)
    request = asked(LONG)
    address = reverse("admin:fulfillment_delayrequest_changelist")

    def found(filters: str, day: date) -> int:
        with time_machine.travel(at(day), tick=False):
            count: int = admin_client.get(f"{address}?{filters}").context["cl"].result_count
            return count

    assert [found("deadline=7", day) for day in (date(2026, 4, 11), date(2026, 4, 12))] == [0, 1]
    assert [found("staff=call", day) for day in (date(2026, 4, 12), date(2026, 4, 13))] == [0, 1]
    assert found("staff=money", AGREED) == 0
    run_job(MONTH_AFTER)
    assert found("staff=money", MONTH_AFTER) == 1
    assert found("staff=email", MONTH_AFTER) == 0
    present = request.email
    assert present is not None
    present.state = "FAILED"
    present.save()
    assert found("staff=email", MONTH_AFTER) == 1


@time_machine.travel(at(date(2026, 3, 5)), tick=False)
def test_staff_are_to_call_at_once_where_no_e_mail_reaches_the_customer(
    admin_client: Client,
) -> None:
    open_shop()
    asked(LONG)
    address = reverse("admin:fulfillment_delayrequest_changelist")

    def found() -> list[int]:
        lists = (admin_client.get(f"{address}?staff={name}") for name in ("email", "call"))
        return [page.context["cl"].result_count for page in lists]

    assert (found(), list(work(admin_client)["Customers to call"].rows)) == ([0, 0], [])
    for state in ("FAILED", "UNKNOWN", "BOUNCED"):
        OrderEmail.objects.update(state=state, sent_at=None)
        assert found() == [1, 1], state
    DelayRequest.objects.update(state="LAPSED", closed_at=NOW)
    assert found() == [0, 0]
    shipment = waiting()
    Order.objects.filter(pk=shipment.order_id).update(customer_email="")
    expect(shipment, LONG)
    run_job(date(2026, 3, 4))

    assert DelayRequest.objects.get(order=shipment.order_id).email is None
    assert found() == [1, 1]
    rows = work(admin_client)["Customers to call"].rows
    assert [row.name for row in rows] == [shipment.number]


@time_machine.travel(ON, tick=False)
def test_orders_and_their_shipments_show_requests_with_the_text_that_was_answered(
    admin_client: Client, client: Client
) -> None:
    open_shop()
    configure(release_mode="BY_QUANTITY")
    request = asked(LONG)
    admin_client.post(
        reverse("admin:fulfillment_delayrequest_answer", args=[request.pk]),
        {"answer": "WAIT_UNTIL", "shown_on": "2026-06-01", "note": "By phone"},
    )
    arrive(1)
    release()
    child = Shipment.objects.get(state="READY")
    pages = [
        reverse("admin:orders_order_change", args=[request.order_id]),
        reverse("admin:fulfillment_shipment_change", args=[request.shipment_id]),
        reverse("admin:fulfillment_shipment_change", args=[child.pk]),
    ]

    for page in pages:
        text = " ".join(strip_tags(admin_client.get(page).text).split())
        said = f"Request 1 for shipment {request.shipment.number} Customer agreed"
        assert said in text, page
        assert "Agreed date: 20 Mar 2026 · New date: 1 Jun 2026" in text
        assert "Wait until the new date · 1 Jun 2026 · Staff · admin · 10 Mar 2026" in text
        assert "By phone" in text
        assert "The e-mail that was answeredPlease answer." in text

    looks_on = User.objects.create(username="looks on", is_staff=True)
    names = ("view_order", "view_shipment")
    looks_on.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(looks_on)
    for page in pages:
        assert "The e-mail that was answered" not in client.get(page).text


@time_machine.travel(ON, tick=False)
def test_the_answers_of_a_request_fold_the_e_mail_that_they_answer(admin_client: Client) -> None:
    open_shop()
    request = asked(LONG)
    page = reverse("admin:fulfillment_delayrequest_change", args=[request.pk])
    assert "Nothing here yet" in admin_client.get(page).text
    answer = reverse("admin:fulfillment_delayrequest_answer", args=[request.pk])
    given = {"answer": "WAIT_UNTIL", "note": "By phone", "shown_on": str(LONG)}

    assert admin_client.post(answer, given).status_code == 302

    html = admin_client.get(page).text
    assert "<summary>The e-mail that was answered</summary>" in html
    assert '<div class="letter"><p>Please answer.</p></div>' in html
    assert "Nothing here yet" not in html


@time_machine.travel(ON, tick=False)
def test_an_answer_that_cancels_asks_for_the_permission_to_cancel(client: Client) -> None:
    open_shop()
    request = asked(LONG)
    names = ("view_delayrequest", "change_delayrequest")
    packer = User.objects.create(username="packer", is_staff=True)
    packer.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(packer)
    page = reverse("admin:fulfillment_delayrequest_answer", args=[request.pk])
    api = api_with("fulfillment.change_delayrequest")

    assert [one.value for one in client.get(page).context["form"].answers] == ["WAIT_UNTIL"]
    refused = client.post(page, {"answer": "CANCEL", "note": "By phone"})
    status, problem = api.post(
        f"delay-requests/{request.pk}/answer/", {"answer": "CANCEL", "note": "Phone"}
    )

    assert refused.context["form"].errors.keys() == {"answer"}
    assert (status, problem["type"]) == (403, "urn:problem:permission-denied")
    request.refresh_from_db()
    assert request.state == "OPEN"
