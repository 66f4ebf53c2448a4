"""The review over HTTP: what it shows, to whom, at which cost."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.review import listing
from inventory.models import SalesChannel
from tests.factories.inventory import FutureSupplyFactory, ProductFactory
from tests.fulfillment.review.review_pages import NOON, REVIEW, backorder, member, numbers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def test_waiting_shipments_are_listed_in_queue_order(
    admin_client: Client, channel: SalesChannel
) -> None:
    backorder("NEW", channel, since=datetime(2026, 3, 30, tzinfo=UTC))
    backorder("OLD", channel)
    backorder("URGENT", channel, since=datetime(2026, 3, 31, tzinfo=UTC), priority=1)
    backorder("CARE", channel, state="CUSTOMER_CARE", care_reason="Address")

    response = admin_client.get(REVIEW)

    assert numbers(response) == ["URGENT", "OLD", "NEW"]


def test_every_age_is_counted_while_one_age_is_shown(
    admin_client: Client, channel: SalesChannel
) -> None:
    backorder("OLDER", channel, since=datetime(2026, 2, 28, 9, tzinfo=UTC))
    backorder("MONTH", channel, since=datetime(2026, 3, 1, 9, tzinfo=UTC))
    backorder("WEEK", channel, since=datetime(2026, 3, 24, 9, tzinfo=UTC))

    response = admin_client.get(REVIEW, {"age": "MONTH"})

    assert numbers(response) == ["MONTH"]
    counts = {band["code"]: band["count"] for band in response.context["bands"]}
    assert counts == {"ALL": 3, "WEEK": 1, "FORTNIGHT": 0, "MONTH": 1, "OLDER": 1}
    assert response.context["total"] == 1


def test_says_what_is_missing_and_what_is_to_come(
    admin_client: Client, channel: SalesChannel
) -> None:
    product = ProductFactory(sku="WHEEL")
    source = channel.stock.sources.get()
    for day, quantity in (("2026-04-20", 5), ("2026-04-09", 4), ("2026-03-01", 9)):
        FutureSupplyFactory(
            product=product, source=source, quantity=Decimal(quantity), expected_on=day
        )
    FutureSupplyFactory(product=product, quantity=Decimal(7), expected_on="2026-04-01")
    backorder("S1", channel, lines={product: 3})

    response = admin_client.get(REVIEW)

    cells = {label: content for _classes, label, content in response.context["rows"][0]["cells"]}
    assert cells["Missing"] == (
        '<span class="list-line" title="3 × WHEEL">3 × WHEEL '
        f'<span class="review-name">{product.name}</span></span>'
    )
    assert cells["Why"] == '<span class="list-line" title="No stock">No stock</span>'
    assert cells["Next supply"] == (
        '<span class="list-line" title="4 to berlin on 9 Apr 2026">9 Apr · 4 berlin</span>'
    )


def test_costs_the_same_for_any_number_of_rows(admin_client: Client, channel: SalesChannel) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            admin_client.get(REVIEW)
        return len(queries)

    for number in range(5):
        backorder(f"S{number}", channel)
    admin_client.get(REVIEW)
    few = cost()
    for number in range(5, 50):
        backorder(f"S{number}", channel, lines={ProductFactory(): 1, ProductFactory(): 2})

    assert cost() == few
    assert few <= 20


@pytest.mark.parametrize("asked", [{"reason": "NO_STOCK"}, {"next_supply": "NONE"}])
def test_a_long_queue_is_not_counted_by_what_is_asked_of_each(
    admin_client: Client,
    channel: SalesChannel,
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, str],
) -> None:
    backorder("S1", channel)
    backorder("S2", channel)

    counted = admin_client.get(REVIEW, asked)
    monkeypatch.setattr(listing, "LONG_QUEUE", 1)
    uncounted = admin_client.get(REVIEW, asked)

    assert counted.context["total"] == 2
    assert "All 2 that match" in counted.content.decode()
    assert numbers(uncounted) == ["S1", "S2"]
    assert uncounted.context["total"] is None
    assert "All that match" in uncounted.content.decode()
    assert admin_client.get(REVIEW).context["total"] == 2


def test_pages_begin_where_the_last_ended(admin_client: Client, channel: SalesChannel) -> None:
    for number in range(52):
        backorder(f"S{number:02}", channel)

    first = admin_client.get(REVIEW, {"sort": "number"})
    second = admin_client.get(REVIEW, {"sort": "number", "page": "2"})

    assert numbers(first)[-1] == "S49"
    assert numbers(second) == ["S50", "S51"]
    assert first.context["next_page"] == "?sort=number&page=2"
    assert second.context["next_page"] == ""


def test_a_filter_that_is_not_understood_shows_nothing_and_says_so(
    admin_client: Client, channel: SalesChannel
) -> None:
    backorder("S1", channel)

    response = admin_client.get(REVIEW, {"age_days_min": "many"})

    assert numbers(response) == []
    assert "“many” is not a number." in response.content.decode()


def test_the_explanation_opens_beside_the_list_and_by_itself(
    admin_client: Client, channel: SalesChannel
) -> None:
    shipment = backorder("S1", channel)

    page = admin_client.get(REVIEW, {"open": shipment.pk})
    fragment = admin_client.get(
        reverse("admin:fulfillment_shipment_review_explanation", args=[shipment.pk])
    )

    assert "Why it waits" in page.content.decode()
    assert "Why it waits" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()


def test_the_explanation_names_the_units_missing_now(
    admin_client: Client, channel: SalesChannel
) -> None:
    chair = ProductFactory(sku="CHAIR")
    shipment = backorder("S1", channel, lines={chair: 5})
    run = ReleaseRun.objects.create(
        trigger="SCHEDULE", state="COMPLETED", created_at=NOON, finished_at=NOON
    )
    short = {"sku": "CHAIR", "missing": "2", "reasons": ["NOT_ENOUGH_STOCK"], "facts": {}}
    detail = {"children": [], "shortages": [short], "expected_on": None}
    ReleaseDecision.objects.create(
        run=run,
        shipment=shipment,
        position=1,
        outcome="WAITING",
        detail=detail,
        explains_wait=True,
    )

    panel = admin_client.get(REVIEW, {"open": shipment.pk}).context["panel"]

    assert ("Missing", ["5 × CHAIR"]) in [(str(name), lines) for name, lines in panel["facts"]]
    assert panel["sentences"].startswith("<div>5 × CHAIR missing: no stock at a source")


def test_exports_what_is_shown_and_runs_no_formula(
    admin_client: Client, channel: SalesChannel
) -> None:
    shipment = backorder("S1", channel)
    Shipment.objects.filter(pk=shipment.pk).update(expected_on="2026-04-09")
    shipment.order.customer_name = "=cmd()"
    shipment.order.save()
    backorder("S2", channel, is_held=True, hold_reason="STAFF")
    admin_client.post(
        reverse("admin:fulfillment_shipment_review_columns"),
        {"columns": ["customer", "expected", "value"]},
    )

    response = admin_client.get(
        reverse("admin:fulfillment_shipment_review_export"), {"held": "false"}
    )

    text = response.getvalue().decode("utf-8-sig")
    assert text.splitlines() == [
        "Shipment,Customer,Expected,Value",
        "S1,'=cmd(),9 Apr 2026,10.00 USD",
    ]


@pytest.mark.parametrize(
    ("role", "codes"),
    [("Merchant", []), ("Operations", ["RELEASE", "DRY_RUN"]), ("Viewer", [])],
)
def test_others_read_but_change_nothing(
    client: Client, channel: SalesChannel, role: str, codes: list[str]
) -> None:
    shipment = backorder("S1", channel)
    member(client, role)

    page = client.get(REVIEW)
    bulk = client.post(
        reverse("admin:fulfillment_shipment_review_bulk"),
        {"action": "HOLD", "shipment": [shipment.pk], "reason": "x"},
    )
    act = client.post(
        reverse("admin:fulfillment_shipment_act", args=[shipment.pk, "hold"]),
        {"hold-reason": "x"},
    )

    assert page.status_code == 200
    assert [code for code, _label in page.context["actions"]] == codes
    for offered in ('name="shipment"', "data-select-all", "<kbd>x</kbd>", "<kbd>a</kbd>"):
        assert (offered in page.content.decode()) == bool(codes)
    assert bulk.status_code == 403
    assert act.status_code == 403
    shipment.refresh_from_db()
    assert not shipment.is_held


def test_nobody_else_sees_it(client: Client, channel: SalesChannel) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))

    for name in ("review", "review_export"):
        assert client.get(reverse(f"admin:fulfillment_shipment_{name}")).status_code == 403


def test_the_drawer_offers_states_that_wait_and_the_codes_that_there_are(
    admin_client: Client, channel: SalesChannel
) -> None:
    backorder("S1", channel)

    plain = admin_client.get(REVIEW).context["form"]
    ready = admin_client.get(REVIEW, {"state": "READY"}).context["form"]

    assert [code for code, _label in plain.fields["state"].choices] == [
        "BACKORDER",
        "FUTURE",
        "CUSTOMER_CARE",
    ]
    assert "READY" in [code for code, _label in ready.fields["state"].choices]
    offered = [code for code, _label in plain.fields["source"].widget.choices]
    assert "berlin" in offered
    assert [code for code, _label in plain.fields["channel"].widget.choices] == [channel.code]


def test_several_codes_narrow_the_list_and_each_way_of_writing_them_is_selected(
    admin_client: Client, channel: SalesChannel
) -> None:
    berlin = channel.stock.sources.get()
    shipment = backorder("B", channel)
    Shipment.objects.filter(pk=shipment.pk).update(state="FUTURE", source=berlin)
    backorder("NONE", channel)

    boxes = admin_client.get(f"{REVIEW}?source=berlin&source=default")
    words = admin_client.get(f"{REVIEW}?source=berlin,default")

    for response in (boxes, words):
        assert numbers(response) == ["B"]
        assert [(chip.label, chip.value) for chip in response.context["chips"]] == [
            ("Source", "berlin, default")
        ]
        drawn = str(response.context["form"]["source"])
        assert drawn.count(" checked>") == 2
