"""Bulk changes: planned row by row, made once, refused where they must be."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User

from fulfillment.models import ArrivalNotice
from fulfillment.release import engine
from inventory.models import BulkChange, InventoryConfiguration, Product, SourceItem
from inventory.operations import jobs
from inventory.operations.bulk import apply, preview
from inventory.operations.bulk.apply import ChangedSinceShownError, Confirmed, confirm
from inventory.operations.bulk.rows import Row, Shift, Tally
from inventory.queries.history_entries import changes_in_entry
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """What would have reached the broker."""
    delivered: list[int] = []
    monkeypatch.setattr(
        jobs.current_app, "send_task", lambda name, kwargs: delivered.append(kwargs["job_id"])
    )
    return delivered


def shown(action, keys, **values):
    """The rows of the first page, as (SKU, source, shifts or the refusal)."""
    planned = preview.preview(action, keys, values, page=1, page_size=100)
    return [
        (row.sku, row.source_code, row.refusal.message % row.refusal.values)
        if row.refusal
        else (row.sku, row.source_code, [(s.name, s.before, s.after) for s in row.shifts])
        for row in planned.rows
    ]


def made(action, keys, *, by_id=None, **values) -> BulkChange:
    fingerprint = preview.tally_of(action, keys, values).fingerprint
    confirmed = Confirmed(action, tuple(keys), values, f"Test of {action}", fingerprint)
    return confirm(confirmed, by_id=by_id, now=NOW)


def counts(change: BulkChange) -> tuple[int, int, int]:
    return change.changed_count, change.unchanged_count, change.refused_count


def item_with_ready_shipments(*quantities: int, quantity: int = 10) -> SourceItem:
    item = SourceItemFactory(
        product=ProductFactory(sku="HELD"), source=SourceFactory(code="paris"), quantity=quantity
    )
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    for number, units in enumerate(quantities, start=1):
        BackorderFactory(
            number=f"S{number:02}", order=OrderFactory(channel=channel), lines={item.product: units}
        )
    engine.run_release(now=NOW, zone=ZoneInfo("UTC"), trigger="STAFF")
    item.refresh_from_db()
    return item


def test_assigning_makes_what_is_missing_with_nothing_on_hand():
    one, two = ProductFactory(sku="A"), ProductFactory(sku="B")
    london, oslo = SourceFactory(code="london"), SourceFactory(code="oslo")
    SourceItemFactory(product=one, source=oslo, quantity=7)
    values = {"source_ids": [london.pk, oslo.pk]}

    assert shown("ASSIGN", [one.pk, two.pk], **values) == [
        ("A", "london", [("assigned", False, True)]),
        ("A", "oslo", [("assigned", True, True)]),
        ("B", "london", [("assigned", False, True)]),
        ("B", "oslo", [("assigned", False, True)]),
    ]
    change = made("ASSIGN", [one.pk, two.pk], **values)

    assert counts(change) == (3, 1, 0)
    held = SourceItem.objects.order_by("product__sku", "source__code")
    assert list(held.values_list("product__sku", "source__code", "quantity", "status")) == [
        ("A", "london", 0, "IN_STOCK"),
        ("A", "oslo", 7, "IN_STOCK"),
        ("B", "london", 0, "IN_STOCK"),
        ("B", "oslo", 0, "IN_STOCK"),
    ]


def test_unassigning_is_refused_for_what_is_allocated_and_names_the_shipments_first():
    # given
    free = SourceItemFactory(
        product=ProductFactory(sku="FREE"), source=SourceFactory(code="oslo"), quantity=5
    )
    held = item_with_ready_shipments(3, 2)

    # then
    assert shown("UNASSIGN", [free.pk, held.pk]) == [
        ("HELD", "paris", "5 units are allocated there: S02, S01."),
        ("FREE", "oslo", [("assigned", True, False), ("quantity", Decimal(5), None)]),
    ]
    change = made("UNASSIGN", [free.pk, held.pk])

    assert counts(change) == (1, 0, 1)
    assert change.refusals == [
        {
            "sku": "HELD",
            "source": "paris",
            "message": "%(units)s units are allocated there: %(holders)s.",
            "values": {"units": "5", "holders": "S02, S01", "more": "-8"},
        }
    ]
    assert list(SourceItem.objects.values_list("pk", flat=True)) == [held.pk]
    assert_invariants()


def test_many_holders_are_counted_after_the_first_ten():
    held = item_with_ready_shipments(*[1] * 12, quantity=12)

    ((_sku, _source, sentence),) = shown("UNASSIGN", [held.pk])

    assert sentence == (
        "12 units are allocated there: S12, S11, S10, S09, S08, S07, S06, S05, S04, S03 and 2 more."
    )


def test_transfer_moves_what_is_not_allocated_and_leaves_what_cannot_give_it():
    # given
    held = item_with_ready_shipments(4)
    oslo = SourceFactory(code="oslo")
    there = SourceItemFactory(product=held.product, source=oslo, quantity=1)
    nowhere = SourceItemFactory(product=ProductFactory(sku="ZERO"), source=held.source, quantity=9)
    poor = SourceItemFactory(product=ProductFactory(sku="POOR"), source=held.source, quantity=5)
    SourceItemFactory(product=poor.product, source=oslo, quantity=0)
    keys = [held.pk, nowhere.pk, poor.pk, there.pk]
    values = {"to_source_id": oslo.pk, "quantity": "5.5"}

    # then
    assert shown("TRANSFER", keys, **values) == [
        ("ZERO", "paris", "The product is not assigned to the other source. Assign it first."),
        ("POOR", "paris", "Only 5 of its 5 units are not allocated."),
        ("HELD", "oslo", "It is at this source already."),
        (
            "HELD",
            "paris",
            [
                ("quantity", Decimal(10), Decimal("4.5")),
                ("quantity_there", Decimal(1), Decimal("6.5")),
            ],
        ),
    ]
    change = made("TRANSFER", keys, **values)

    assert counts(change) == (1, 0, 3)
    held.refresh_from_db()
    there.refresh_from_db()
    poor.refresh_from_db()
    assert (held.quantity, held.allocated, there.quantity) == (Decimal("4.5"), 4, Decimal("6.5"))
    assert poor.quantity == 5
    assert_invariants()


def test_transfer_of_everything_adds_up_from_several_sources_and_tells_who_waits():
    product = ProductFactory(sku="A")
    one, two, three = (SourceFactory(code=code) for code in ("one", "two", "three"))
    StockFactory(sources=[three])
    first = SourceItemFactory(product=product, source=one, quantity=3)
    second = SourceItemFactory(product=product, source=two, quantity=4)
    there = SourceItemFactory(product=product, source=three, quantity=0)
    values = {"to_source_id": three.pk, "quantity": None}

    assert shown("TRANSFER", [first.pk, second.pk], **values) == [
        ("A", "one", [("quantity", 3, 0), ("quantity_there", 0, 3)]),
        ("A", "two", [("quantity", 4, 0), ("quantity_there", 3, 7)]),
    ]
    BackorderFactory(
        order=OrderFactory(channel=SalesChannelFactory(stock=StockFactory(sources=[three]))),
        lines={product: 2},
    )
    made("TRANSFER", [first.pk, second.pk], **values)

    quantities = SourceItem.objects.order_by("pk").values_list("quantity", "status")
    assert list(quantities) == [(0, "OUT_OF_STOCK"), (0, "OUT_OF_STOCK"), (7, "IN_STOCK")]
    assert there.pk
    assert list(ArrivalNotice.objects.values_list("product", flat=True)) == [product.pk]
    # What has nothing left to give stays as it is.
    assert counts(made("TRANSFER", [first.pk], **values)) == (0, 1, 0)


def test_status_is_set_where_it_is_another():
    one, two = SourceItemFactory(), SourceItemFactory(status="OUT_OF_STOCK")

    change = made("STATUS", [one.pk, two.pk], status="OUT_OF_STOCK")

    assert counts(change) == (1, 1, 0)
    assert set(SourceItem.objects.values_list("status", "is_status_automatic")) == {
        ("OUT_OF_STOCK", False)
    }


def test_an_option_is_set_on_products_and_cleared_again():
    one = ProductFactory(sku="A", max_cart_qty=Decimal(5))
    two, other = ProductFactory(sku="B"), ProductFactory(sku="C")

    assert shown("PRODUCT_OPTION", [one.pk, two.pk], name="max_cart_qty", value="20") == [
        ("A", "", [("max_cart_qty", Decimal(5), Decimal(20))]),
        ("B", "", [("max_cart_qty", None, Decimal(20))]),
    ]
    made("PRODUCT_OPTION", [one.pk, two.pk], name="max_cart_qty", value="20")
    by_sku = Product.objects.order_by("sku").values_list("sku", "max_cart_qty")
    assert list(by_sku) == [("A", 20), ("B", 20), ("C", None)]

    cleared = made("PRODUCT_OPTION", [one.pk, two.pk, other.pk], name="max_cart_qty", value=None)
    assert counts(cleared) == (2, 1, 0)
    assert list(by_sku.all()) == [("A", None), ("B", None), ("C", None)]


def test_an_option_without_a_meaning_is_refused_for_the_product_it_has_none_for():
    virtual = ProductFactory(sku="V", product_type="VIRTUAL")
    large = ProductFactory(sku="L", min_cart_qty=Decimal(50))
    plain = ProductFactory(sku="P")

    assert shown("PRODUCT_OPTION", [plain.pk, large.pk], name="max_cart_qty", value="20") == [
        (
            "L",
            "",
            "The minimum of 50 is above the maximum of 20: nothing can be bought.",
        ),
        ("P", "", [("max_cart_qty", None, Decimal(20))]),
    ]
    change = made(
        "PRODUCT_OPTION", [plain.pk, virtual.pk], name="backorders", value="ALLOW_QTY_BELOW_0"
    )

    assert counts(change) == (1, 0, 1)
    assert list(Product.objects.order_by("sku").values_list("sku", "backorders")) == [
        ("L", None),
        ("P", "ALLOW_QTY_BELOW_0"),
        ("V", None),
    ]


def test_backorders_allowed_for_products_undo_a_status_that_the_system_wrote():
    item = SourceItemFactory(quantity=0, status="OUT_OF_STOCK", is_status_automatic=True)

    made("PRODUCT_OPTION", [item.product_id], name="backorders", value="ALLOW_QTY_BELOW_0")

    item.refresh_from_db()
    assert (item.status, item.is_status_automatic) == ("IN_STOCK", False)


def test_an_option_is_set_at_sources_unless_the_product_takes_none():
    item = SourceItemFactory()
    virtual = SourceItemFactory(product=ProductFactory(sku="V", product_type="VIRTUAL"))

    change = made(
        "ITEM_OPTION", [item.pk, virtual.pk], name="backorders", value="ALLOW_QTY_BELOW_0"
    )

    assert counts(change) == (1, 0, 1)
    item.refresh_from_db()
    virtual.refresh_from_db()
    assert (item.backorders, virtual.backorders) == ("ALLOW_QTY_BELOW_0", None)


def test_nothing_is_done_when_the_plan_is_not_the_one_that_was_shown():
    item = SourceItemFactory(quantity=5)
    fingerprint = preview.tally_of("UNASSIGN", [item.pk], {}).fingerprint
    SourceItem.objects.update(quantity=6)

    with pytest.raises(ChangedSinceShownError):
        confirm(Confirmed("UNASSIGN", (item.pk,), {}, "Unassign", fingerprint), by_id=None, now=NOW)

    assert SourceItem.objects.exists()
    assert not BulkChange.objects.exists()


def test_the_fingerprint_is_that_of_the_values_in_any_order():
    rows = [
        Row(1, "A", "x", (Shift("quantity", Decimal("5.0000"), Decimal(0)),)),
        Row(2, "B", "x", (Shift("quantity", Decimal(1), Decimal(0)),)),
    ]
    same = [rows[1], Row(1, "A", "x", (Shift("quantity", Decimal(5), Decimal(0)),))]
    other = [rows[1], Row(1, "A", "x", (Shift("quantity", Decimal(6), Decimal(0)),))]

    assert fingerprint(rows) == fingerprint(same)
    assert fingerprint(rows) != fingerprint(other)


def fingerprint(rows) -> int:
    tally = Tally()
    for row in rows:
        tally.add(row)
    return tally.fingerprint


def test_all_rows_are_one_entry_of_history_that_says_what_and_who():
    user = User.objects.create(username="merchant")
    items = [SourceItemFactory() for _ in range(3)]

    change = made("STATUS", [item.pk for item in items], by_id=user.pk, status="OUT_OF_STOCK")

    (entry_id,) = change.entry_ids
    changes = changes_in_entry(SourceItem, entry_id, limit=10)
    assert [found.row_id for found in changes] == [item.pk for item in items]
    assert [[(f.field.name, f.before, f.after) for f in found.fields] for found in changes] == [
        [("status", "IN_STOCK", "OUT_OF_STOCK")]
    ] * 3
    context = type(items[0]).events.rel.related_model.objects.last().pgh_context
    assert context.metadata == {"user": user.pk, "cause": "Test of STATUS"}


def test_up_to_a_batch_is_done_at_once_and_more_by_a_worker(
    sent, django_capture_on_commit_callbacks
):
    # given
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 2})
    items = [SourceItemFactory() for _ in range(3)]
    keys = [item.pk for item in items]

    # when
    at_once = made("STATUS", keys[:2], status="OUT_OF_STOCK")
    with django_capture_on_commit_callbacks(execute=True):
        later = made("STATUS", keys, status="OUT_OF_STOCK")

    # then
    assert (at_once.job, at_once.is_finished, counts(at_once)) == (None, True, (2, 0, 0))
    assert sent == [later.job_id]
    assert (later.position, later.job.total_count, later.job.kind) == (0, 3, apply.KIND)
    items[2].refresh_from_db()
    assert items[2].status == "IN_STOCK"


def test_a_part_is_made_once_and_the_next_goes_on_from_there(sent, monkeypatch):
    monkeypatch.setattr(apply, "CHUNK", 2)
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})
    oslo = SourceFactory(code="oslo")
    items = [SourceItemFactory(quantity=10) for _ in range(3)]
    for item in items:
        SourceItemFactory(product=item.product, source=oslo, quantity=0)
    keys = [item.pk for item in items]
    change = made("TRANSFER", keys, to_source_id=oslo.pk, quantity="4")
    entry_id = "00000000-0000-0000-0000-000000000001"

    positions = [apply.make_next_part(change.pk, entry_id=entry_id, now=NOW) for _ in range(3)]

    assert positions == [2, 3, 0]
    assert set(SourceItem.objects.filter(pk__in=keys).values_list("quantity", flat=True)) == {6}
    assert set(oslo.items.values_list("quantity", flat=True)) == {4}


def test_a_row_that_is_refused_by_the_time_the_worker_comes_stays_as_it_is(sent):
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})
    one, two = SourceItemFactory(), SourceItemFactory(product=ProductFactory(sku="LATE"))
    change = made("UNASSIGN", [one.pk, two.pk])
    channel = SalesChannelFactory(stock=StockFactory(sources=[two.source]))
    BackorderFactory(number="S9", order=OrderFactory(channel=channel), lines={two.product: 3})
    engine.run_release(now=NOW, zone=ZoneInfo("UTC"), trigger="STAFF")

    result = apply.run(change.job, lambda done: None)

    assert result == {"changed": 1, "unchanged": 0, "refused": 1}
    change.refresh_from_db()
    assert change.refusals[0]["values"]["holders"] == "S9"
    assert list(SourceItem.objects.values_list("pk", flat=True)) == [two.pk]
    assert_invariants()


def test_the_preview_takes_as_many_statements_for_forty_rows_as_for_four(
    django_assert_max_num_queries,
):
    items = [SourceItemFactory(quantity=10) for _ in range(40)]
    oslo = SourceFactory(code="oslo")
    values = {"to_source_id": oslo.pk, "quantity": None}

    for keys in ([item.pk for item in items[:4]], [item.pk for item in items]):
        with django_assert_max_num_queries(4):
            preview.preview("TRANSFER", keys, values, page=1, page_size=50)


def test_pages_hold_what_is_refused_first():
    held = item_with_ready_shipments(1)
    others = [SourceItemFactory() for _ in range(4)]
    keys = [*(item.pk for item in others), held.pk]

    first = preview.preview("UNASSIGN", keys, {}, page=1, page_size=2)
    last = preview.preview("UNASSIGN", keys, {}, page=9, page_size=2)

    assert [row.key for row in first.rows] == [held.pk, others[0].pk]
    assert (first.page, first.page_count) == (1, 3)
    assert ([row.key for row in last.rows], last.page) == ([others[3].pk], 3)
