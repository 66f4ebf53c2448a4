"""Bulk changes by the batch: made as shown, in one entry of history, by a worker when many."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from core.acts import Act
from core.models import BulkChange
from core.operations import jobs
from core.operations.bulk import apply, preview
from core.operations.bulk.apply import ChangedSinceShownError, confirm
from core.operations.bulk.row_plans import BulkRow, Shift
from fulfillment.release.runs import engine
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.queries.row_changes import row_changes
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
from tests.inventory.bulk_changes import (
    NOW,
    counts,
    in_chunks,
    item_with_ready_shipments,
    made,
    previewed,
)
from tests.present import present

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What would have reached the broker."""
    delivered: list[int] = []
    monkeypatch.setattr(jobs, "call_worker", lambda name, *, job_id: delivered.append(job_id))
    return delivered


def test_nothing_is_done_when_the_plan_is_not_the_one_that_was_shown() -> None:
    item = SourceItemFactory(quantity=5)
    shown = previewed("UNASSIGN", [item.pk], {})
    SourceItem.objects.update(quantity=6)

    with pytest.raises(ChangedSinceShownError):
        confirm(shown, Act(NOW))

    assert SourceItem.objects.exists()
    assert not BulkChange.objects.exists()


def test_what_is_kept_of_a_plan_is_that_of_the_values_in_any_spelling() -> None:
    def kept(before: Decimal) -> str:
        return BulkRow(1, ("A", "x"), (Shift("quantity", before, Decimal(0)),)).kept()

    assert kept(Decimal("5.0000")) == kept(Decimal(5))
    assert kept(Decimal(5)) != kept(Decimal(6))


def test_all_rows_are_one_entry_of_history_that_says_what_and_who() -> None:
    user = User.objects.create(username="merchant")
    items = [SourceItemFactory() for _ in range(3)]

    change = made("STATUS", [item.pk for item in items], by_id=user.pk, status="OUT_OF_STOCK")

    (entry_id,) = change.entry_ids
    ids = [item.pk for item in SourceItem.objects.order_by("pk")]
    changes = row_changes(SourceItem, ids, [entry_id])
    assert list(changes) == [item.pk for item in items]
    assert [
        [(name, (found.before or {})[name], (found.left or {})[name]) for name in found.changed]
        for found in changes.values()
    ] == [[("status", "IN_STOCK", "OUT_OF_STOCK")]] * 3
    model: Any = type(items[0])
    context = model.events.rel.related_model.objects.last().pgh_context
    assert context.metadata == {"user": user.pk, "cause": "Test of STATUS"}


def test_up_to_a_batch_is_done_at_once_and_more_by_a_worker(
    sent: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
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
    assert (later.position, present(later.job).total_count, present(later.job).kind) == (
        0,
        3,
        apply.KIND,
    )
    items[2].refresh_from_db()
    assert items[2].status == "IN_STOCK"


def test_a_part_is_made_once_and_the_next_goes_on_from_there(
    sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_chunks(monkeypatch, "TRANSFER", 2)
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


def test_a_row_that_is_refused_by_the_time_the_worker_comes_stays_as_it_is(sent: list[int]) -> None:
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})
    one, two = SourceItemFactory(), SourceItemFactory(product=ProductFactory(sku="LATE"))
    change = made("UNASSIGN", [one.pk, two.pk])
    channel = SalesChannelFactory(stock=StockFactory(sources=[two.source]))
    BackorderFactory(number="S9", order=OrderFactory(channel=channel), lines={two.product: 3})
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")

    result = apply.run(present(change.job), lambda done: None)

    assert result == {"changed": 1, "unchanged": 0, "refused": 1}
    change.refresh_from_db()
    assert change.refusals.get().values["holders"] == "S9"
    assert list(SourceItem.objects.values_list("pk", flat=True)) == [two.pk]
    assert_invariants()


@pytest.mark.parametrize("action", ["PRODUCT_OPTION", "STATUS"])
def test_a_row_that_changed_after_it_was_confirmed_is_left_and_listed(
    sent: list[int], action: str
) -> None:
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})
    items = [SourceItemFactory(product=ProductFactory(sku=sku)) for sku in ("KEPT", "LATE")]
    if action == "STATUS":
        change = made(action, [item.pk for item in items], status="OUT_OF_STOCK")
        SourceItem.objects.filter(pk=items[1].pk).update(status="OUT_OF_STOCK")
        SourceItem.objects.filter(pk=items[1].pk).update(quantity=3)
    else:
        change = made(action, [item.product_id for item in items], name="min_cart_qty", value="5")
        Product.objects.filter(sku="LATE").update(min_cart_qty=2)

    result = apply.run(present(change.job), lambda done: None)

    assert result == {"changed": 1, "unchanged": 0, "refused": 1}
    change.refresh_from_db()
    assert [(refusal.names[0], refusal.message) for refusal in change.refusals.all()] == [
        ("LATE", "This was changed after the change was confirmed.")
    ]
    if action == "PRODUCT_OPTION":
        assert dict(Product.objects.values_list("sku", "min_cart_qty")) == {"KEPT": 5, "LATE": 2}


def test_a_transfer_takes_from_what_is_there_when_the_worker_comes(sent: list[int]) -> None:
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})
    oslo = SourceFactory(code="oslo")
    items = [SourceItemFactory(quantity=10) for _ in range(2)]
    for item in items:
        SourceItemFactory(product=item.product, source=oslo, quantity=0)
    change = made("TRANSFER", [item.pk for item in items], to_source_id=oslo.pk, quantity="4")
    SourceItem.objects.filter(pk=items[0].pk).update(quantity=9)

    apply.run(present(change.job), lambda done: None)

    assert [SourceItem.objects.get(pk=item.pk).quantity for item in items] == [5, 6]


def test_the_preview_takes_as_many_statements_for_forty_rows_as_for_four(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    items = [SourceItemFactory(quantity=10) for _ in range(40)]
    oslo = SourceFactory(code="oslo")
    values = {"to_source_id": oslo.pk, "quantity": None}

    for keys in ([item.pk for item in items[:4]], [item.pk for item in items]):
        with django_assert_max_num_queries(10):
            preview.preview("TRANSFER", keys, values, Act(NOW), page=1, page_size=50)


def test_pages_hold_what_is_refused_first() -> None:
    held = item_with_ready_shipments(1)
    others = [SourceItemFactory() for _ in range(4)]
    keys = [*(item.pk for item in others), held.pk]

    first = preview.preview("UNASSIGN", keys, {}, Act(NOW), page=1, page_size=2)
    last = preview.preview("UNASSIGN", keys, {}, Act(NOW), page=9, page_size=2)

    assert [row.key for row in first.rows] == [held.pk, others[0].pk]
    assert (first.page, first.page_count) == (1, 3)
    assert ([row.key for row in last.rows], last.page) == ([others[3].pk], 3)
