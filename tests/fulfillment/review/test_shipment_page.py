"""One shipment's page: what it shows, to whom, and which actions it offers."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.customer_care import move_to_care
from fulfillment.operations.moves.expected_date import keep_new_dates, set_expected_date
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.priority import set_priority
from fulfillment.operations.moves.reassignment import reassign
from fulfillment.release.runs.engine import run_release
from inventory.models import SourceItem
from orders.models import Order
from tests.factories.fulfillment import (
    BackorderFactory,
    ShipmentLineFactory,
    book_line,
)
from tests.factories.inventory import FutureSupplyFactory, ProductFactory
from tests.factories.orders import OrderLineFactory
from tests.fulfillment.review.shipment_page import NOW, offered, url
from tests.present import present

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("columns", "codes"),
    [
        (
            {},
            [
                "release",
                "release-ahead",
                "hold",
                "assign",
                "set-priority",
                "set-expected-date",
                "reassign",
                "reroute",
                "customer-care",
                "cancel",
            ],
        ),
        (
            {"is_held": True, "hold_reason": "STAFF"},
            ["lift-hold", "assign", "set-priority", "set-expected-date", "customer-care", "cancel"],
        ),
        (
            {"is_held": True, "hold_reason": "PAYMENT"},
            ["assign", "set-priority", "set-expected-date", "customer-care", "cancel"],
        ),
        (
            {"awaits_payment": True},
            [
                "hold",
                "assign",
                "set-priority",
                "set-expected-date",
                "reassign",
                "reroute",
                "customer-care",
                "cancel",
            ],
        ),
        (
            {"state": "CUSTOMER_CARE", "care_reason": "Address"},
            [
                "assign",
                "set-priority",
                "set-expected-date",
                "reassign",
                "reroute",
                "backorder",
                "cancel",
            ],
        ),
        ({"state": "CANCELED"}, []),
        ({"state": "REASSIGNED"}, []),
    ],
)
def test_offers_what_its_state_allows(
    admin_client: Client, shipment: Shipment, columns: dict[Any, Any], codes: list[str]
) -> None:
    Shipment.objects.filter(pk=shipment.pk).update(**columns)

    assert offered(admin_client.get(url(shipment))) == codes


def test_a_ready_one_can_be_fulfilled_or_sent_back(
    admin_client: Client, shipment: Shipment
) -> None:
    reassign(shipment.pk, Act(NOW), source_code="berlin")

    assert offered(admin_client.get(url(shipment))) == [
        "hold",
        "assign",
        "set-priority",
        "reassign",
        "reroute",
        "pack",
        "fulfill",
        "backorder",
        "customer-care",
        "cancel",
    ]


@pytest.mark.parametrize(
    ("role", "codes"), [("Merchant", []), ("Operations", ["release"]), ("Viewer", [])]
)
def test_others_change_nothing_and_operations_release(
    client: Client, shipment: Shipment, role: str, codes: list[str]
) -> None:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert offered(client.get(url(shipment))) == codes


def test_shows_what_it_holds_and_where_its_units_went(
    admin_client: Client, shipment: Shipment
) -> None:
    reassign(shipment.pk, Act(NOW), source_code="berlin")
    ready = admin_client.get(url(shipment))
    assert ready.context["lines"][0]["held"] == ["2 set aside at berlin"]

    line = shipment.lines.get()
    part = fulfill(shipment.pk, Act(NOW), quantities={line.order_line_id: Decimal(1)})
    family = admin_client.get(url(part)).context["family"]
    assert [(branch.depth, branch.shipment.state) for branch in family] == [
        (0, "READY"),
        (1, "FULFILLED"),
    ]


def test_what_is_missing_is_said_once(admin_client: Client, shipment: Shipment) -> None:
    wheel = shipment.lines.get().product
    bell = ProductFactory(sku="BELL")
    several = BackorderFactory(order=shipment.order, number="S2", lines={wheel: 4, bell: 1})
    again = OrderLineFactory(order=shipment.order, product=wheel, quantity=Decimal(3))
    ShipmentLineFactory(shipment=several, order_line=again)
    book_line(again, several)

    page = admin_client.get(url(several)).text

    # Of 5, the earlier shipment has 2: of the 7 that are wanted here, 3 are there.
    assert page.count("4 × WHEEL missing") == page.count("1 × BELL missing") == 1
    assert "Missing" not in page


def test_says_first_where_it_goes_and_from_where(admin_client: Client, shipment: Shipment) -> None:
    Order.objects.update(
        recipient="Ada Lovelace", street="12 St James", city="London", postcode="SW1", country="GB"
    )
    reassign(shipment.pk, Act(NOW), source_code="berlin")

    page = admin_client.get(url(shipment))

    top = page.text[page.text.index('<dl class="list-card shipment-top">') :]
    top = top[: top.index("</dl>")]
    locality = "<div>London</div><div>SW1</div>"
    for words in ("12 St James", locality, "United Kingdom", "Ship to home", "berlin"):
        assert words in top
    assert (page.context["primary"]["code"], page.context["ships_whole"]) == ("fulfill", True)
    assert [offer["code"] for offer in page.context["dangers"]] == ["cancel"]
    assert not page.context["has_ended"]


def sentences_of(page: Any) -> list[str]:
    return [remedy.sentence for remedy in page.context["panel"]["remedies"]]


def test_a_remedy_that_asks_for_more_than_is_missing_says_why(
    admin_client: Client, shipment: Shipment
) -> None:
    wheel = shipment.lines.get().product
    SourceItem.objects.update(quantity=0)
    second = BackorderFactory(order=shipment.order, number="S2", lines={wheel: 4})
    more = "This is more than the missing units"

    before, behind = (admin_client.get(url(waiting)) for waiting in (shipment, second))

    assert sentences_of(before) == ["Receive 2 × WHEEL at berlin."]
    assert more not in before.text
    assert sentences_of(behind) == ["Receive 6 × WHEEL at berlin."]
    assert more in behind.text


def test_next_supply_is_that_of_what_is_missing_now(
    admin_client: Client, shipment: Shipment
) -> None:
    wheel, bell = shipment.lines.get().product, ProductFactory(sku="BELL")
    source = SourceItem.objects.get().source
    for product in (wheel, bell):
        FutureSupplyFactory(product=product, source=source, quantity=9, expected_on=NOW.date())
    both = BackorderFactory(order=shipment.order, number="S2", lines={wheel: 1, bell: 1})

    beside = reverse("admin:fulfillment_shipment_review_explanation", args=[both.pk])
    facts = dict(admin_client.get(beside).context["panel"]["facts"])

    assert facts["Missing"] == ["1 × BELL"]
    assert facts["Next supply"] == ["9 to berlin, overdue since 31 Mar 2026"]


def test_says_first_why_customer_care_has_it(admin_client: Client, shipment: Shipment) -> None:
    move_to_care(shipment.pk, Act(NOW, reason="<Ask> the customer"))
    page = admin_client.get(url(shipment))
    beside = admin_client.get(
        reverse("admin:fulfillment_shipment_review_explanation", args=[shipment.pk])
    )

    for answer in (page, beside):
        assert "Why it waits" in answer.text
        assert answer.text.count("&lt;Ask&gt; the customer") >= 1
    assert page.text.index("Why it waits") < page.text.index("&lt;Ask&gt; the customer")
    assert "The shipment is not backordered" not in beside.text


def test_costs_the_same_for_any_number_of_lines(admin_client: Client, shipment: Shipment) -> None:
    few, many = (
        BackorderFactory(order=shipment.order, lines={ProductFactory(): 1 for _ in range(count)})
        for count in (1, 20)
    )
    for priority in range(1, 10):
        set_priority(many.pk, Act(NOW), priority=priority)

    def cost(asked: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(url(asked))
        return len(queries)

    cost(few)
    assert cost(many) == cost(few)


def date_history(client: Client, shipment: Shipment) -> list[tuple[Any, Any, Any]]:
    changes = client.get(url(shipment)).context["date_changes"]
    return [(change["detail"], change["author"], change["reason"]) for change in changes]


@pytest.mark.parametrize("role", ["Merchant", "Fulfillment", "Operations", "Viewer"])
def test_every_role_reads_how_the_date_of_this_shipment_moved(
    client: Client, shipment: Shipment, role: str
) -> None:
    user = User.objects.create_user("ada", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    other = BackorderFactory(order=shipment.order, lines={ProductFactory(): 1})
    Shipment.objects.update(expected_on=date(2026, 4, 3))
    said = Act(NOW, user.pk, "They said")
    for waits, day in ((shipment, date(2026, 4, 9)), (other, date(2026, 4, 20))):
        set_expected_date(waits.pk, said, expected_on=day, today=NOW.date())
    unsure = Act(NOW, user.pk, "Unsure")
    set_expected_date(shipment.pk, unsure, expected_on=None, today=NOW.date())
    source = shipment.stock.links.get().source
    source.items.update(quantity=1)
    product = shipment.lines.get().product
    day = date(2126, 5, 1)
    FutureSupplyFactory(source=source, product=product, quantity=9, expected_on=day)

    run = run_release(act=Act(NOW + timedelta(hours=1)), zone=ZoneInfo("UTC"), trigger="SCHEDULE")

    shipment.refresh_from_db()
    by_run = date_format(present(shipment.expected_on), "DATE_FORMAT")
    assert date_history(client, shipment) == [
        (f"9 Apr 2026 → {by_run}", f"Release run #{run.pk}", ""),
        ("3 Apr 2026 → 9 Apr 2026", "ada", "They said"),
    ]
    text = client.get(url(shipment)).content.decode()
    assert "Set by release runs again" in text
    assert "20 Apr 2026" not in text


def test_a_date_that_supply_moved_says_so(admin_client: Client, shipment: Shipment) -> None:
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=date(2026, 4, 3))
    shipment.refresh_from_db()
    formers = {shipment.pk: None}
    keep_new_dates([shipment], Act(NOW, reason="SUPPLY"), formers=formers)

    assert date_history(admin_client, shipment) == [
        ("– → 3 Apr 2026", "The system", "Its supply arrived or changed.")
    ]


def test_an_address_that_is_no_shipment_is_not_found(admin_client: Client) -> None:
    for key in ("0", "abc", "99999999999999999999"):
        address = reverse("admin:fulfillment_shipment_change", args=[key])
        assert admin_client.get(address).status_code == 404
