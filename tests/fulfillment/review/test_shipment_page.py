"""One shipment's page: what it shows, which actions it offers, and two people at once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from fulfillment.admin.shipment.actions import ACTIONS
from fulfillment.models import ReleaseRun, Shipment, ShipmentEvent
from fulfillment.operations.expected_date import keep_new_date, set_expected_date
from fulfillment.operations.fulfill import fulfill
from fulfillment.operations.holds import hold
from fulfillment.operations.priority import set_priority
from fulfillment.operations.reassign import reassign
from fulfillment.release.engine import perform_run, run_release
from orders.models import OrderEmail
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def shipment():
    """Waits for 2 of WHEEL, of which berlin has 5."""
    source = SourceFactory(code="berlin")
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    product = ProductFactory(sku="WHEEL")
    SourceItemFactory(source=source, product=product, quantity=Decimal(5))
    return BackorderFactory(
        number="S1", order=OrderFactory(channel=channel, number="1001"), lines={product: 2}
    )


def url(shipment):
    return reverse("admin:fulfillment_shipment_change", args=[shipment.pk])


def offered(response):
    return [offer["action"].code for offer in response.context["actions"]]


def act(client, shipment, code, version, *, seen="", **values):
    address = reverse("admin:fulfillment_shipment_act", args=[shipment.pk, code])
    fields = {f"{code}-{name}": value for name, value in values.items()}
    return client.post(address, {"version": version, "seen": seen, **fields})


def opened(client, shipment):
    """Return what the forms of the page carry: the version, and what was seen."""
    context = client.get(url(shipment)).context
    return {"version": context["version"], "seen": context["seen"]}


def told(page):
    """Return what a page says is different, and what it says happened."""
    since = page.context["since"]
    return since["changes"], [
        (entry["event"].get_kind_display(), entry["detail"], entry["author"])
        for entry in since["events"]
    ]


@pytest.mark.parametrize(
    ("columns", "codes"),
    [
        (
            {},
            [
                "release",
                "release-ahead",
                "hold",
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
            ["lift-hold", "set-priority", "set-expected-date", "customer-care", "cancel"],
        ),
        (
            {"is_held": True, "hold_reason": "PAYMENT"},
            ["set-priority", "set-expected-date", "customer-care", "cancel"],
        ),
        (
            {"awaits_payment": True},
            [
                "hold",
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
            ["set-priority", "set-expected-date", "reassign", "reroute", "backorder", "cancel"],
        ),
        ({"state": "CANCELED"}, []),
        ({"state": "REASSIGNED"}, []),
    ],
)
def test_offers_what_its_state_allows(admin_client, shipment, columns, codes):
    Shipment.objects.filter(pk=shipment.pk).update(**columns)

    assert offered(admin_client.get(url(shipment))) == codes


def test_a_ready_one_can_be_fulfilled_or_sent_back(admin_client, shipment):
    reassign(shipment.pk, source_code="berlin", now=NOW)

    assert offered(admin_client.get(url(shipment))) == [
        "hold",
        "set-priority",
        "reassign",
        "reroute",
        "fulfill",
        "backorder",
        "customer-care",
        "cancel",
    ]


def test_a_part_leaves_and_the_rest_stays_ready(admin_client, shipment):
    reassign(shipment.pk, source_code="berlin", now=NOW)
    units = f"units_{shipment.lines.get().order_line_id}"
    page = admin_client.get(url(shipment))
    version = page.context["version"]
    assert "WHEEL: leaves now, of 2" in page.content.decode()

    sure = {"reason": "The rest is being packed", "is_sure": "on"}
    nothing = act(admin_client, shipment, "fulfill", version, **{units: "0"}, **sure)
    assert "Name at least one unit that leaves." in nothing.content.decode()
    more = act(admin_client, shipment, "fulfill", version, **{units: "3"}, **sure)
    assert "less than or equal to 2" in more.content.decode()
    values = {units: "1", "tracking": "1Z-7", **sure}
    why = act(admin_client, shipment, "fulfill", version, **{**values, "reason": ""})
    assert "This field is required." in why.content.decode()
    assert act(admin_client, shipment, "fulfill", version, **values).status_code == 302

    shipment.refresh_from_db()
    assert (shipment.state, shipment.lines.get().quantity) == ("READY", 1)
    part = Shipment.objects.get(state="FULFILLED")
    assert (part.parent, part.lines.get().quantity, part.tracking) == (shipment, 1, "1Z-7")
    event = ShipmentEvent.objects.get(kind="FULFILLED")
    assert (event.reason, event.detail) == ("The rest is being packed", {"tracking": "1Z-7"})


@pytest.mark.parametrize(
    ("role", "codes"), [("Merchant", []), ("Operations", ["release"]), ("Viewer", [])]
)
def test_others_change_nothing_and_operations_release(client, shipment, role, codes):
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert offered(client.get(url(shipment))) == codes


def test_a_release_of_one_is_a_run_over_it_alone(admin_client, admin_user, shipment):
    version = admin_client.get(url(shipment)).context["version"]

    page = act(admin_client, shipment, "release", version)
    assert "This field is required." in page.content.decode()
    answer = act(admin_client, shipment, "release", version, reason="A hospital")

    run = ReleaseRun.objects.get()
    assert answer.url == reverse("admin:fulfillment_releaserun_change", args=[run.pk])
    assert (run.state, run.trigger, run.is_dry_run) == ("QUEUED", "STAFF", False)
    assert run.scope == {"shipments": ["S1"]}
    assert (run.started_by, run.reason) == (admin_user, "A hospital")
    perform_run(run_id=run.pk, now=NOW, zone=ZoneInfo("UTC"))
    event = ShipmentEvent.objects.get()
    assert (event.kind, event.reason, event.detail) == ("RELEASED", "A hospital", {"run": run.pk})
    page = admin_client.get(url(shipment)).content.decode()
    assert f"Release run #{run.pk}, which {admin_user.username} started" in page
    assert "A hospital" in page


def test_every_action_asks_for_a_reason():
    for action in ACTIONS:
        assert action.form.base_fields["reason"].required, action.code


def test_a_release_ahead_overtakes_and_says_why(admin_client, shipment):
    product = shipment.lines.get().product
    order = OrderFactory(channel=shipment.order.channel)
    late = BackorderFactory(number="LATE", order=order, lines={product: 4})
    version = admin_client.get(url(late)).context["version"]

    act(admin_client, late, "release-ahead", version, reason="A hospital", is_sure="on")

    late.refresh_from_db()
    assert late.state == "READY"
    event = ShipmentEvent.objects.get(kind="RELEASED_AHEAD")
    assert (event.shipment, event.reason) == (late, "A hospital")


def test_a_release_ahead_without_enough_is_refused(admin_client, shipment):
    shipment.stock.links.get().source.items.update(quantity=1)
    version = admin_client.get(url(shipment)).context["version"]

    page = act(admin_client, shipment, "release-ahead", version, reason="A hospital", is_sure="on")

    assert "Not even ahead of the queue is there enough." in page.content.decode()
    assert "A hospital" in page.content.decode()


def test_an_action_is_done_and_kept_with_its_reason(admin_client, admin_user, shipment):
    version = admin_client.get(url(shipment)).context["version"]

    answer = act(admin_client, shipment, "set-priority", version, priority="9", reason="A hospital")

    assert answer.url == url(shipment)
    shipment.refresh_from_db()
    assert shipment.priority == 9
    event = ShipmentEvent.objects.get()
    assert (event.kind, event.reason, event.actor) == ("PRIORITY_SET", "A hospital", admin_user)
    page = admin_client.get(url(shipment)).content.decode()
    assert "A hospital" in page
    assert "0 → 9" in page


def test_a_reason_is_asked_for(admin_client, shipment):
    version = admin_client.get(url(shipment)).context["version"]

    page = act(admin_client, shipment, "hold", version, reason="")

    assert "This field is required." in page.content.decode()
    assert not Shipment.objects.get(pk=shipment.pk).is_held


def test_what_cannot_be_undone_asks_whether_one_is_sure(admin_client, shipment):
    version = admin_client.get(url(shipment)).context["version"]

    act(admin_client, shipment, "cancel", version, reason="Discontinued")
    assert Shipment.objects.get(pk=shipment.pk).state == "BACKORDER"

    act(admin_client, shipment, "cancel", version, reason="Discontinued", is_sure="on")
    assert Shipment.objects.get(pk=shipment.pk).state == "CANCELED"


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("release", {"reason": "What I typed"}),
        ("hold", {"reason": "What I typed"}),
        ("cancel", {"reason": "What I typed", "is_sure": "on"}),
        ("reassign", {"reason": "What I typed", "source": "berlin"}),
    ],
)
def test_the_second_of_two_people_is_told_and_loses_no_typing(admin_client, shipment, code, values):
    was = opened(admin_client, shipment)
    colleague = User.objects.create_user("colleague")
    set_priority(shipment.pk, priority=3, now=NOW, actor_id=colleague.pk, reason="First")

    page = act(admin_client, shipment, code, **was, **values)

    text = page.content.decode()
    assert "This shipment has changed since you opened it." in text
    assert "<li>Priority: 0 → 3</li>" in text
    assert told(page)[1] == [("Priority set", "0 → 3", "colleague")]
    assert "What I typed" in text
    untouched = Shipment.objects.get(pk=shipment.pk)
    assert (untouched.state, untouched.is_held) == ("BACKORDER", False)
    assert not ReleaseRun.objects.exists()
    # What is shown now is the new version: sent once more, it is done.
    assert act(admin_client, shipment, code, page.context["version"], **values).status_code == 302


def test_what_a_run_moved_is_laid_at_no_persons_door(admin_client, shipment):
    colleague = User.objects.create_user("colleague")
    set_priority(shipment.pk, priority=3, now=NOW, actor_id=colleague.pk, reason="First")
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=date(2126, 4, 3))
    shipment.stock.links.get().source.items.update(quantity=1)
    was = opened(admin_client, shipment)
    run = run_release(now=NOW, zone=ZoneInfo("UTC"), trigger="SCHEDULE")

    page = act(admin_client, shipment, "hold", **was, reason="What I typed")

    day = date_format(Shipment.objects.get(pk=shipment.pk).expected_on, "DATE_FORMAT")
    moved = f"April 3, 2126 → {day}"
    assert told(page) == (
        [f"Expected on: {moved}"],
        [("Expected date set", moved, f"Release run #{run.pk}")],
    )
    assert "What I typed" in page.content.decode()
    assert not Shipment.objects.get(pk=shipment.pk).is_held


def test_each_difference_is_named(admin_client, shipment):
    was = opened(admin_client, shipment)
    reassign(shipment.pk, source_code="berlin", now=NOW)
    hold(shipment.pk, now=NOW, note="Wait")

    page = act(admin_client, shipment, "set-priority", **was, priority="9", reason="What I typed")

    assert told(page)[0] == [
        "State: Backorder → Ready",
        "Held: Not held → Held by staff",
        "Source: – → berlin",
    ]
    assert Shipment.objects.get(pk=shipment.pk).priority == 0


def test_a_change_that_shows_nowhere_is_said_to(admin_client, shipment):
    was = opened(admin_client, shipment)
    with transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).update(tracking="T-1")

    page = act(admin_client, shipment, "hold", **was, reason="What I typed")
    assert "Nothing that is shown here is different." in page.content.decode()

    forged = act(admin_client, shipment, "hold", was["version"], seen="forged", reason="Mine")
    assert told(forged) == ([], [])
    assert "Nothing that is shown here is different." not in forged.content.decode()


def test_a_form_with_a_mistake_says_too_that_the_shipment_has_changed(admin_client, shipment):
    was = opened(admin_client, shipment)
    with transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).update(priority=4)

    page = act(admin_client, shipment, "hold", **was, reason="")

    assert told(page)[0] == ["Priority: 0 → 4"]
    assert "This field is required." in page.content.decode()


def test_typing_is_kept_when_the_action_is_no_longer_possible(admin_client, shipment):
    seen = admin_client.get(url(shipment)).context["version"]
    act(admin_client, shipment, "cancel", seen, reason="Discontinued", is_sure="on")

    page = act(admin_client, shipment, "hold", seen, reason="What I typed")

    assert "What I typed" in page.content.decode()
    assert offered(page) == ["hold"]


def test_a_date_that_has_passed_is_refused_and_the_typing_kept(
    admin_client, shipment, time_machine
):
    time_machine.move_to(NOW, tick=False)
    version = admin_client.get(url(shipment)).context["version"]
    typed = {"expected_on": "2026-03-30", "reason": "They said"}

    page = act(admin_client, shipment, "set-expected-date", version, **typed)

    text = page.content.decode()
    assert "The date has passed: name today or a later day." in text
    assert 'value="2026-03-30"' in text
    assert "They said" in text
    assert not OrderEmail.objects.exists()
    typed["expected_on"] = "2026-03-31"
    assert act(admin_client, shipment, "set-expected-date", version, **typed).status_code == 302


def test_a_source_that_cannot_serve_it_is_said(admin_client, shipment):
    shipment.stock.links.get().source.items.update(quantity=1)
    version = admin_client.get(url(shipment)).context["version"]

    page = act(admin_client, shipment, "reassign", version, source="berlin", reason="Near")

    sentence = "The source cannot give 1 × WHEEL without overtaking others."
    assert sentence in page.content.decode()


def test_shows_what_it_holds_and_where_its_units_went(admin_client, shipment):
    waiting = admin_client.get(url(shipment))
    assert waiting.context["lines"][0]["missing"] == "2"

    reassign(shipment.pk, source_code="berlin", now=NOW)
    ready = admin_client.get(url(shipment))
    assert ready.context["lines"][0]["held"] == ["2 set aside at berlin"]
    assert ready.context["lines"][0]["missing"] == ""

    line = shipment.lines.get()
    part = fulfill(shipment.pk, quantities={line.order_line_id: Decimal(1)}, now=NOW)
    family = admin_client.get(url(part)).context["family"]
    assert [(branch.depth, branch.shipment.state) for branch in family] == [
        (0, "READY"),
        (1, "FULFILLED"),
    ]


def test_costs_the_same_for_any_number_of_lines(admin_client, shipment):
    few, many = (
        BackorderFactory(order=shipment.order, lines={ProductFactory(): 1 for _ in range(count)})
        for count in (1, 20)
    )
    for priority in range(1, 10):
        set_priority(many.pk, priority=priority, now=NOW)

    def cost(asked) -> int:
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(url(asked))
        return len(queries)

    cost(few)
    assert cost(many) == cost(few)


def date_history(client, shipment):
    changes = client.get(url(shipment)).context["date_changes"]
    return [(change["change"], change["who"], change["reason"]) for change in changes]


@pytest.mark.parametrize("role", ["Merchant", "Fulfillment", "Operations", "Viewer"])
def test_every_role_reads_how_the_date_of_this_shipment_moved(client, shipment, role):
    user = User.objects.create_user("ada", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    other = BackorderFactory(order=shipment.order, lines={ProductFactory(): 1})
    Shipment.objects.update(expected_on=date(2026, 4, 3))
    values = {"today": NOW.date(), "now": NOW, "actor_id": user.pk}
    for waits, day in ((shipment, date(2026, 4, 9)), (other, date(2026, 4, 20))):
        set_expected_date(waits.pk, expected_on=day, reason="They said", **values)
    set_expected_date(shipment.pk, expected_on=None, reason="Unsure", **values)
    shipment.stock.links.get().source.items.update(quantity=1)

    run = run_release(now=NOW + timedelta(hours=1), zone=ZoneInfo("UTC"), trigger="SCHEDULE")

    by_run = f"{date_format(Shipment.objects.get(pk=shipment.pk).expected_on, 'DATE_FORMAT')}"
    assert date_history(client, shipment) == [
        (f"April 9, 2026 → {by_run}", f"Release run #{run.pk}", ""),
        ("April 3, 2026 → April 9, 2026", "ada", "They said"),
    ]
    text = client.get(url(shipment)).content.decode()
    assert "Left to release runs again" in text
    assert "April 20, 2026" not in text


def test_a_date_that_supply_moved_says_so(admin_client, shipment):
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=date(2026, 4, 3))
    shipment.refresh_from_db()
    keep_new_date(shipment, former=None, now=NOW, actor_id=None, reason="SUPPLY")

    assert date_history(admin_client, shipment) == [
        ("– → April 3, 2026", "The system", "Its supply came, or changed.")
    ]


def test_an_address_that_is_no_shipment_is_not_found(admin_client):
    for key in ("0", "abc", "99999999999999999999"):
        address = reverse("admin:fulfillment_shipment_change", args=[key])
        assert admin_client.get(address).status_code == 404
