"""What is wrong in the ledger and in the counters is found, and put right once."""

from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.db.models import ForeignKey
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import (
    Allocation,
    ReleaseDecision,
    ReleaseRun,
    Shipment,
    ShipmentEvent,
    ShipmentLine,
    WaitingBalance,
)
from fulfillment.operations.upkeep.counter_correction import (
    CounterKey,
    CounterKind,
    recount,
    wrong_counters,
)
from fulfillment.queries.lost_rows import lost_rows, unchecked_columns
from inventory.models import (
    FutureSupply,
    InventoryConfiguration,
    Product,
    Reservation,
    SourceItem,
    StockBalance,
)
from inventory.models import StockBalance as Balance
from orders.inconsistencies import compensate_lines, inconsistent_lines
from orders.models import Order, OrderLine
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants, broken_invariants
from tests.orders.addresses import HOME
from tests.present import present

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> OrderLine:
    """Twelve MUGs of order ORD: ten allocated at seattle, two on backorder."""
    InventoryConfiguration.load()
    source = SourceFactory(code="seattle")
    SalesChannelFactory(code="web", stock=StockFactory(code="main", sources=[source]))
    product = ProductFactory(sku="MUG", backorders="ALLOW_QTY_BELOW_0")
    SourceItemFactory(product=product, source=source, quantity=Decimal(10))
    FutureSupplyFactory(product=product, source=source, reference="PO-1")
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada", "ada@example.com"),
        lines=(LineRequest("MUG", Decimal(12)),),
        number="ORD",
    )
    return Order.objects.get(pk=place_order(request, Act(NOW)).order_id).lines.get()


def lose_entries(line: OrderLine) -> None:
    """Lose what the ledger has of a line, as someone with a database shell might."""
    Reservation.objects.filter(order_line_id=line.pk).delete()


def command(*args: str) -> str:
    output = StringIO()
    call_command(*args, stdout=output)
    return output.getvalue()


def test_sound_books_have_no_inconsistency(line: OrderLine) -> None:
    assert inconsistent_lines() == []
    assert wrong_counters() == []
    assert command("inventory_inconsistencies") == (
        "The ledger and the counters agree with the orders.\n"
    )


def test_a_line_whose_entries_were_lost_gets_the_compensation_that_covers_it(
    line: OrderLine,
) -> None:
    lose_entries(line)

    [found] = inconsistent_lines()
    done = compensate_lines({line.pk: Decimal(-12)}, Act(NOW))
    again = compensate_lines({line.pk: Decimal(-12)}, Act(NOW))

    assert (found.order_number, found.line_number, found.stock_code, found.sku) == (
        "ORD",
        1,
        "main",
        "MUG",
    )
    assert (found.reserved, found.open_quantity, found.compensation) == (
        Decimal(0),
        Decimal(12),
        Decimal(-12),
    )
    assert ([row.order_line_id for row in done.lines], done.stale_line_ids) == ([line.pk], [])
    assert (again.lines, again.stale_line_ids) == ([], [line.pk])
    entry = Reservation.objects.get()
    assert (entry.event, entry.quantity, entry.order_number) == (
        "COMPENSATION",
        Decimal(-12),
        "ORD",
    )
    assert inconsistent_lines() == []


def test_a_line_that_is_wrong_again_is_compensated_again(line: OrderLine) -> None:
    lose_entries(line)
    compensate_lines({line.pk: Decimal(-12)}, Act(NOW))
    OrderLine.objects.filter(pk=line.pk).update(
        canceled_quantity=Decimal(2), invoiced_quantity=Decimal(10)
    )

    compensate_lines({line.pk: Decimal(2)}, Act(NOW))

    assert list(Reservation.objects.order_by("pk").values_list("quantity", "sequence")) == [
        (Decimal(-12), 1),
        (Decimal(2), 2),
    ]
    assert inconsistent_lines() == []


def test_a_proposal_that_became_wrong_is_left_alone(line: OrderLine) -> None:
    lose_entries(line)

    done = compensate_lines({line.pk: Decimal(-11), 0: Decimal(1)}, Act(NOW))

    assert (done.lines, done.stale_line_ids) == ([], [0, line.pk])
    assert not Reservation.objects.exists()


def test_a_line_that_does_not_reserve_has_no_entries(line: OrderLine) -> None:
    OrderLine.objects.filter(pk=line.pk).update(is_reserving=False)

    [found] = inconsistent_lines(order_line_ids=[line.pk])

    assert (found.open_quantity, found.compensation) == (Decimal(0), Decimal(12))


CORRUPTIONS = {
    "STOCK_RESERVED": lambda: Balance.objects.update(reserved=Decimal(-20)),
    "STOCK_ALLOCATED": lambda: Balance.objects.update(allocated=Decimal(3)),
    "WAITING": lambda: WaitingBalance.objects.update(quantity=Decimal(7)),
    "ITEM_ALLOCATED": lambda: SourceItem.objects.update(allocated=Decimal(4)),
    "SUPPLY_PROMISED": lambda: FutureSupply.objects.update(allocated_quantity=Decimal(5)),
}
SHOWN = {
    "STOCK_RESERVED": ("main", Decimal(-20), Decimal(-12)),
    "STOCK_ALLOCATED": ("main", Decimal(3), Decimal(10)),
    "WAITING": ("main", Decimal(7), Decimal(2)),
    "ITEM_ALLOCATED": ("seattle", Decimal(4), Decimal(10)),
    "SUPPLY_PROMISED": ("PO-1", Decimal(5), Decimal(0)),
}


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_a_counter_that_disagrees_with_its_rows_is_counted_again(
    line: OrderLine, kind: str
) -> None:
    CORRUPTIONS[kind]()

    [found] = wrong_counters()
    done = recount([found.key])
    recount([found.key])

    holder, kept, counted = SHOWN[kind]
    assert (found.key.kind, found.sku, found.kept, found.counted) == (kind, "MUG", kept, counted)
    assert found.holder.split(" #")[0] == holder
    assert (done.keys, done.refused) == ([found.key], [])
    assert_invariants()


@pytest.mark.parametrize("lost", [Balance, WaitingBalance])
def test_a_lost_counter_is_made_again(
    line: OrderLine, lost: type[StockBalance] | type[WaitingBalance]
) -> None:
    lost.objects.all().delete()

    recount([found.key for found in wrong_counters()])

    assert wrong_counters() == []
    assert_invariants()


def test_a_counter_that_the_database_refuses_is_named_and_the_others_are_counted(
    line: OrderLine,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_sourceitem SET allocated = 0, quantity = 6;"
            "UPDATE inventory_stockbalance SET allocated = 3"
        )
    item = SourceItem.objects.get()

    done = recount([found.key for found in wrong_counters()])

    assert done.refused == [
        CounterKey(CounterKind.ITEM_ALLOCATED, item.product_id, item.source_id, None)
    ]
    assert Balance.objects.get().allocated == Decimal(10)
    with pytest.raises(CommandError, match="1 inconsistency is left"):
        command("inventory_inconsistencies", "--apply")


def test_the_command_lists_and_puts_right(line: OrderLine) -> None:
    lose_entries(line)
    WaitingBalance.objects.update(quantity=Decimal(7))

    with pytest.raises(CommandError) as refusal:
        command("inventory_inconsistencies")
    applied = command("inventory_inconsistencies", "--apply")

    assert str(refusal.value) == "3 inconsistencies are left."
    assert refusal.value.returncode == 1
    assert applied.splitlines() == [
        "Order ORD, line 1 (MUG in main): reserved 0, open 12; a compensation of -12 puts it "
        "right.",
        # The entries were lost, the counter was not: with the compensation it counts them twice.
        "Counter STOCK_RESERVED of MUG (main): kept -24, counted -12.",
        "Counter WAITING of MUG (main): kept 7, counted 2.",
        "Corrected 3 inconsistencies.",
    ]
    assert broken_invariants() == {}
    assert command("inventory_inconsistencies") == (
        "The ledger and the counters agree with the orders.\n"
    )


def test_a_compensation_is_made_from_the_command_line(line: OrderLine) -> None:
    Product.objects.filter(sku="MUG").update(qty_uses_decimals=True)

    output = command("create_compensation", "main", "MUG", "-2.5", "--reason", "Broken in transit")

    entry = Reservation.objects.get(event="COMPENSATION")
    assert output == f"Reservation {entry.pk}: -2.5\n"
    assert (entry.quantity, entry.reason) == (Decimal("-2.5"), "Broken in transit")


@pytest.mark.parametrize(
    "given",
    [
        ("none", "MUG", "1", "--reason", "x"),
        ("main", "none", "1", "--reason", "x"),
        ("main", "MUG", "0", "--reason", "x"),
        ("main", "MUG", "1e400", "--reason", "x"),
        ("main", "MUG", "1", "--reason", " "),
        ("main", "MUG", "1", "--reason", "x" * 501),
        ("main", "MUG", "1"),
    ],
)
def test_a_compensation_that_makes_no_sense_is_refused(
    line: OrderLine, given: tuple[Any, ...]
) -> None:
    with pytest.raises(CommandError):
        command("create_compensation", *given)

    assert not Reservation.objects.filter(event="COMPENSATION").exists()


PAGE = reverse("admin:fulfillment_inconsistencies")


def chosen(response: Any) -> dict[str, list[str]]:
    """Return what the page would post with everything selected."""
    return {
        "line": [row["value"] for row in response.context["lines"]],
        "counter": [row["value"] for row in response.context["counters"]],
    }


def test_selected_inconsistencies_are_corrected_once(admin_client: Client, line: OrderLine) -> None:
    lose_entries(line)
    WaitingBalance.objects.update(quantity=Decimal(7))
    shown = admin_client.get(PAGE)

    for _click in range(2):
        admin_client.post(PAGE, chosen(shown))
    admin_client.post(PAGE, chosen(admin_client.get(PAGE)))

    assert [row["compensation"] for row in shown.context["lines"]] == ["-12"]
    assert [str(row["kind"]) for row in shown.context["counters"]] == [
        "Reserved in a stock",
        "Waited for in a stock",
    ]
    entry = Reservation.objects.get()
    assert (entry.quantity, present(entry.actor).username) == (Decimal(-12), "admin")
    assert_invariants()


def test_an_unselected_inconsistency_stays(admin_client: Client, line: OrderLine) -> None:
    lose_entries(line)
    WaitingBalance.objects.update(quantity=Decimal(7))

    admin_client.post(PAGE, {**chosen(admin_client.get(PAGE)), "line": []})

    assert [found.order_line_id for found in inconsistent_lines()] == [line.pk]
    assert WaitingBalance.objects.get().quantity == Decimal(2)


@pytest.mark.parametrize(
    "posted",
    [
        {"line": "x"},
        {"line": "1:NaN"},
        {"line": f"{10**30}:1"},
        {"line": "999:1"},
        {"counter": "STOCK_RESERVED"},
        {"counter": "STOCK_RESERVED:1:x:"},
        {"counter": "NONE:1:1:"},
    ],
)
def test_what_is_no_proposal_changes_nothing(
    admin_client: Client, line: OrderLine, posted: dict[str, str]
) -> None:
    assert admin_client.post(PAGE, posted).status_code == 302

    assert wrong_counters() == []
    assert Reservation.objects.count() == 1


def test_the_page_of_sound_books_says_so(admin_client: Client, line: OrderLine) -> None:
    assert "agree with the orders" in admin_client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("role", "may_see", "may_apply"),
    [
        ("Operations", 200, 302),
        ("Merchant", 200, 403),
        ("Viewer", 200, 403),
        ("Fulfillment", 403, 403),
    ],
)
def test_roles_that_may_see_and_put_right(
    client: Client, line: OrderLine, role: str, may_see: int, may_apply: int
) -> None:
    user = User.objects.create(username="somebody", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert client.get(PAGE).status_code == may_see
    assert client.post(PAGE, {}).status_code == may_apply


def test_what_a_run_names_is_never_deleted(line: OrderLine) -> None:
    [part] = ShipmentLine.objects.filter(shipment__state="READY")

    for row in (line, line.order, part, part.shipment):
        table = row._meta.db_table
        with (
            pytest.raises(ProgrammingError, match=f"Cannot delete rows from {table}"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row.pk])  # noqa: S608


def test_rows_that_name_one_which_is_not_there_are_listed(line: OrderLine) -> None:
    # given
    assert lost_rows() == []
    [ready] = Shipment.objects.filter(state="READY")
    [part] = ready.lines.all()
    [allocation] = part.allocations.all()
    event = ready.events.first()
    decision = ReleaseDecision.objects.create(
        run=ReleaseRun.objects.create(kind="release", trigger="COMMAND", created_at=NOW),
        shipment=ready,
        position=1,
        outcome="WAITING",
    )
    lost = present(event).pk, decision.pk
    gone = 10**9

    # when
    ShipmentLine.objects.filter(pk=part.pk).update(shipment_id=gone, product_id=gone)
    ShipmentLine.objects.filter(pk=part.pk).update(order_line_id=gone)
    Allocation.objects.filter(pk=allocation.pk).update(order_line_id=gone, shipment_line_id=gone)
    Shipment.objects.filter(pk=ready.pk).update(order_id=gone, stock_id=gone, parent_id=gone)
    ShipmentEvent.objects.filter(pk=lost[0]).update(shipment_id=gone)
    ReleaseDecision.objects.filter(pk=lost[1]).update(shipment_id=gone)
    found = {(row.table, row.column): (row.row, row.named) for row in lost_rows()}

    # then
    assert found == {
        ("fulfillment_shipment", "order_id"): (ready.pk, gone),
        ("fulfillment_shipment", "stock_id"): (ready.pk, gone),
        ("fulfillment_shipment", "parent_id"): (ready.pk, gone),
        ("fulfillment_shipmentline", "shipment_id"): (part.pk, gone),
        ("fulfillment_shipmentline", "order_line_id"): (part.pk, gone),
        ("fulfillment_shipmentline", "product_id"): (part.pk, gone),
        ("fulfillment_allocation", "order_line_id"): (allocation.pk, gone),
        ("fulfillment_allocation", "shipment_line_id"): (allocation.pk, gone),
        ("fulfillment_shipmentevent", "shipment_id"): (lost[0], gone),
        ("fulfillment_releasedecision", "shipment_id"): (lost[1], gone),
    }
    output = StringIO()
    with pytest.raises(CommandError, match="left"):
        call_command("inventory_inconsistencies", stdout=output)
    assert (
        f"order_id of row {ready.pk} in fulfillment_shipment names row {gone} of orders_order, "
        "which is not there. Restore it from a backup.\n"
    ) in output.getvalue()


def test_all_keys_that_are_not_checked_are_looked_through() -> None:
    every = {
        (model._meta.db_table, field.column)
        for app in ("inventory", "orders", "fulfillment")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey)
        and not getattr(field, "db_constraint", True)
        # The history names what may be gone.
        and not hasattr(model, "pgh_id")
    }

    assert {(table, column) for table, column, _parent in unchecked_columns()} == every
