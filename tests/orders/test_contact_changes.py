"""Who ordered, and where the order goes, is changed while something of it has not left."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import PickLine, Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.moves.undo_fulfillment import undo_fulfillment
from fulfillment.operations.picking.pick_lists import make_pick_list
from inventory.models import InventoryConfiguration, SourceItem
from orders.changes.cancel import cancel
from orders.changes.change import ChangeRefusedError
from orders.changes.order_change import change_order
from orders.changes.request import ChangeRequest, NewContact
from orders.models import Order, OrderChange, OrderEmail, OrderLine
from orders.order_links import linked_order, order_token
from orders.placing.request import Address
from orders.refusals import (
    NothingOpenError,
    NothingToChangeError,
    StaleOrderError,
    UnpaidOrderError,
)
from tests.api import api_of_superuser
from tests.factories.inventory import SourceFactory, SourceItemFactory
from tests.fulfillment.delays import consent
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.orders.mugs import NOW, open_shop, placed
from tests.present import present

pytestmark = pytest.mark.django_db

ACT = Act(NOW, reason="The customer called")
PARIS = Address("Ada Example", "2 rue Neuve", "Paris", "", "75002", "FR")


@pytest.fixture
def order() -> Order:
    """Twelve MUGs, of which ten are ready."""
    open_shop()
    return placed("W-1", 12)


def to(address: Address) -> ChangeRequest:
    return ChangeRequest(address=address)


def test_an_address_is_set_whole_and_kept_with_what_it_was(order: Order) -> None:
    Order.objects.update(latitude=Decimal("51.5"), longitude=Decimal("-0.1"))

    change_order(order.pk, ACT, request=to(PARIS))

    order.refresh_from_db()
    assert order.address() == {
        "recipient": "Ada Example",
        "street": "2 rue Neuve",
        "city": "Paris",
        "region": "",
        "postcode": "75002",
        "country": "FR",
    }
    # The former coordinates are not those of the new address.
    assert (order.latitude, order.longitude) == (None, None)
    change = OrderChange.objects.get()
    assert (change.state, change.reason, change.created_at) == (
        "APPLIED",
        "The customer called",
        NOW,
    )
    assert {step["column"]: (step["before"], step["after"]) for step in change.steps} == {
        "street": ("1 High Street", "2 rue Neuve"),
        "city": ("London", "Paris"),
        "postcode": ("SW1A 1AA", "75002"),
        "country": ("GB", "FR"),
        "latitude": ("51.500000", ""),
        "longitude": ("-0.100000", ""),
    }
    assert_invariants()


def test_a_country_is_kept_as_its_code_and_coordinates_are_set(order: Order) -> None:
    there = replace(PARIS, country="France", latitude=Decimal("48.8"), longitude=Decimal("2.3"))

    change_order(order.pk, ACT, request=to(there))

    order.refresh_from_db()
    assert (order.country, order.latitude, order.longitude) == (
        "FR",
        Decimal("48.8"),
        Decimal("2.3"),
    )


def test_every_fault_of_an_address_is_named_and_nothing_written(order: Order) -> None:
    contact = NewContact(name=" ", email="ada")
    wrong = Address(street="x\x00", country="Nowhere", latitude=Decimal(91))

    with pytest.raises(ChangeRefusedError) as refused:
        change_order(order.pk, ACT, request=ChangeRequest(contact, wrong))

    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        ("set/customer/email", "INVALID_EMAIL"),
        ("set/customer/name", "INVALID_NAME"),
        ("set/address/street", "INVALID_TEXT"),
        ("set/address/latitude", "INVALID_COORDINATES"),
        ("set/address/recipient", "ADDRESS_INCOMPLETE"),
        ("set/address/city", "ADDRESS_INCOMPLETE"),
        ("set/address/country", "UNKNOWN_COUNTRY"),
    ]
    assert not OrderChange.objects.exists()
    assert order.address() == Order.objects.get().address()


def test_an_order_of_virtual_products_needs_no_address(order: Order) -> None:
    OrderLine.objects.update(is_virtual=True)

    change_order(order.pk, ACT, request=to(Address()))

    assert set(Order.objects.get().address().values()) == {""}


def test_what_is_so_already_is_no_change(order: Order) -> None:
    same = ChangeRequest(NewContact("Ada Lovelace", "ada@example.com", "en"), HOME)

    with pytest.raises(NothingToChangeError):
        change_order(order.pk, ACT, request=same)

    assert not OrderChange.objects.exists()


def test_one_key_is_one_change(order: Order) -> None:
    act = replace(ACT, key="one")

    first = change_order(order.pk, act, request=to(PARIS))
    again = change_order(order.pk, act, request=to(PARIS), expected_version=1)

    assert (again.pk, OrderChange.objects.count()) == (first.pk, 1)


def test_an_order_that_changed_since_it_was_shown_is_not_changed(order: Order) -> None:
    shown = Order.objects.get().version
    cancel(order.pk, Act(NOW), quantities={OrderLine.objects.get().pk: Decimal(1)})

    with pytest.raises(StaleOrderError):
        change_order(order.pk, ACT, request=to(PARIS), expected_version=shown)

    change_order(order.pk, ACT, request=to(PARIS), expected_version=Order.objects.get().version)
    assert Order.objects.get().city == "Paris"


def test_an_order_of_which_nothing_is_open_is_not_changed(order: Order) -> None:
    cancel(order.pk, Act(NOW))

    with pytest.raises(NothingOpenError):
        change_order(order.pk, ACT, request=to(PARIS))


def test_an_order_whose_payment_is_undecided_is_not_changed(order: Order) -> None:
    Order.objects.update(status="PAYMENT_REVIEW")

    with pytest.raises(UnpaidOrderError):
        change_order(order.pk, ACT, request=to(PARIS))


def test_what_has_left_keeps_its_address_and_the_rest_gets_the_new_one(order: Order) -> None:
    ready = Shipment.objects.get(state="READY")
    fulfill(ready.pk, Act(NOW), quantities={OrderLine.objects.get().pk: Decimal(4)})
    change_order(order.pk, ACT, request=to(PARIS))

    fulfill(ready.pk, Act(NOW))

    first, second = Shipment.objects.filter(state="FULFILLED").order_by("shipped_to__city")
    left_first = present(first.shipped_to)
    assert (left_first["city"], left_first["street"]) == ("London", "1 High Street")
    assert present(second.shipped_to)["city"] == "Paris"


def test_undone_shipping_has_no_address_of_its_own(order: Order) -> None:
    ready = Shipment.objects.get(state="READY")
    fulfill(ready.pk, Act(NOW))

    undo_fulfillment(ready.pk, Act(NOW, reason="Found it"))

    assert Shipment.objects.get(pk=ready.pk).shipped_to is None


def test_a_new_email_address_ends_links_and_gets_what_is_queued(order: Order) -> None:
    link = order_token(order.pk, email="ada@example.com", now=NOW)
    sent = OrderEmail.objects.get(kind="CONFIRMATION")
    OrderEmail.objects.filter(pk=sent.pk).update(state="SENT")
    cancel(order.pk, Act(NOW), quantities={OrderLine.objects.get().pk: Decimal(1)})

    change_order(
        order.pk, ACT, request=ChangeRequest(NewContact(email="new@example.com", language="fr"))
    )

    assert linked_order(link, now=NOW) is None
    queued = OrderEmail.objects.get(kind="CANCELED")
    assert (queued.recipient, queued.language) == ("new@example.com", "fr")
    sent.refresh_from_db()
    assert (sent.recipient, sent.language) == ("ada@example.com", "en")


def far_and_near(item: SourceItem | None = None) -> None:
    """Another source, near the new address; the shop chooses by distance."""
    InventoryConfiguration.objects.update(source_selection="DISTANCE")
    item = item or SourceItem.objects.get()
    stock = item.source.stocks.get()
    near = SourceFactory(code="lyon", latitude=Decimal("45.7"), longitude=Decimal("4.8"))
    item.source.latitude, item.source.longitude = Decimal("47.6"), Decimal("-122.3")
    item.source.save()
    stock.links.create(source=near, priority=3)
    SourceItemFactory(source=near, product=item.product, quantity=Decimal(10))


def there() -> Address:
    return replace(PARIS, latitude=Decimal("48.8"), longitude=Decimal("2.3"))


def states() -> list[tuple[Any, ...]]:
    rows = Shipment.objects.filter(lines__quantity__gt=0).order_by("pk")
    return list(rows.values_list("state", "source__code", "lines__quantity"))


def test_ready_shipments_stay_where_they_are(order: Order) -> None:
    far_and_near()

    change_order(order.pk, ACT, request=to(there()))

    assert states() == [("READY", "seattle", 10), ("BACKORDER", None, 2)]


def test_sources_are_chosen_again_on_request(order: Order) -> None:
    far_and_near()

    change_order(order.pk, ACT, request=ChangeRequest(None, there(), chooses_sources_again=True))

    # The former shipment is REASSIGNED: its units moved to a child.
    assert states() == [("BACKORDER", None, 2), ("READY", "lyon", 10)]
    assert_invariants()


def test_a_held_shipment_keeps_its_source(order: Order) -> None:
    far_and_near()
    hold(Shipment.objects.get(state="READY").pk, Act(NOW, reason="Wait"))

    change_order(order.pk, ACT, request=ChangeRequest(None, there(), chooses_sources_again=True))

    assert states()[0] == ("READY", "seattle", 10)


@pytest.fixture
def listed_order() -> Order:
    """Ten MUGs that are ready at Seattle, and two at York, which are on a pick list."""
    open_shop()
    seattle = SourceItem.objects.get()
    york = SourceFactory(code="york")
    seattle.source.stocks.get().links.create(source=york, priority=2)
    SourceItemFactory(source=york, product=seattle.product, quantity=Decimal(2))
    order = placed("W-1", 12)
    make_pick_list(york.pk, [Shipment.objects.get(source=york).pk], Act(NOW))
    far_and_near(seattle)
    return order


def test_a_listed_shipment_stays_and_the_others_are_given_other_sources(
    listed_order: Order,
) -> None:
    request = ChangeRequest(None, there(), chooses_sources_again=True)

    effect = change_order.preview(listed_order.pk, ACT, request=request)
    change_order(listed_order.pk, ACT, request=request)

    assert [shipment.number for shipment in effect.listed] == ["W-1-2"]
    assert states() == [("READY", "york", 2), ("READY", "lyon", 10)]
    assert PickLine.objects.get().is_open
    assert_invariants()


def test_the_page_and_the_api_name_the_listed_shipment_that_stays(
    admin_client: Client, listed_order: Order
) -> None:
    url = reverse("admin:orders_order_task", args=[listed_order.pk, "change"])
    typed = {**admin_client.get(url).context["form"].initial, "chooses_sources_again": "on"}
    typed |= {"reason": "Nearer", "latitude": "48.8", "longitude": "2.3"}

    shown = admin_client.post(url, {**typed, "step": "preview"})
    asked = {"reason": "Nearer", "set": {"choose_sources_again": True}}
    answer = api_of_superuser().post("orders/W-1/changes/?dry_run=1", asked)
    done = admin_client.post(url, {**typed, "step": "confirm"})

    assert "W-1-2 is on a pick list, and stays at york." in shown.content.decode()
    assert (answer[0], answer[1]["listed"]) == (200, ["W-1-2"])
    assert done.status_code == 302
    assert states() == [("READY", "york", 2), ("READY", "lyon", 10)]


def test_a_preview_says_what_is_set_and_who_is_told_and_does_nothing(order: Order) -> None:
    request = ChangeRequest(NewContact(email="new@example.com"), PARIS)

    effect = change_order.preview(order.pk, ACT, request=request)

    assert (effect.before.order.city, effect.after.order.city) == ("London", "Paris")
    assert [(email.kind, email.recipient) for email in effect.told] == [
        ("CONFIRMATION", "new@example.com")
    ]
    assert effect.changed_shipments == []
    assert not OrderChange.objects.exists()
    assert Order.objects.get().city == "London"


def test_the_page_previews_and_confirms_once(admin_client: Client, order: Order) -> None:
    url = reverse("admin:orders_order_task", args=[order.pk, "change"])
    page = admin_client.get(url)
    typed = {**page.context["form"].initial, "street": "2 High Street", "reason": "A typing error"}

    shown = admin_client.post(url, {**typed, "step": "preview"})

    [step] = shown.context["effect"]["facts"]
    assert (step.what, step.before, step.after) == ("Street", "1 High Street", "2 High Street")
    assert Order.objects.get().street == "1 High Street"

    for _click in range(2):
        answer = admin_client.post(url, {**typed, "step": "confirm"})
        assert answer.status_code == 302
    assert Order.objects.get().street == "2 High Street"
    assert OrderChange.objects.count() == 1
    history = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))
    [entry] = [one for one in history.context["history"] if one.what == "Order changed"]
    assert entry.detail == "Street: 1 High Street → 2 High Street · A typing error"
    assert entry.who == "admin"


def test_an_order_that_others_changed_meanwhile_shows_both_values(
    admin_client: Client, order: Order
) -> None:
    url = reverse("admin:orders_order_task", args=[order.pk, "change"])
    typed = {**admin_client.get(url).context["form"].initial, "city": "Leeds", "reason": "Moved"}
    change_order(order.pk, ACT, request=to(replace(HOME, street="3 High Street")))

    refused = admin_client.post(url, {**typed, "step": "confirm"})

    form = refused.context["form"]
    assert form.non_field_errors() == [
        "The order has changed since it was shown. Nothing was changed. Review it again."
    ]
    assert form.errors["street"] == ["The order now says: 3 High Street"]
    assert (form["city"].value(), form["street"].value()) == ("Leeds", "1 High Street")
    assert Order.objects.get().city == "London"

    again = {**typed, "street": "3 High Street", "version": form["version"].value()}
    assert admin_client.post(url, {**again, "step": "confirm"}).status_code == 302
    assert Order.objects.get().address()["city"] == "Leeds"


def test_a_fault_is_said_at_its_field(admin_client: Client, order: Order) -> None:
    url = reverse("admin:orders_order_task", args=[order.pk, "change"])
    initial = admin_client.get(url).context["form"].initial
    typed = {**initial, "customer_email": "ada", "postcode": "", "reason": "x"}

    form = admin_client.post(url, {**typed, "step": "preview"}).context["form"]

    assert form.errors == {
        "customer_email": ["Give the customer's e-mail address."],
        "postcode": ["Give the postcode; only addresses in countries without postcodes have none."],
    }


def test_what_was_shipped_shows_the_address_it_left_with(
    admin_client: Client, order: Order
) -> None:
    ready = Shipment.objects.get(state="READY")
    fulfill(ready.pk, Act(NOW))
    change_order(order.pk, ACT, request=to(PARIS))

    of_order = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))
    of_shipment = admin_client.get(reverse("admin:fulfillment_shipment_change", args=[ready.pk]))

    assert "shipped to Ada Example, 1 High Street" in of_order.content.decode()
    assert of_shipment.context["address"][1] == "1 High Street"


def test_open_delay_requests_are_sent_again_to_a_new_address() -> None:
    consent.open_shop()
    request = consent.asked()
    order = request.order

    change_order(order.pk, ACT, request=ChangeRequest(NewContact(name="Grace")))
    unchanged = OrderEmail.objects.filter(kind="DELAYED").count()
    change_order(order.pk, ACT, request=ChangeRequest(NewContact(email="new@example.com")))

    assert unchanged == 1
    request.refresh_from_db()
    asking = present(request.email)
    assert (asking.recipient, asking.state) == ("new@example.com", "QUEUED")
    assert (request.state, request.new_on) == ("OPEN", consent.SOON)
