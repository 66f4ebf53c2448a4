"""Everything that can be done to shipments, one or many, as every role and as nobody.

What is sent is right in every case, so that who may not is kept from it by nothing else.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from core.acts import Act
from core.operations import preview_snapshots
from core.operations.bulk.preview import ASKED
from fulfillment.admin.review.actions import ON_SHIPMENTS
from fulfillment.admin.review.selection import offered_actions
from fulfillment.models import ReleaseRun, Shipment, ShipmentEvent, SourceBar
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.pack import pack
from fulfillment.operations.moves.reassignment import reassign
from fulfillment.release.shipment_actions import ACTIONS
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.fulfillment.review.bulk_moves import CHOOSE, address_of, shown
from tests.test_roles_walk import ADD_RUN, CANCEL_ORDER, CHANGE_SHIPMENT, PEOPLE, may, person, quiet

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures(quiet.__name__, "each_error_page_once"),
]

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
NOBODY = "nobody"


@dataclass(frozen=True)
class ActionAccess:
    """Who may do it, to which shipment, and what it asks for besides a reason."""

    permission: str = CHANGE_SHIPMENT
    shipment: str = "WAITS"
    values: dict[str, str] = field(default_factory=dict)


SURE = {"is_sure": "on"}
DAY = {"expected_on": "2126-08-01"}
REVIEW = {
    "RELEASE": ActionAccess(ADD_RUN),
    "DRY_RUN": ActionAccess(ADD_RUN),
    "HOLD": ActionAccess(),
    "LIFT_HOLD": ActionAccess(shipment="HELD"),
    "ASSIGN_PERSON": ActionAccess(values={"username": "root"}),
    "SET_PRIORITY": ActionAccess(values={"priority": "9"}),
    "REASSIGN": ActionAccess(values={"source": "berlin"}),
    "SET_EXPECTED_DATE": ActionAccess(values=DAY),
    "CUSTOMER_CARE": ActionAccess(),
    "CANCEL": ActionAccess(CANCEL_ORDER, values=SURE),
}
PAGE = {
    "release": ActionAccess(ADD_RUN),
    "release-ahead": ActionAccess(values=SURE),
    "hold": ActionAccess(),
    "lift-hold": ActionAccess(shipment="HELD"),
    "assign": ActionAccess(values={"username": "root"}),
    "set-priority": ActionAccess(values={"priority": "9"}),
    "set-expected-date": ActionAccess(values=DAY),
    "reassign": ActionAccess(values={"source": "berlin"}),
    "reroute": ActionAccess(),
    "pack": ActionAccess(shipment="READY"),
    "unpack": ActionAccess(shipment="PACKED"),
    "set-aside": ActionAccess(shipment="PICKUP"),
    "fulfill": ActionAccess(shipment="READY", values=SURE),
    "undo-fulfillment": ActionAccess(shipment="GONE"),
    "backorder": ActionAccess(shipment="READY", values={"how": "BAR"}),
    "lift-bar": ActionAccess(shipment="BARRED"),
    "customer-care": ActionAccess(),
    "cancel": ActionAccess(CANCEL_ORDER, values=SURE),
}


@pytest.fixture
def shipments() -> dict[str, Shipment]:
    """WAITS for 2 that are there, HELD by staff waits for 1, READY has its 2."""
    source = SourceFactory(code="berlin")
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    product = ProductFactory(sku="WHEEL")
    SourceItemFactory(source=source, product=product, quantity=Decimal(9))
    made = {
        number: BackorderFactory(
            number=number, order=OrderFactory(channel=channel), lines={product: units}
        )
        for number, units in (("READY", 2), ("HELD", 1), ("WAITS", 2), ("BARRED", 1))
    }
    reassign(made["READY"].pk, Act(NOW), source_code="berlin")
    SourceBar.objects.create(
        shipment=made["BARRED"], source=source, product=product, created_at=NOW
    )
    for_pickup = OrderFactory(channel=channel, fulfillment_method="PICKUP", pickup_source=source)
    made["PICKUP"] = BackorderFactory(number="PICKUP", order=for_pickup, lines={product: 1})
    reassign(made["PICKUP"].pk, Act(NOW), source_code="berlin")
    at_home = OrderFactory(channel=channel)
    made["GONE"] = BackorderFactory(number="GONE", order=at_home, lines={product: 1})
    reassign(made["GONE"].pk, Act(NOW), source_code="berlin")
    made["PACKED"] = BackorderFactory(number="PACKED", order=at_home, lines={product: 1})
    reassign(made["PACKED"].pk, Act(NOW), source_code="berlin")
    pack(made["PACKED"].pk, Act(NOW))
    fulfill(made["GONE"].pk, Act(timezone.now()))
    Shipment.objects.filter(number="HELD").update(is_held=True, hold_reason="STAFF")
    return made


def written() -> tuple[list[Any], int, int]:
    """Return what any of the actions leaves behind."""
    shipments = Shipment.objects.order_by("pk").values_list(
        "state", "is_held", "priority", "expected_on", "source", "parent"
    )
    return list(shipments), ShipmentEvent.objects.count(), ReleaseRun.objects.count()


def done(client: Client, address: str, body: Any) -> tuple[int, bool]:
    """Return the answer's status, and whether anything was written; undo it."""
    with transaction.atomic():
        before = written()
        response = client.post(address, body)
        is_written = written() != before
        transaction.set_rollback(True)
    return response.status_code, is_written


def arrive(client: Client, role: str) -> User | None:
    if role == NOBODY:
        return None
    user = person(role)
    client.force_login(user)
    return user


def answer(role: str, permission: str) -> tuple[int, bool]:
    """Return what whoever sends it gets: done, refused, or asked to sign in."""
    if role == NOBODY:
        return 302, False
    return (302, True) if may(role, permission) else (403, False)


def of_page(root: Client, shipment: Any, code: str, row: Any) -> tuple[str, dict[str, str]]:
    """Return the address of an action, and what its form sends when it is filled in."""
    address = reverse("admin:fulfillment_shipment_change", args=[shipment.pk])
    context = root.get(address).context
    [form] = [one["form"] for one in context["actions"] if one["action"].code == code]
    filled = {form.add_prefix(name): form.fields[name].initial for name in form.fields}
    typed = {form.add_prefix(name): value for name, value in row.values.items()}
    reason = {form.add_prefix("reason"): "Asked by phone"}
    known = {name: value for name, value in filled.items() if value is not None}
    address = reverse("admin:fulfillment_shipment_act", args=[shipment.pk, code])
    return address, {"version": context["version"], **known, **typed, **reason}


def of_review(
    root: Client, user: User | None, shipment: Any, code: str, row: Any
) -> tuple[str, dict[str, str]]:
    """Return where the button below a preview sends what, as if ``user`` had seen the preview."""
    if code == "DRY_RUN":
        return CHOOSE, {"action": code, "shipment": str(shipment.pk)}
    fields = {name: value for name, value in row.values.items() if name != "is_sure"}
    page = shown(root, code, fields, shipment=[shipment.pk])
    seen = preview_snapshots.read(page.context["snapshot"])
    assert seen is not None
    asked = json.loads(seen[ASKED])
    mine = {**seen, ASKED: json.dumps([None if user is None else user.pk, *asked[1:]])}
    name = preview_snapshots.keep(mine, now=datetime.now(UTC))
    sent = {"snapshot": name, "reason": "By phone", **row.values}
    return page.wsgi_request.get_full_path(), sent


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
    return client


def test_the_tables_name_every_action() -> None:
    assert set(REVIEW) == {"DRY_RUN", *(action.code for action in ON_SHIPMENTS)}
    assert sorted(PAGE) == sorted(action.code for action in ACTIONS)


@pytest.mark.parametrize("role", [NOBODY, *PEOPLE])
def test_a_shipments_actions_are_done_for_those_alone_who_may(
    client: Client, root: Client, shipments: dict[str, Shipment], role: Any
) -> None:
    arrive(client, role)
    found, expected = {}, {}
    for code, row in PAGE.items():
        address, body = of_page(root, shipments[row.shipment], code, row)
        found[code] = done(client, address, body)
        expected[code] = answer(role, row.permission)

    assert found == expected


@pytest.mark.parametrize("role", [NOBODY, *PEOPLE])
def test_the_reviews_actions_are_done_for_those_alone_who_may(
    client: Client, root: Client, shipments: dict[str, Shipment], role: Any
) -> None:
    user = arrive(client, role)
    found, expected = {}, {}
    for code, row in REVIEW.items():
        address, body = of_review(root, user, shipments[row.shipment], code, row)
        found[code] = done(client, address, body)
        expected[code] = answer(role, row.permission)

    assert found == expected


@pytest.mark.parametrize("role", [NOBODY, *PEOPLE])
def test_the_reviews_previews_open_for_those_alone_who_may(
    client: Client, root: Client, shipments: dict[str, Shipment], role: Any
) -> None:
    arrive(client, role)
    found, expected = {}, {}
    for code, row in REVIEW.items():
        body = {"action": code, "shipment": str(shipments[row.shipment].pk)}
        chosen = done(client, CHOOSE, body)
        refused = (302, False) if role == NOBODY else (403, False)
        # A dry run is a preview itself.
        expected[code] = (302, code == "DRY_RUN") if may(role, row.permission) else refused
        found[code] = chosen
        if code != "DRY_RUN":
            page = client.get(address_of(root, code, shipment=[body["shipment"]]))
            opened = 200 if may(role, row.permission) else refused[0]
            assert page.status_code == opened, code

    assert found == expected


@pytest.mark.parametrize("role", PEOPLE)
def test_only_what_one_may_do_is_offered(
    client: Client, root: Client, shipments: dict[str, Shipment], role: Any
) -> None:
    request = RequestFactory().get("/")
    request.user = arrive(client, role) or AnonymousUser()

    assert [code for code, _label in offered_actions(request)] == [
        code for code, row in REVIEW.items() if may(role, row.permission)
    ]
    for shipment in shipments.values():
        address = reverse("admin:fulfillment_shipment_change", args=[shipment.pk])
        page, whole = client.get(address), root.get(address)
        if not may(role, "fulfillment.view_shipment"):
            assert page.status_code == 403
            continue
        offered, everything = (
            [one["action"].code for one in answered.context["actions"]]
            for answered in (page, whole)
        )
        assert offered == [code for code in everything if may(role, PAGE[code].permission)]
