"""Future supply in the admin: each page shows the affected shipments before it does anything."""

from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from core.acts import Act
from core.clock import today
from fulfillment.models import Shipment
from fulfillment.operations.delays.later_dates import tell_later_dates
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.shipments.dates import DateRules
from fulfillment.release.runs import engine
from inventory.models import FutureSupply, InventoryConfiguration, Receipt
from inventory.operations.future_supply import NewSupply, SupplyChangedError, change_supply
from inventory.operations.receipts import Confirmation, preview_receipt, receive_supply
from orders.models import OrderEmail
from tests.beside import beside
from tests.factories.fulfillment import BackorderFactory, promise
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.form_values import carried, shown_in
from tests.invariants import assert_invariants
from tests.present import present

pytestmark = pytest.mark.django_db


@pytest.fixture
def supply() -> FutureSupply:
    """10 kettles in a week; promised to the orders O1 (3), O2 (4) and O3 (2), in queue order."""
    return promised_supply()


def promised_supply() -> FutureSupply:
    now = datetime.now(UTC)
    kettle, source = ProductFactory(sku="KTP"), SourceFactory(code="a")
    SourceItemFactory(source=source, product=kettle, quantity=0)
    supply = FutureSupplyFactory(
        source=source, product=kettle, quantity=10, expected_on=today() + timedelta(days=7)
    )
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"future_inventory": True})
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    for number, quantity in [(1, 3), (2, 4), (3, 2)]:
        placed_at = now - timedelta(days=10 - number)
        order = OrderFactory(channel=channel, number=f"O{number}", placed_at=placed_at)
        BackorderFactory(order=order, lines={kettle: quantity})
    engine.run_release(act=Act(now), zone=ZoneInfo("UTC"), trigger="STAFF")
    assert states() == {"O1": "FUTURE", "O2": "FUTURE", "O3": "FUTURE"}
    return supply


def states() -> Any:
    open_now = Shipment.objects.exclude(state="REASSIGNED")
    return dict(open_now.values_list("order__number", "state"))


def url(supply: FutureSupply, action: str) -> Any:
    return reverse(f"admin:inventory_futuresupply_{action}", args=[supply.pk])


def hit(response: Any) -> tuple[list[str], ...]:
    """The orders whose shipments go back, and those that stay promised, as the page lists them."""
    plan = response.context["plan"]
    return tuple(
        [f"{order} {units}" for _shipment, order, units, _key in plan[part]]
        for part in ("broken", "kept")
    )


def confirm(client: Client, address: Any, **entered: Any) -> Any:
    """Look first, as a person does, then confirm what was shown."""
    entered = {**carried(client, address), **entered}
    shown = client.post(address, entered).context["plan"]["shown"]
    return client.post(address, {**entered, "shown": shown}, follow=True)


def asked(client: Client, address: Any, entered: dict[Any, Any]) -> Any:
    """Post the form as the page carries it."""
    return client.post(address, {**carried(client, address), **entered})


def messages(response: Any) -> list[str]:
    return [strip_tags(str(message)) for message in response.context["messages"]]


def test_the_preview_of_a_lower_quantity_names_shipments_and_writes_nothing(
    supply: FutureSupply, admin_client: Client
) -> None:
    response = asked(
        admin_client,
        url(supply, "change_supply"),
        {"quantity": "7", "expected_on": present(supply.expected_on).isoformat()},
    )

    assert hit(response) == (["O3 2"], ["O1 3", "O2 4"])
    assert states() == {"O1": "FUTURE", "O2": "FUTURE", "O3": "FUTURE"}
    assert FutureSupply.objects.get().quantity == 10


def test_a_lower_quantity_that_is_confirmed_sends_them_back(
    supply: FutureSupply, admin_client: Client
) -> None:
    response = confirm(
        admin_client,
        url(supply, "change_supply"),
        quantity="7",
        expected_on=present(supply.expected_on).isoformat(),
    )

    assert states() == {"O1": "FUTURE", "O2": "FUTURE", "O3": "BACKORDER"}
    assert FutureSupply.objects.get().quantity == 7
    assert messages(response)[0].startswith(
        "Saved the quantity and date of KTP at a. This shipment is on backorder again: "
    )
    assert_invariants()


def test_another_date_keeps_promises_and_announces_the_notices(
    supply: FutureSupply, admin_client: Client
) -> None:
    assert supply.expected_on is not None
    later = supply.expected_on + timedelta(days=3)
    entered = {"quantity": "10", "expected_on": later.isoformat()}
    for shipment in Shipment.objects.filter(state="FUTURE"):
        promise(shipment, supply.expected_on)

    shown = asked(admin_client, url(supply, "change_supply"), entered)
    response = confirm(admin_client, url(supply, "change_supply"), **entered)

    assert hit(shown) == ([], ["O1 3", "O2 4", "O3 2"])
    assert "their customers get an e-mail with the new date" in shown.content.decode()
    assert messages(response) == [
        "Saved the quantity and date of KTP at a. No shipment lost its promise."
    ]
    assert FutureSupply.objects.get().expected_on == later
    # It is a delay, which is told when it stood for a day.
    emails = OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED")
    assert not emails.exists()
    tell_later_dates(DateRules.in_force(), now=timezone.now() + timedelta(days=1))
    assert emails.count() == 3


def test_what_changed_since_it_was_shown_is_shown_again(
    supply: FutureSupply, admin_client: Client
) -> None:
    entered = {"quantity": "7", "expected_on": present(supply.expected_on).isoformat()}

    response = asked(admin_client, url(supply, "change_supply"), {**entered, "shown": ""})

    assert messages(response) == ["The affected shipments have changed. Review them again."]
    assert hit(response) == (["O3 2"], ["O1 3", "O2 4"])
    assert FutureSupply.objects.get().quantity == 10


@pytest.mark.parametrize(
    ("entered", "field", "message"),
    [
        (
            {"quantity": "10", "expected_on": "2020-01-01"},
            "expected_on",
            "That day has passed. Leave the date empty while none is known.",
        ),
        ({"quantity": "0", "expected_on": ""}, "quantity", "The quantity is more than 0."),
        ({"quantity": "1.5", "expected_on": ""}, "quantity", "2.5 have been received already."),
        (
            {"quantity": "ten", "expected_on": ""},
            "quantity",
            "“ten” is not a number. Write digits such as 1234.5.",
        ),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    admin_client: Client, entered: dict[str, str], field: str, message: str
) -> None:
    supply = FutureSupplyFactory(received_quantity=Decimal("2.5"))

    response = asked(admin_client, url(supply, "change_supply"), entered)

    assert response.context["form"].errors == {field: [message]}
    assert response.context["plan"] is None


def test_a_date_that_has_passed_may_stay(admin_client: Client) -> None:
    supply = FutureSupplyFactory(expected_on=date(2020, 1, 1))

    page = admin_client.get(url(supply, "change_supply")).content.decode()
    confirm(admin_client, url(supply, "change_supply"), quantity="12", expected_on="2020-01-01")

    assert "Overdue" in page
    assert FutureSupply.objects.get().quantity == 12


@pytest.mark.parametrize(
    ("came", "is_last", "broken", "after"),
    [
        ("5", False, [], {"O1": "READY", "O2": "FUTURE", "O3": "FUTURE"}),
        ("5", True, ["O2 2", "O3 2"], {"O1": "READY", "O2": "BACKORDER", "O3": "BACKORDER"}),
        ("10", False, [], {"O1": "READY", "O2": "READY", "O3": "READY"}),
    ],
)
def test_units_are_received(
    supply: FutureSupply,
    admin_client: Client,
    came: str,
    is_last: bool,
    broken: list[str],
    after: dict[str, str],
) -> None:
    entered = {"quantity": came, **({"is_last": "on"} if is_last else {})}

    shown = admin_client.post(url(supply, "receive"), entered)
    confirm(admin_client, url(supply, "receive"), **entered)

    assert hit(shown)[0] == broken
    assert states() == after
    assert_invariants()


def test_a_closed_record_takes_no_more(supply: FutureSupply, admin_client: Client) -> None:
    receive_supply(supply.pk, Act(datetime.now(UTC)), quantity=Decimal(10))

    response = admin_client.get(url(supply, "receive"), follow=True)

    assert messages(response) == ["This supply is no longer open. Nothing was changed."]
    assert [str(link["title"]) for link in response.context["supply_links"]] == [
        "Take back the last receipt"
    ]


def test_nothing_is_received_only_if_nothing_more_comes(admin_client: Client) -> None:
    supply = FutureSupplyFactory()

    refused = admin_client.post(url(supply, "receive"), {"quantity": "0"})
    confirm(admin_client, url(supply, "receive"), quantity="0", is_last="on")

    assert refused.context["form"].errors == {
        "quantity": ["Enter how many came, or that nothing more will come."]
    }
    assert FutureSupply.objects.get().state == "RECEIVED"


def test_canceling_shows_everyone_at_once(supply: FutureSupply, admin_client: Client) -> None:
    shown = admin_client.get(url(supply, "cancel"))
    confirm(admin_client, url(supply, "cancel"))

    assert hit(shown) == (["O1 3", "O2 4", "O3 2"], [])
    assert set(states().values()) == {"BACKORDER"}
    assert FutureSupply.objects.get().state == "CANCELED"
    assert_invariants()


@pytest.mark.parametrize(
    ("came", "is_last"),
    [("0", True)]
    + [(came, is_last) for came in ("2", "3", "5", "9", "12") for is_last in (False, True)],
)
def test_what_is_shown_is_what_happens(supply: FutureSupply, came: str, is_last: bool) -> None:
    quantity = Decimal(came)

    shown = preview_receipt(supply.pk, quantity=quantity, is_last=is_last)
    done = receive_supply(
        supply.pk,
        Act(datetime.now(UTC)),
        quantity=quantity,
        is_last=is_last,
        confirmation=Confirmation(confirms_over=True),
    )

    assert shown == done


def test_a_new_record_has_no_past_date(admin_client: Client) -> None:
    entered = {
        "product": ProductFactory().pk,
        "source": SourceFactory().pk,
        "quantity": "5",
        "expected_on": "2020-01-01",
    }

    response = admin_client.post(reverse("admin:inventory_futuresupply_add"), entered)

    assert response.context["adminform"].form.errors == {
        "expected_on": ["That day has passed. Leave the date empty while none is known."]
    }
    assert not FutureSupply.objects.exists()


@pytest.mark.parametrize(
    ("action", "roles"),
    [
        ("change_supply", {"Merchant"}),
        ("receive", {"Merchant", "Fulfillment"}),
        ("take_back", {"Merchant", "Fulfillment"}),
        ("cancel", {"Merchant"}),
    ],
)
@pytest.mark.parametrize("role", ["Merchant", "Fulfillment", "Viewer", None])
def test_supply_is_changed_and_received_by_those_alone_who_may(
    client: Client, action: str, roles: set[str], role: str | None
) -> None:
    status = 200 if role in roles else 403
    supply = FutureSupplyFactory(quantity=10)
    receive_supply(supply.pk, Act(datetime.now(UTC)), quantity=Decimal(1))
    user = User.objects.create(username="somebody", is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert client.get(url(supply, action)).status_code == status
    if status == 403:
        assert client.post(url(supply, action), {"shown": ""}).status_code == 403
        assert FutureSupply.objects.get().state == "OPEN"


def test_who_receives_books_one_record_and_takes_it_back(client: Client) -> None:
    supply = FutureSupplyFactory(quantity=10)
    user = User.objects.create(username="packer", is_staff=True)
    user.groups.add(Group.objects.get(name="Fulfillment"))
    client.force_login(user)
    page = reverse("admin:inventory_futuresupply_change", args=[supply.pk])

    offered = [str(link["title"]) for link in client.get(page).context["supply_links"]]
    confirm(client, url(supply, "receive"), quantity="4")
    receipt = supply.receipts.get()
    then = [str(link["title"]) for link in client.get(page).context["supply_links"]]
    entered = {"receipt": str(receipt.pk), "quantity": "4", "reason": "Another parcel"}
    confirm(client, url(supply, "take_back"), **entered)

    assert offered == ["Receive"]
    assert then == ["Receive", "Take back the last receipt"]
    receipt.refresh_from_db()
    assert (receipt.quantity, receipt.taken_back_quantity) == (Decimal(4), Decimal(4))


def test_the_record_links_to_what_can_be_done(admin_client: Client) -> None:
    supply = FutureSupplyFactory()

    page = admin_client.get(reverse("admin:inventory_futuresupply_change", args=[supply.pk]))

    assert [str(link["title"]) for link in page.context["supply_links"]] == [
        "Change quantity or date",
        "Receive",
        "Cancel this supply",
    ]
    assert url(supply, "receive") in page.content.decode()


def test_more_than_is_outstanding_is_asked_about(admin_client: Client) -> None:
    supply = FutureSupplyFactory(quantity=10)
    address = url(supply, "receive")

    asked = admin_client.post(address, {"quantity": "12"})
    far = admin_client.post(address, {"quantity": "21", "confirms_over": "on"})
    confirm(admin_client, address, quantity="21", confirms_over="on", reason="Sent twice")

    assert asked.context["plan"] is None
    assert asked.context["form"].errors == {
        "confirms_over": [
            "Only 10 are outstanding. Confirm that more came, or correct the quantity."
        ]
    }
    assert far.context["form"].errors == {
        "reason": [
            "This is more than twice the outstanding quantity. Say why, or correct the quantity."
        ]
    }
    receipt = Receipt.objects.get()
    assert (receipt.quantity, receipt.reason, receipt.received_by.username) == (
        Decimal(21),
        "Sent twice",
        "admin",
    )


def confirmable(client: Client, address: Any, **entered: str) -> dict[str, Any]:
    """What the second form of the page would send."""
    page = client.get(address)
    hidden = {field.html_name: field.value() for field in page.context["form"].hidden_fields()}
    entered = {**hidden, **entered}
    return {**entered, "shown": client.post(address, entered).context["plan"]["shown"]}


def test_a_second_confirmation_of_the_same_page_books_nothing(admin_client: Client) -> None:
    supply = FutureSupplyFactory(quantity=10)
    sent = confirmable(admin_client, url(supply, "receive"), quantity="4")

    admin_client.post(url(supply, "receive"), sent)
    response = admin_client.post(url(supply, "receive"), sent, follow=True)

    assert messages(response)[-1] == (
        "This receipt was booked already. Nothing was booked a second time."
    )
    assert Receipt.objects.get().quantity == 4


def test_what_was_outstanding_when_the_page_was_shown_must_still_be(admin_client: Client) -> None:
    supply = FutureSupplyFactory(quantity=10)
    sent = confirmable(admin_client, url(supply, "receive"), quantity="4")
    receive_supply(supply.pk, Act(datetime.now(UTC)), quantity=Decimal(3))

    response = admin_client.post(url(supply, "receive"), sent, follow=True)

    assert messages(response)[-1].startswith("Units of this supply were received or changed")
    assert FutureSupply.objects.get().received_quantity == 3


def test_a_receipt_is_shown_and_taken_back(supply: FutureSupply, admin_client: Client) -> None:
    receive_supply(supply.pk, Act(datetime.now(UTC)), quantity=Decimal(10))
    address = url(supply, "take_back")

    first = admin_client.get(address)
    sent = confirmable(admin_client, address, quantity="10", reason="Wrong record")
    shown = admin_client.post(address, {**sent, "shown": "other"})
    done = admin_client.post(address, sent, follow=True)

    assert first.context["form"]["quantity"].value() == 10
    assert hit(shown) == ([], ["O1 3", "O2 4", "O3 2"])
    assert "These shipments are promised the incoming units again." in shown.content.decode()
    assert states() == {"O1": "FUTURE", "O2": "FUTURE", "O3": "FUTURE"}
    [receipt] = done.context["supply_receipts"]
    [reversal] = receipt["reversals"]
    assert (receipt["quantity"], reversal["quantity"], reversal["reason"]) == (
        "10",
        "10",
        "Wrong record",
    )
    assert "Wrong record" in done.content.decode()
    again = admin_client.post(address, sent, follow=True)
    assert messages(again)[-1] == (
        "Only the last receipt of a record can be taken back, once. Nothing was changed."
    )
    assert_invariants()


def test_the_page_says_how_many_units_can_leave(supply: FutureSupply, admin_client: Client) -> None:
    receive_supply(supply.pk, Act(datetime.now(UTC)), quantity=Decimal(10))
    fulfill(Shipment.objects.get(order__number="O1", state="READY").pk, Act(datetime.now(UTC)))
    entered = {"receipt": Receipt.objects.get().pk, "reason": "Wrong record"}

    refused = admin_client.post(url(supply, "take_back"), {**entered, "quantity": "10"})
    confirm(admin_client, url(supply, "take_back"), **entered, quantity="7")

    assert refused.context["form"].errors == {
        "quantity": [
            "At most 7 of these units can leave. The others have left, or are set aside for "
            "others. Take back that many."
        ]
    }
    assert FutureSupply.objects.get().received_quantity == 3


def test_a_page_of_an_earlier_receipt_takes_nothing_back(admin_client: Client) -> None:
    supply = FutureSupplyFactory(quantity=10)
    receive_supply(supply.pk, Act(datetime.now(UTC)), quantity=Decimal(4))
    entered = {"receipt": Receipt.objects.get().pk, "quantity": "4", "reason": "Wrong record"}
    receive_supply(supply.pk, Act(datetime.now(UTC)), quantity=Decimal(3))

    response = admin_client.post(url(supply, "take_back"), entered)

    assert response.context["form"].non_field_errors() == [
        "Another receipt is the last one now. Open this page again."
    ]
    assert FutureSupply.objects.get().received_quantity == 7


def test_a_record_that_was_changed_after_the_page_was_opened_says_both_values(
    admin_client: Client,
) -> None:
    supply = FutureSupplyFactory(quantity=10, expected_on=None)
    address = url(supply, "change_supply")
    page = carried(admin_client, address)
    later = today() + timedelta(days=5)
    FutureSupply.objects.update(quantity=15)

    refused = admin_client.post(address, {**page, "quantity": "12", "expected_on": ""})
    other = admin_client.post(address, {**page, "quantity": "10", "expected_on": later.isoformat()})

    assert refused.context["form"].errors == {
        "quantity": [
            "This was changed to “15” after the page was opened. You entered “12”. Save again to "
            "write your value, or enter another."
        ]
    }
    shown = {**shown_in(other.text), "shown": other.context["plan"]["shown"]}
    admin_client.post(address, {**shown, "quantity": "15", "expected_on": later.isoformat()})
    stored = FutureSupply.objects.get()
    assert (stored.quantity, stored.expected_on) == (Decimal(15), later)


def test_a_record_that_was_changed_after_it_was_shown_is_not_canceled(admin_client: Client) -> None:
    supply = FutureSupplyFactory(quantity=10)
    page = carried(admin_client, url(supply, "cancel"))
    FutureSupply.objects.update(quantity=15)

    answer = admin_client.post(url(supply, "cancel"), {**page, "shown": ""})

    assert (
        "The quantity or the date of this supply was changed after the page was opened. Nothing "
        "was canceled. Review it again."
    ) in answer.text
    assert FutureSupply.objects.get().state == "OPEN"
    admin_client.post(url(supply, "cancel"), {**shown_in(answer.text), "shown": ""})
    assert FutureSupply.objects.get().state == "CANCELED"


def test_a_record_of_which_units_came_after_it_was_shown_is_not_canceled(
    admin_client: Client,
) -> None:
    supply = FutureSupplyFactory(quantity=10)
    page = carried(admin_client, url(supply, "cancel"))
    receive_supply(supply.pk, Act(datetime.now(UTC)), quantity=Decimal(4))

    answer = admin_client.post(url(supply, "cancel"), {**page, "shown": ""})

    assert (
        "Units of this supply were received, or taken back, after the page was opened. Nothing was "
        "canceled. Review it again."
    ) in answer.text
    assert FutureSupply.objects.get().state == "OPEN"
    admin_client.post(url(supply, "cancel"), {**shown_in(answer.text), "shown": ""})
    assert FutureSupply.objects.get().state == "CANCELED"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("is_received", "told"),
    [
        (True, "Units of this supply were received or changed since this page was shown."),
        (False, "This supply was changed in the meantime."),
    ],
)
def test_a_cancellation_is_compared_once_more_when_the_record_is_locked(
    admin_client: Client, *, is_received: bool, told: str
) -> None:
    supply = FutureSupplyFactory(quantity=10)
    page = carried(admin_client, url(supply, "cancel"))
    answers: list[Any] = []

    def confirmed() -> None:
        answers.append(admin_client.post(url(supply, "cancel"), {**page, "shown": ""}, follow=True))

    # Its form is checked while the record still says what the page showed.
    with ExitStack() as others, transaction.atomic():
        if is_received:
            receive_supply(supply.pk, Act(datetime.now(UTC)), quantity=Decimal(4))
        else:
            new = NewSupply(Decimal(12), supply.expected_on)
            change_supply(supply.pk, new, Act(datetime.now(UTC)), today=today())
        others.enter_context(beside(confirmed))

    [answer] = answers
    assert told in answer.text
    assert FutureSupply.objects.get().state == "OPEN"


def test_a_change_is_compared_once_more_when_the_record_is_locked() -> None:
    supply = FutureSupplyFactory(quantity=10)
    shown = NewSupply(Decimal(9), None)

    with pytest.raises(SupplyChangedError):
        change_supply(
            supply.pk,
            NewSupply(Decimal(12), None),
            Act(datetime.now(UTC)),
            shown=shown,
            today=today(),
        )

    assert FutureSupply.objects.get().quantity == 10
