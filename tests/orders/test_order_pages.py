"""The order list and the page of an order, over HTTP, without a browser."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold
from inventory.models import Source
from orders.changes.cancel import cancel
from orders.models import Order, OrderEmail, PaymentOperation
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.factories.fulfillment import BackorderFactory, promise
from tests.factories.inventory import (
    ProductFactory,
    SourceItemFactory,
)
from tests.factories.orders import OrderFactory, OrderLineFactory
from tests.orders.addresses import HOME
from tests.orders.mugs import NOW, open_shop, placed

LIST = reverse("admin:orders_order_changelist")
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> None:
    open_shop()


def page(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def listed(client: Client, **chosen: str) -> list[str]:
    response = client.get(LIST, chosen)
    assert response.status_code == 200
    return [order.number for order in response.context["cl"].result_list]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("a-1", ["A-1", "A-10"]),
        ("A-10", ["A-10"]),
        ("grace@", ["B-2"]),
        ("Hop", ["B-2"]),
        ("rare", ["B-2"]),
        ("%", []),
        ("1", []),
    ],
)
def test_orders_are_found_by_the_beginning_of_what_is_known_of_them(
    admin_client: Client, typed: str, numbers: list[str]
) -> None:
    for number in ("A-1", "A-10"):
        order = OrderFactory(number=number)
        OrderLineFactory(order=order, product=ProductFactory(sku=f"MUG-{number}"))
    found = OrderFactory(
        number="B-2", customer_name="Grace Hopper", customer_email="Grace@Example.com"
    )
    for sku in ("RARE-1", "RARE-2"):
        OrderLineFactory(order=found, product=ProductFactory(sku=sku))

    assert sorted(listed(admin_client, q=typed)) == numbers


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        ({"backordered": "waiting"}, ["WAITS"]),
        ({"backordered": "placed"}, ["WAITS"]),
        ({"backordered": "never"}, ["WHOLE"]),
        ({"total_from": "60", "total_to": "70"}, ["WAITS"]),
        ({"status": "PROCESSING"}, ["WAITS", "WHOLE"]),
        ({"status": "COMPLETE"}, []),
    ],
)
def test_the_list_is_narrowed_by_what_staff_ask_for(
    admin_client: Client, shop: None, chosen: dict[str, str], numbers: list[str]
) -> None:
    placed("WHOLE", 5)
    placed("WAITS", 7)

    assert sorted(listed(admin_client, **chosen)) == numbers


def test_the_list_is_narrowed_by_the_source_that_serves_an_order(
    admin_client: Client, shop: None
) -> None:
    order = placed("SERVED", 5)
    OrderFactory(number="OTHER")
    source = Shipment.objects.get(order=order).source_id

    assert listed(admin_client, source=str(source)) == ["SERVED"]
    assert listed(admin_client, source="0") == []


@pytest.mark.parametrize(
    ("age", "days"), [("0-7", [0, 7]), ("8-14", [8, 14]), ("15-30", [15, 30]), ("31-", [31, 90])]
)
def test_ages_are_calendar_days_both_ends_included(
    admin_client: Client, age: str, days: list[int]
) -> None:
    now = timezone.now()
    for ago in (0, 7, 8, 14, 15, 30, 31, 90):
        OrderFactory(number=f"{ago}", placed_at=now - timedelta(days=ago))

    assert sorted(map(int, listed(admin_client, age=age))) == days


def test_the_list_sorts_by_what_was_backordered_and_by_value(
    admin_client: Client, shop: None
) -> None:
    placed("FIVE", 5)
    placed("SEVEN", 7)
    placed("ONE", 1)
    columns = ["", *admin_client.get(LIST).context["cl"].list_display]
    backordered = columns.index("backordered_units") - 1
    worth = columns.index("worth") - 1

    assert listed(admin_client, o=f"-{backordered}") == ["SEVEN", "ONE", "FIVE"]
    assert listed(admin_client, o=f"{worth}") == ["ONE", "FIVE", "SEVEN"]


def test_the_list_counts_no_table(admin_client: Client, shop: None) -> None:
    placed("ONE", 1)
    with CaptureQueriesContext(connection) as queries:
        admin_client.get(LIST, {"q": "O", "backordered": "never"})

    assert not [query for query in queries if "COUNT(" in query["sql"]]


def test_an_order_does_not_say_that_held_units_are_ready_to_ship(
    admin_client: Client, shop: None
) -> None:
    order = placed("ORD", 12)
    ready = Shipment.objects.get(order=order, state="READY")
    hold(ready.pk, Act(NOW, reason="Ask for the floor"))

    standing = admin_client.get(page(order)).context["standing"]

    assert [(part.words, part.color) for part in standing] == [
        ("10 ready, but on hold", "warning"),
        ("2 waiting", "warning"),
        ("expected 16 Mar 2026", "neutral"),
    ]


def test_the_page_tells_of_an_order_what_became_of_it(admin_client: Client, shop: None) -> None:
    order = placed("ORD", 12)
    line = order.lines.get()
    ready = Shipment.objects.get(order=order, state="READY")
    fulfill(ready.pk, Act(NOW), quantities={line.pk: Decimal(4)})
    cancel(order.pk, Act(NOW, reason="Changed her mind"), quantities={line.pk: Decimal(1)})

    response = admin_client.get(page(order))

    assert re.findall(r'<td class="is-number">(.*?)</td>', response.content.decode()) == [
        # What was ordered, and its total.
        *["12 × 10.00 USD", "120.00 USD"],
        # Each entry of the ledger with the balance.
        *["-12", "-12"],
        *["+4", "-8"],
        *["+1", "-7"],
    ]
    [(_line, parts)] = response.context["lines"]
    assert [(part.words, part.detail) for part in parts] == [
        ("4 shipped from seattle", ""),
        ("6 ready at seattle", ""),
        ("1 waiting", "expected 16 Mar 2026"),
        ("1 refunded", ""),
        ("2 backordered when placed", ""),
    ]
    assert [part.words for part in response.context["standing"]] == [
        "4 of 11 units shipped",
        "6 ready to ship",
        "1 waiting",
        "expected 16 Mar 2026",
    ]
    assert [
        (depth, shipment.state, shipment.source, contents, [str(one.label) for one in buttons])
        for shipment, depth, contents, buttons, _address in response.context["shipments"]
    ] == [
        (0, "READY", "seattle", "6 × MUG", ["Ship"]),
        (1, "FULFILLED", "seattle", "4 × MUG", []),
        (0, "BACKORDER", "", "1 × MUG", ["Release", "Release available units"]),
    ]
    assert [entry.event for entry, _line in response.context["ledger"]] == [
        "PLACED",
        "FULFILLED",
        "REFUNDED",
    ]
    [payment] = response.context["payments"]
    money = response.context["money"]
    assert (money.total, money.captured, money.refunded, money.due, money.authorized) == (
        Decimal("120.00"),
        Decimal("120.00"),
        Decimal(0),
        Decimal("10.00"),
        Decimal(0),
    )
    assert [operation.kind for operation in payment.operations.all()] == ["AUTHORIZE", "REFUND"]
    assert {entry.what for entry in response.context["history"]} >= {
        "Placed",
        "Canceled",
        "Refunded",
        "Refund: Due",
        "Order confirmation: Queued",
        f"Shipment {response.context['shipments'][1][0].number}: Fulfilled",
    }
    kinds = [email.kind for email in response.context["emails"]]
    assert kinds == ["CONFIRMATION", "DISPATCHED", "CANCELED"]
    assert "Changed her mind" in response.content.decode()


def test_the_page_takes_as_many_queries_for_many_lines_as_for_one(
    admin_client: Client, shop: None
) -> None:
    one = placed("FEW", 12)
    cancel(one.pk, Act(NOW), quantities={one.lines.get().pk: Decimal(1)})
    few = queries_of(admin_client, one)
    source = Source.objects.get(code="seattle")
    lines = []
    for number in range(20):
        product = ProductFactory(sku=f"MORE-{number}", backorders="ALLOW_QTY_BELOW_0")
        SourceItemFactory(product=product, source=source, quantity=Decimal(1))
        lines.append(LineRequest(product.sku, Decimal(3)))
    request = OrderRequest(
        address=HOME, channel="web", customer=Customer("Ada", "ada@example.com"), lines=tuple(lines)
    )
    many = Order.objects.get(pk=place_order(request, Act(NOW)).order_id)
    for line in many.lines.all():
        cancel(many.pk, Act(NOW), quantities={line.pk: Decimal(1)})

    assert queries_of(admin_client, many) <= few


def queries_of(client: Client, order: Order) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page(order)).status_code == 200
    return len(queries)


def test_the_list_names_the_earliest_promise_of_what_has_still_to_leave(
    admin_client: Client,
) -> None:
    mug = ProductFactory()

    def waits(number: str, *promises: date | None) -> None:
        order = OrderFactory(number=number, placed_at=NOW)
        for promised_on in promises:
            promise(BackorderFactory(order=order, lines={mug: 1}), promised_on)

    admin_client.post(
        reverse("admin:orders_order_columns"), {"columns": ["promised"], "current": ""}
    )
    waits("DATED", date(2026, 5, 9), None, date(2026, 5, 2))
    gone = BackorderFactory(order=OrderFactory(number="GONE"), lines={mug: 1})
    promise(gone, date(2026, 5, 1))
    Shipment.objects.filter(pk=gone.pk).update(state="CANCELED")
    BackorderFactory(order=OrderFactory(number="SILENT"), lines={mug: 1})
    few, shown = _promised(admin_client)
    assert shown == {"DATED": "2 May 2026", "GONE": "–", "SILENT": "–"}

    for number in range(20):
        waits(f"UNDATED-{number}", None)
    many, shown = _promised(admin_client)

    assert (many, shown["UNDATED-7"]) == (few, "No date yet")


def _promised(client: Client) -> tuple[int, dict[str, str]]:
    """Return how many queries the list takes, and what it says of each order."""
    with CaptureQueriesContext(connection) as queries:
        page = client.get(LIST).text
    cells = r"field-number[^>]*>.*?<a[^>]*>([^<]+)</a>.*?field-promised[^>]*>\s*([^<]*?)\s*<"
    return len(queries), dict(re.findall(cells, page, re.DOTALL))


def test_a_merchant_reads_an_order_and_is_offered_nothing_to_do(client: Client, shop: None) -> None:
    user = User.objects.create(username="merchant", is_staff=True)
    user.groups.add(Group.objects.get(name="Merchant"))
    client.force_login(user)

    response = client.get(page(placed("ORD", 1)))

    assert response.status_code == 200
    assert response.context["actions"] == []
    assert [buttons for *_shown, buttons, _address in response.context["shipments"]] == [[]]


def test_the_first_button_is_what_moves_the_order_on(admin_client: Client, shop: None) -> None:
    def buttons(order: Order) -> list[tuple[str, str, bool]]:
        actions = admin_client.get(page(order)).context["actions"]
        return [(str(action.label), action.url, action.is_main) for action in actions]

    ready = placed("READY", 4)
    shipment = Shipment.objects.get(order=ready)
    address = reverse("admin:fulfillment_shipment_change", args=[shipment.pk])
    assert buttons(ready)[0] == ("Ship", address, True)

    Shipment.objects.filter(pk=shipment.pk).update(is_held=True, hold_reason="STAFF")
    assert [(label, is_main) for label, _url, is_main in buttons(ready)] == [
        ("Change order", False),
        ("Add lines", False),
        ("Substitute", False),
        ("Cancel units", False),
        ("Refund", False),
    ]

    asked = PaymentOperation.objects.get(payment__order=ready)
    PaymentOperation.objects.update(state="UNKNOWN", review_since=NOW)
    Order.objects.filter(pk=ready.pk).update(status="PAYMENT_REVIEW")
    decide = reverse("admin:orders_paymentoperation_decide", args=[asked.pk])
    assert buttons(ready) == [("Decide the payment", decide, True)]


def test_several_shipments_to_ship_lead_to_their_list(admin_client: Client, shop: None) -> None:
    order = placed("ORD", 4)
    first = Shipment.objects.get(order=order)
    BackorderFactory(order=order, state="READY", source=first.source)

    actions = admin_client.get(page(order)).context["actions"]

    assert (str(actions[0].label), actions[0].url) == ("Ship", "#order-shipments")


def test_the_page_names_the_customers_newest_other_orders(admin_client: Client, shop: None) -> None:
    order = placed("THIS", 1)
    for number in range(6):
        OrderFactory(number=f"OTHER-{number}", customer_email="ada@example.com")
    OrderFactory(number="ELSE", customer_email="grace@example.com")

    response = admin_client.get(page(order))

    assert [other.number for other in response.context["other_orders"]] == [
        "OTHER-5",
        "OTHER-4",
        "OTHER-3",
        "OTHER-2",
        "OTHER-1",
    ]
    assert "?q=ada%40example.com" in response.content.decode()


def test_a_letter_is_shown_as_it_was_sent(admin_client: Client, shop: None) -> None:
    order = placed("ORD", 1)
    unsent = admin_client.get(page(order)).content.decode()
    OrderEmail.objects.update(
        subject="Your order ORD", body="Hello <Ada>,\n\n1 × MUG", state="SENT", sent_at=NOW
    )

    sent = admin_client.get(page(order)).content.decode()

    assert "The text is written when the e-mail is sent." in unsent
    assert "<p>Hello &lt;Ada&gt;,</p>" in sent
    assert "Your order ORD" in sent
