"""Many shipments changed together: the same comes of it as of the moves by hand, one by one."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg import Connection

from core.acts import Act
from fulfillment.models import (
    Allocation,
    ArrivalNotice,
    ReleaseDecision,
    Shipment,
    ShipmentEvent,
    WaitingBalance,
)
from fulfillment.operations.moves.customer_care import move_to_care
from fulfillment.operations.moves.expected_date import set_expected_date
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.operations.moves.priority import set_priority
from fulfillment.review.bulk import cancel_shipment
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from fulfillment.review.effects import effect_of
from inventory.models import FutureSupply, SourceItem, StockBalance
from orders.changes import cancel
from orders.models import OrderEmail, Payment, PaymentOperation
from orders.payments.outcome_inquiry import ask_due
from tests.beside import beside
from tests.factories.fulfillment import promise
from tests.factories.inventory import FutureSupplyFactory, ProductFactory
from tests.fulfillment.operations import paid_orders
from tests.fulfillment.release.waiting_orders import World, configure, release
from tests.fulfillment.review.bulk_moves import NOW, TODAY, make_together
from tests.invariants import assert_invariants
from tests.present import present

DAY = date(2026, 4, 9)
HOLD = ShipmentBulkChange(BulkAction.HOLD, reason="Count")
LIFT = ShipmentBulkChange(BulkAction.LIFT_HOLD, reason="Counted")
PRIORITY = ShipmentBulkChange(BulkAction.SET_PRIORITY, reason="Loyal", priority=7)
DATE = ShipmentBulkChange(BulkAction.SET_EXPECTED_DATE, reason="They said", expected_on=DAY)
NO_DATE = ShipmentBulkChange(BulkAction.SET_EXPECTED_DATE, reason="Unsure", expected_on=None)
CANCEL = ShipmentBulkChange(BulkAction.CANCEL, reason="Discontinued")
CARE = ShipmentBulkChange(BulkAction.CUSTOMER_CARE, reason="Call")

STAFF = {"is_held": True, "hold_reason": "STAFF", "hold_note": "Wait"}
PAYMENT = {"is_held": True, "hold_reason": "PAYMENT"}
COLUMNS: dict[str, dict[str, Any]] = {
    "READY-HELD-1": STAFF,
    "READY-HELD-UNPAID-1": {**STAFF, "awaits_payment": True},
    "READY-UNPAID-1": {**PAYMENT, "awaits_payment": True},
    "FUTURE-HELD-1.1": STAFF,
    "WAITS-HELD-1": {**STAFF, "expected_on": DAY, "is_expected_on_fixed": True},
    "WAITS-HELD-UNPAID-1": {**STAFF, "awaits_payment": True},
    "WAITS-DATED-1": {"expected_on": DAY, "priority": 7},
    "WAITS-FIXED-1": {"expected_on": date(2026, 4, 1), "is_expected_on_fixed": True},
    "CARE-1": {"state": "CUSTOMER_CARE", "care_reason": "Address"},
}


@pytest.fixture
def world() -> World:
    """One shipment of every kind that a change tells from the others, by number."""
    world = World()
    lamp, desk, chair = ProductFactory(), ProductFactory(), ProductFactory()
    world.item(world.a, lamp, 9)
    world.item(world.a, desk, 0)
    FutureSupplyFactory(source=world.a, product=desk, quantity=9, expected_on=date(2026, 5, 4))
    configure(future_inventory=True)
    for number in ("READY", "READY-HELD", "READY-HELD-UNPAID", "READY-UNPAID"):
        world.backorder({lamp: 2}, number=number)
    for number in ("FUTURE", "FUTURE-HELD"):
        world.backorder({desk: 2}, number=number)
    for number in ("WAITS", "WAITS-HELD", "WAITS-HELD-UNPAID", "WAITS-DATED", "WAITS-FIXED"):
        world.backorder({chair: 1, desk: 9}, number=number)
    for number in ("CARE", "OVER"):
        world.backorder({chair: 1}, number=number)
    release()
    for number, columns in COLUMNS.items():
        Shipment.objects.filter(number=number).update(**columns)
    over = Shipment.objects.get(number="OVER-1")
    cancel_shipment(over, Act(NOW, reason="Discontinued"))
    for shipment in Shipment.objects.order_by("pk"):
        promise(shipment, None)
    ArrivalNotice.objects.all().delete()
    OrderEmail.objects.all().delete()
    return world


def keys() -> list[Any]:
    return list(Shipment.objects.order_by("-pk").values_list("pk", flat=True))


def together(change: ShipmentBulkChange, actor_id: int | None) -> dict[Any, tuple[Any, Any]]:
    """What came of each, by number: its code and the values of its sentence."""
    rows = make_together(keys(), change, Act(NOW, actor_id))
    found = {row.names[0]: row.refusal or row.effect for row in rows}
    return {number: (present(said).message, present(said).values) for number, said in found.items()}


def by_hand(change: Any, actor_id: Any) -> Any:
    """Make the change as a person does, on the page of each shipment for which it is offered."""
    effects = {}
    for shipment in Shipment.objects.select_related("order", "source").order_by("pk"):
        effect = effect_of(shipment, change, today=TODAY)
        effects[shipment.number] = (effect.code, effect.values)
        if effect.is_change:
            moves: dict[BulkAction, Callable[..., object]] = {
                BulkAction.HOLD: hold,
                BulkAction.LIFT_HOLD: lift_hold,
                BulkAction.SET_PRIORITY: partial(set_priority, priority=change.priority),
                BulkAction.SET_EXPECTED_DATE: partial(
                    set_expected_date,
                    expected_on=change.expected_on,
                    today=TODAY,
                ),
                BulkAction.CUSTOMER_CARE: move_to_care,
            }
            moves[change.action](shipment.pk, Act(NOW, actor_id, change.reason))
    return effects


def without_versions(found: Any) -> list[dict[str, Any]]:
    return [{**row, "version": None} for row in found.values()]


def rows() -> dict[str, list[Any]]:
    """Everything that a change may write, without the keys that the database counts up."""
    told = OrderEmail.objects.order_by("order").values("order", "kind", "event_key", "context")
    events = dict(ShipmentEvent.objects.values_list("pk", "shipment__number"))
    assert_invariants()
    return {
        "shipments": without_versions(Shipment.objects.order_by("pk")),
        "events": list(
            ShipmentEvent.objects.order_by("shipment", "pk").values_list(
                "shipment", "kind", "reason", "detail", "actor", "created_at"
            )
        ),
        "emails": [
            {**email, "event_key": events[int(email["event_key"].removeprefix("event-"))]}
            for email in told
        ],
        "arrivals": sorted(ArrivalNotice.objects.values_list("product", flat=True)),
        "allocations": list(Allocation.objects.order_by("pk").values()),
        "items": without_versions(SourceItem.objects.order_by("pk")),
        "supply": list(FutureSupply.objects.order_by("pk").values()),
        "balances": list(StockBalance.objects.order_by("product", "stock").values()),
        "waiting": list(
            WaitingBalance.objects.order_by("product").values_list("product", "quantity")
        ),
        "reasons": list(ReleaseDecision.objects.order_by("pk").values("pk", "explains_wait")),
    }


def taken_back(work: Any) -> tuple[Any, dict[str, list[Any]]]:
    """Return what came of it, and the rows then; all is as before."""
    with transaction.atomic():
        answer = work(), rows()
        transaction.set_rollback(True)
    return answer


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "codes", "emails", "arrivals"),
    [
        (
            HOLD,
            {"HELD_READY": 1, "HELD": 4, "HELD_ALREADY": 6, "CARE_IS_NOT_HELD": 1, "OVER": 3},
            0,
            0,
        ),
        (
            LIFT,
            {"LIFTED_READY": 2, "LIFTED": 3, "HELD_FOR_PAYMENT": 1, "NOT_HELD": 6, "OVER": 3},
            0,
            2,
        ),
        (PRIORITY, {"PRIORITY_SET": 11, "SAME_PRIORITY": 1, "OVER": 3}, 0, 0),
        (
            DATE,
            {"DATE_MOVED": 3, "DATE_SET": 1, "DATE_KEPT": 1, "SAME_DATE": 1}
            | {"PROMISED": 2, "NOT_WAITING": 4, "OVER": 3},
            5,
            0,
        ),
        (
            NO_DATE,
            {"DATE_GIVEN_BACK": 2, "DATED_BY_RUNS": 4, "PROMISED": 2, "NOT_WAITING": 4, "OVER": 3},
            0,
            0,
        ),
        (
            CARE,
            {"SENT_TO_CARE": 5, "SENT_TO_CARE_WITHOUT_UNITS": 6, "IN_CARE": 1, "OVER": 3},
            0,
            2,
        ),
    ],
)
def test_the_same_comes_of_it_as_of_the_moves_by_hand(
    world: World, change: ShipmentBulkChange, codes: dict[str, int], emails: int, arrivals: int
) -> None:
    user = User.objects.create_user("ada")

    effects, written = taken_back(partial(together, change, user.pk))

    assert Counter(code for code, _values in effects.values()) == codes
    assert (len(written["emails"]), len(written["arrivals"])) == (emails, arrivals)
    assert (effects, written) == taken_back(partial(by_hand, change, user.pk))


@pytest.mark.django_db
def test_where_staff_let_go_what_is_ready_and_unpaid_the_payment_holds_it(world: World) -> None:
    together(LIFT, None)

    held = Shipment.objects.filter(is_held=True).order_by("number")
    assert list(held.values_list("number", "hold_reason", "hold_note")) == [
        ("READY-HELD-UNPAID-1", "PAYMENT", ""),
        ("READY-UNPAID-1", "PAYMENT", ""),
    ]


@pytest.mark.django_db
def test_together_they_need_no_more_statements_than_a_few(world: World) -> None:
    lamp, chair = ProductFactory(), ProductFactory()
    world.item(world.a, lamp, 99)
    ready = [world.backorder({lamp: 1}, number=f"R{number}").pk for number in range(25)]
    release()
    waits = [world.backorder({chair: 1}, number=f"W{number}").pk for number in range(25)]
    few = ready[:2] + waits[:3]

    for change in (HOLD, LIFT, PRIORITY, DATE, NO_DATE, CARE, CANCEL):
        needed = statements(change, few)

        assert statements(change, ready + waits) == needed
        # The transaction, orders, shipments, what changes of them, the timeline; and what else it
        # moves.
        # A lifted hold also says what it unpacked, and looks for e-mails left out because of it.
        # What is canceled has its money, its ledger and its e-mail besides.
        assert needed <= {CANCEL: 60, CARE: 25, LIFT: 13, HOLD: 10}.get(change, 9)


@pytest.mark.django_db
def test_workers_see_to_the_money_of_what_was_canceled_together(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    paid_orders.open_shop(void_and_reauthorize=False)
    for _order in range(2):
        paid_orders.buy(now=NOW)
    called: list[str] = []
    monkeypatch.setattr(cancel, "call_worker", called.append)

    with django_capture_on_commit_callbacks(execute=True):
        together(CANCEL, None)

    voids = PaymentOperation.objects.filter(kind="VOID")
    assert list(voids.values_list("state", "next_attempt_at")) == [("PENDING", NOW)] * 2
    assert called == ["orders.ask_gateways"]
    ask_due(now=NOW)
    assert set(Payment.objects.values_list("state", flat=True)) == {"VOIDED"}


def statements(change: ShipmentBulkChange, shipment_ids: list[int]) -> int:
    """Return how many are sent for these; what is to be undone by the next change stays."""
    with transaction.atomic():
        with CaptureQueriesContext(connection) as sent:
            made = make_together(shipment_ids, change)
        transaction.set_rollback(change not in (HOLD, DATE))
    assert any(row.is_change for row in made)
    return len(sent)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [
        ({"is_held": True, "hold_reason": "STAFF", "hold_note": "Mine"}, "HELD_ALREADY"),
        ({"state": "CUSTOMER_CARE", "care_reason": "Mine"}, "CARE_IS_NOT_HELD"),
    ],
)
def test_what_changes_while_it_is_waited_for_stays_as_it_is_then(
    other: Connection[Any], meanwhile: dict[Any, Any], code: str
) -> None:
    world = World()
    shipments = [world.backorder({ProductFactory(): 1}, number=f"S{n}") for n in range(3)]
    columns = ", ".join(f"{name} = %({name})s" for name in meanwhile)
    change = f"UPDATE fulfillment_shipment SET {columns} WHERE id = %(id)s"  # noqa: S608
    other.execute(change, {**meanwhile, "id": shipments[1].pk})
    made = {}

    with beside(lambda: made.update(together(HOLD, None))):
        other.commit()

    assert made["S1-1"][0] == code
    columns = Shipment.objects.filter(number="S1-1").values(*meanwhile).get()
    assert columns == meanwhile
    assert set(ShipmentEvent.objects.values_list("shipment__number", flat=True)) == {
        "S0-1",
        "S2-1",
    }
