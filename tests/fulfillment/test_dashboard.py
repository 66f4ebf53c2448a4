"""The dashboard: what it says, whom it says it to, and where its numbers lead."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fulfillment.admin.charts import Cell, Chart, Point, round_above
from fulfillment.admin.dashboard_cards import percent
from fulfillment.models import Shipment
from fulfillment.operations.upkeep.figures import refresh_figures
from orders.models import Order, OrderEmail, Payment
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceItemFactory,
)
from tests.factories.orders import OrderFactory, OrderLineFactory

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def waiting(days: int, **values: Any) -> Shipment:
    return BackorderFactory(
        backordered_since=NOW - timedelta(days=days), lines={ProductFactory(): 2}, **values
    )


def refresh() -> None:
    refresh_figures(now=NOW, zone=ZoneInfo("UTC"))


def dashboard(client: Client) -> Any:
    return client.get(reverse("admin:dashboard"))


def member(client: Client, role: str) -> None:
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)


def make_everything() -> None:
    waiting(3)
    waiting(10)
    waiting(20, is_held=True, hold_reason="PAYMENT")
    waiting(40, expected_on=NOW.date() + timedelta(days=9))
    waiting(5, state="CUSTOMER_CARE", care_reason="Ask")
    order = waiting(2, expected_on=NOW.date() - timedelta(days=1)).order
    FutureSupplyFactory(expected_on=NOW.date() - timedelta(days=3))
    FutureSupplyFactory(expected_on=NOW.date() + timedelta(days=9))
    FutureSupplyFactory(expected_on=None)
    SourceItemFactory(quantity=Decimal(1), notify_quantity_below=Decimal(5))
    released = waiting(8)
    Shipment.objects.filter(pk=released.pk).update(
        state="READY", source=SourceItemFactory().source, released_at=NOW - timedelta(hours=2)
    )
    Payment.objects.create(
        order=order, gateway="manual", state="UNKNOWN", currency="USD", amount=1, created_at=NOW
    )
    OrderEmail.objects.create(
        order=order, kind="RELEASED", event_key="1", state="FAILED", language="en",
        recipient="a@example.com", created_at=NOW, next_attempt_at=NOW,
    )  # fmt: skip
    refresh()


@pytest.mark.django_db
def test_cards_say_how_things_stand(admin_client: Client) -> None:
    make_everything()

    context = dashboard(admin_client).context

    shown = {
        card.title: tuple(figure.text for figure in card.figures)
        for card in [*context["cards"], *context["exceptions"]]
    }
    assert shown == {
        "Shipments waiting": ("6",),
        "Value waiting": ("120.00 USD",),
        "Oldest waiting": ("40 days",),
        "Released today": ("1",),
        "Fill rate": ("–",),
        "Customer care": ("1",),
        "Held for payment": ("1",),
        "Payments with an unknown outcome": ("1",),
        "Overdue supply": ("1",),
        "Low stock": ("1",),
        "E-mails not sent": ("1",),
    }
    assert [card.title for card in context["cards"] if card.is_alarming] == ["Oldest waiting"]
    assert all(card.is_alarming for card in context["exceptions"])


@pytest.mark.django_db
def test_charts_have_the_numbers_in_a_table(admin_client: Client) -> None:
    make_everything()

    charts = {chart.key: chart for chart in dashboard(admin_client).context["charts"]}

    assert [
        (point.label, *(cell.text for cell in point.cells)) for point in charts["age"].points
    ] == [
        ("0–7 days", "3", "60.00 USD"),
        ("8–14 days", "1", "20.00 USD"),
        ("15–30 days", "1", "20.00 USD"),
        ("Over 30 days", "1", "20.00 USD"),
    ]
    assert charts["releases"].points[-1].cells[0].text == "1"
    supply = {
        point.label: tuple(cell.text for cell in point.cells) for point in charts["supply"].points
    }
    assert supply["Overdue"] == ("10", "2")
    assert supply["Week from 20 Apr 2026"] == ("10", "2")
    assert supply["No date"] == ("10", "8")
    assert charts["waiting"].points[-1].cells[0].text == "6"


def make_yesterday() -> None:
    """Two shipments that left yesterday, when somebody counted."""
    for _shipment in range(2):
        released = waiting(8)
        Shipment.objects.filter(pk=released.pk).update(
            state="READY", source=SourceItemFactory().source, released_at=NOW - timedelta(days=1)
        )
    refresh_figures(now=NOW - timedelta(days=1), zone=ZoneInfo("UTC"))
    refresh()


def counted_on(response: Any) -> str:
    """Return how many rows a list, or the backorder review, says that it has."""
    if "cl" in response.context:
        return str(response.context["cl"].queryset.count())
    return str(response.context["total"])


@pytest.mark.django_db
def test_every_number_leads_to_the_list_that_it_counts(admin_client: Client) -> None:
    make_everything()
    make_yesterday()
    context = dashboard(admin_client).context
    charts = {chart.key: chart for chart in context["charts"]}
    waiting_card, _value, _oldest, released_card, _rate = context["cards"]
    counted = [card.figures[0] for card in [waiting_card, released_card, *context["exceptions"]]]
    counted += [waiting_card.remark, released_card.remark, charts["waiting"].points[-1].cells[0]]
    counted += [point.cells[0] for key in ("age", "releases") for point in charts[key].points]

    for cell in counted:
        response = admin_client.get(cell.link)
        assert response.status_code == 200, cell
        assert counted_on(response) == re.findall(r"\d+", cell.text)[0], cell
    assert (waiting_card.remark.text, released_card.remark.text) == ("1 held", "Yesterday 2")


@pytest.mark.django_db
def test_each_currency_links_to_its_waiting_shipments(admin_client: Client) -> None:
    make_everything()
    euros = waiting(20).order
    Order.objects.filter(pk=euros.pk).update(currency="EUR")
    refresh()

    context = dashboard(admin_client).context

    [age] = [chart for chart in context["charts"] if chart.key == "age"]
    month = age.points[2].cells[1].numbers
    for cells, lists in ((context["cards"][1].figures, (1, 6)), (month, (1, 1))):
        found = [(cell.text, admin_client.get(cell.link).context["total"]) for cell in cells]
        assert found == [
            ("20.00 EUR", lists[0]),
            (f"{20 * lists[1]}.00 USD", lists[1]),
        ]
    assert ">20.00 EUR</a>, <a href=" in dashboard(admin_client).text


@pytest.mark.django_db
def test_orders_of_a_day_are_behind_its_fill_rate_and_the_backordered_behind_theirs(
    admin_client: Client,
) -> None:
    channel = SalesChannelFactory()
    for units, backordered in ((6, 0), (4, 3)):
        order = OrderFactory(
            channel=channel, placed_at=NOW - timedelta(hours=1), backordered_quantity=backordered
        )
        OrderLineFactory(order=order, quantity=units, backordered_quantity=backordered)
    refresh()

    charts = {chart.key: chart for chart in dashboard(admin_client).context["charts"]}

    cells = charts["fill-rate"].points[-1].cells
    assert [
        (cell.text, len(admin_client.get(cell.link).context["cl"].result_list)) for cell in cells
    ] == [("70 %", 2), ("10", 2), ("3", 1)]


@pytest.mark.django_db
def test_a_number_without_a_list_is_said_to_have_none(admin_client: Client) -> None:
    make_everything()
    make_yesterday()

    response = dashboard(admin_client)

    for chart in response.context["charts"]:
        without = [
            cell.text
            for point in chart.points
            for shown in point.cells
            for cell in shown.numbers
            if not cell.link
        ]
        assert bool(without) == bool(chart.caption) == (chart.key == "waiting"), chart.key
    assert "Past days keep only the number of waiting shipments" in response.text


@pytest.mark.django_db
def test_units_lead_to_the_shipments_and_the_supply_that_they_are_of(admin_client: Client) -> None:
    make_everything()
    charts = {chart.key: chart for chart in dashboard(admin_client).context["charts"]}

    for point in charts["supply"].points:
        for cell, units in zip(point.cells, (10, 2), strict=True):
            response = admin_client.get(cell.link)
            assert response.context["cl"].queryset.count() * units == int(cell.text), cell.link


@pytest.mark.django_db
def test_queries_are_as_many_for_a_long_queue_as_for_a_short_one(admin_client: Client) -> None:
    make_everything()
    with CaptureQueriesContext(connection) as few:
        dashboard(admin_client)
    for number in range(10):
        waiting(number)
    refresh()

    with CaptureQueriesContext(connection) as many:
        dashboard(admin_client)

    assert len(many) == len(few) <= 10


@pytest.mark.parametrize(
    ("role", "closed"),
    [
        ("Merchant", {"orders.payment", "orders.orderemail"}),
        ("Fulfillment", set()),
        ("Operations", {"orders.payment", "orders.orderemail"}),
        ("Viewer", set()),
    ],
)
@pytest.mark.django_db
def test_each_role_is_led_only_where_it_may_go(client: Client, role: str, closed: Any) -> None:
    make_everything()
    member(client, role)

    response = dashboard(client)

    names = {
        "Payments with an unknown outcome": "orders.payment",
        "E-mails not sent": "orders.orderemail",
    }
    led = {card.title: bool(card.figures[0].link) for card in response.context["exceptions"]}
    for title, model in names.items():
        assert led[title] is (model not in closed)
    # Of a list narrowed day by day, one day stands for all: it is as open as the others.
    links = re.findall(r'href="(/admin/[^"]+\?[^"]+)"', response.text)
    for link in {re.sub(r"=[^&]*", "", link): link for link in links}.values():
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link


@pytest.mark.django_db
def test_staff_without_a_role_sees_no_figures(client: Client) -> None:
    make_everything()
    client.force_login(User.objects.create(username="new", is_staff=True))

    response = client.get(reverse("admin:index"))

    assert "cards" not in response.context
    assert "You have no role yet" in response.text


@pytest.mark.django_db
def test_before_the_first_count_it_says_so(admin_client: Client) -> None:
    assert "There are no figures yet" in dashboard(admin_client).text


@pytest.mark.django_db
def test_old_figures_say_that_they_are_old(admin_client: Client) -> None:
    make_everything()
    assert "last counted" not in dashboard(admin_client).text

    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        response = dashboard(admin_client)

    assert "These figures were last counted at 15 Apr 2026, 12:00." in response.text


def test_bars_are_whole_numbers_and_what_is_little_is_seen() -> None:
    values = (Decimal(1000), Decimal("0.5"), Decimal(0))
    points = [
        Point(f"day {number}", "", (value,), (Cell(f"{value}"),))
        for number, value in enumerate(values)
    ]
    chart = Chart("k", "t", "s", "a", ("Units",), points)

    assert [(bar.x, bar.y, bar.width, bar.height) for bar in chart.bars] == [
        (8, 0, 84, 100),
        (108, 99, 84, 1),
        (208, 100, 84, 0),
    ]
    assert chart.bars[1].label == "day 1: 0.5"


@pytest.mark.parametrize(
    ("value", "ceiling"),
    [("0", "0"), ("1", "2"), ("0.5", "2"), ("9", "10"), ("10", "10"), ("11", "12"), ("33", "40"),
     ("75", "80"), ("101", "120"), ("2149", "2400"), ("2400.5", "3000"), ("90001", "100000")],
)  # fmt: skip
def test_an_axis_ends_at_a_round_value(value: str, ceiling: str) -> None:
    assert round_above(Decimal(value)) == Decimal(ceiling)


def test_an_axis_names_its_top_its_half_and_zero() -> None:
    points = [Point("day", "", (Decimal(33),), (Cell("33"),))]

    assert Chart("k", "t", "s", "a", ("Units",), points).scale == ["40", "20", "0"]
    assert Chart("k", "t", "s", "a", ("Units",), []).scale == ["0"]
    whole_share = Chart("k", "t", "s", "a", ("Part",), points, words=percent, limit=Decimal(1))
    assert whole_share.scale == ["100 %", "50 %", "0 %"]


@pytest.mark.django_db
def test_the_range_is_chosen_and_anything_else_is_the_usual_one(admin_client: Client) -> None:
    for days in (0, 6, 7, 29, 30, 89, 90):
        refresh_figures(now=NOW - timedelta(days=days), zone=ZoneInfo("UTC"))
    make_everything()
    address = reverse("admin:dashboard")

    shown = {
        asked: admin_client.get(f"{address}{asked}").context
        for asked in ("", "?days=7", "?days=30", "?days=90", "?days=8", "?days=x")
    }

    releases = {
        asked: next(chart for chart in found["charts"] if chart.key == "releases")
        for asked, found in shown.items()
    }
    assert {asked: len(chart.points) for asked, chart in releases.items()} == {
        "": 30, "?days=7": 7, "?days=30": 30, "?days=90": 90, "?days=8": 30, "?days=x": 30,
    }  # fmt: skip
    assert releases["?days=7"].ticks == [f"{day} Apr" for day in range(9, 16)]
    assert releases[""].ticks == ["17 Mar", "24 Mar", "31 Mar", "8 Apr", "15 Apr"]
    chosen = [(label, is_shown) for _link, label, is_shown in shown["?days=90"]["ranges"]]
    assert chosen == [("7 days", False), ("30 days", False), ("90 days", True)]
    assert "in the last 90 days" in releases["?days=90"].summary


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (None, "–"),
        (Decimal(1), "100 %"),
        (Decimal("0.99999"), "99.9 %"),
        (Decimal("0.265"), "26.5 %"),
        (Decimal(0), "0 %"),
    ],
)
def test_fill_rate_is_never_rounded_up(part: Decimal | None, text: str) -> None:
    assert percent(part) == text
