"""What a declined authorization keeps out of release, until when, and what tells so."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import ArrivalNotice, ReleaseDecision, Shipment
from fulfillment.operations.moves.holds import NotReleasableError, check_releasable
from fulfillment.operations.payments import secure_payments
from fulfillment.release.explanation import explain
from fulfillment.release.rows.reading import read_batch
from fulfillment.release.runs.arrivals import release_arrivals
from fulfillment.release.runs.engine import run_release
from fulfillment.release.runs.one_shipment import release_ahead
from fulfillment.review.filters import shipments_matching
from fulfillment.review.review_rows import rows_of
from inventory.models import InventoryConfiguration, SourceItem
from orders.payments.outcome_inquiry import ask_due
from orders.payments.staff_decisions import settle
from tests.fulfillment.operations.paid_orders import (
    NOW,
    arrive,
    buy,
    open_shop,
    release,
    standing,
)
from tests.invariants import assert_invariants
from tests.orders.gateways import BookkeepingSandbox

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ZONE = ZoneInfo("UTC")


def a_minute_passes(now: datetime) -> None:
    """Do what the tasks do of themselves, every minute and soon after units are free."""
    secure_payments(now=now)
    ask_due(now=now)
    release_arrivals(now=now, zone=ZONE)
    secure_payments(now=now)


def declined(books: BookkeepingSandbox, refusals: int = 1) -> Shipment:
    """Return a shipment of 4 that was released, and whose new authorization was declined."""
    open_shop()
    buy()
    arrive(4)
    release()
    books.refusals = refusals
    secure_payments(now=NOW)
    return Shipment.objects.get()


def times_asked(books: BookkeepingSandbox) -> Any:
    return sum(kind == "REAUTHORIZE" for kind, _key in books.asked)


def test_no_run_releases_it_before_the_pause_ends(books: BookkeepingSandbox) -> None:
    declined(books)

    release_arrivals(now=NOW, zone=ZONE)
    shown = release(NOW + HOUR - MINUTE)
    secure_payments(now=NOW + HOUR - MINUTE)

    assert (standing(), times_asked(books)) == ("BACKORDER", 1)
    assert shown.released_count == 0
    assert SourceItem.objects.get().allocated == 0
    assert_invariants()


def test_others_have_its_units_meanwhile(books: BookkeepingSandbox) -> None:
    first = declined(books)
    buy(now=NOW + MINUTE)

    release_arrivals(now=NOW + MINUTE, zone=ZONE)

    second = Shipment.objects.exclude(pk=first.pk).get()
    first.refresh_from_db()
    assert (standing(first), standing(second)) == ("BACKORDER", "READY PAYMENT")


def test_it_is_released_when_the_pause_ends_without_anybody_asking(
    books: BookkeepingSandbox,
) -> None:
    declined(books)
    release_arrivals(now=NOW, zone=ZONE)
    assert not ArrivalNotice.objects.exists()

    secure_payments(now=NOW + HOUR)
    assert ArrivalNotice.objects.count() == 1
    release_arrivals(now=NOW + HOUR, zone=ZONE)
    secure_payments(now=NOW + HOUR)

    assert (standing(), Shipment.objects.get().payment_refusal_count) == ("READY", 0)
    assert_invariants()


def test_the_end_of_a_pause_is_noted_once(books: BookkeepingSandbox) -> None:
    declined(books)
    SourceItem.objects.update(quantity=0)
    secure_payments(now=NOW + HOUR)
    release_arrivals(now=NOW + HOUR, zone=ZONE)

    assert secure_payments(now=NOW + HOUR + MINUTE) == 0

    assert not ArrivalNotice.objects.exists()


def test_the_gateway_is_asked_after_pauses_of_one_two_and_four_hours(
    books: BookkeepingSandbox,
) -> None:
    declined(books, refusals=4)
    asked: dict[int, int] = {}

    for minutes in range(0, 16 * 60, 20):
        before = times_asked(books)
        a_minute_passes(NOW + minutes * MINUTE)
        asked |= {minutes // 60: times_asked(books) - before} if times_asked(books) > before else {}

    assert asked == {1: 1, 3: 1, 7: 1, 15: 1}
    assert standing() == "READY"
    assert_invariants()


def test_pauses_go_on_growing_where_it_leaves_in_parts(books: BookkeepingSandbox) -> None:
    open_shop(release_mode="BY_QUANTITY")
    buy()
    arrive(1)
    release()
    books.refusals = 3
    secure_payments(now=NOW)
    arrive(1)

    for minutes in range(0, 4 * 60, 20):
        a_minute_passes(NOW + minutes * MINUTE)

    assert times_asked(books) == 3
    counts = Shipment.objects.exclude(state="REASSIGNED").values_list("payment_refusal_count")
    assert max(counts) == (3,)
    assert_invariants()


def undecided() -> Shipment:
    """Return the request for a new authorization that was asked about in vain."""
    open_shop()
    buy(4, "reauthorize:timeout")
    arrive(4)
    release()
    for minutes in range(0, 400, 20):
        a_minute_passes(NOW + minutes * MINUTE)
    return Shipment.objects.get()


def test_without_any_answer_it_waits_until_a_person_decides(books: BookkeepingSandbox) -> None:
    waiting = undecided()
    assert (standing(), waiting.awaits_payment, waiting.payment_retry_at) == (
        "BACKORDER", True, None,
    )  # fmt: skip

    later = NOW + timedelta(days=30)
    a_minute_passes(later)
    release(later)
    a_minute_passes(later)

    assert (standing(), SourceItem.objects.get().allocated) == ("BACKORDER", Decimal(0))
    assert_invariants()


def test_what_a_person_decides_ends_the_wait(books: BookkeepingSandbox) -> None:
    undecided()
    operation = Shipment.objects.get().order.payments.get(state="UNKNOWN").operations.get()
    later = NOW + timedelta(days=30)

    settle(operation.pk, Act(later, reason="Seen"), has_happened=False)
    a_minute_passes(later)
    assert standing() == "BACKORDER"
    a_minute_passes(later + 2 * HOUR)

    # The sandbox answers the new request no more than the first.
    assert standing() == "READY PAYMENT"


def test_with_the_option_off_it_goes_with_its_old_authorization_at_once(
    books: BookkeepingSandbox,
) -> None:
    declined(books)
    InventoryConfiguration.objects.update(void_and_reauthorize=False)

    a_minute_passes(NOW + MINUTE)

    assert (standing(), Shipment.objects.get().awaits_payment) == ("READY", False)


def test_with_the_option_off_and_nothing_authorized_the_pause_goes_on(
    books: BookkeepingSandbox,
) -> None:
    declined(books)
    InventoryConfiguration.objects.update(void_and_reauthorize=False)
    Shipment.objects.get().order.payments.filter(state="AUTHORIZED").update(state="EXPIRED")

    a_minute_passes(NOW + MINUTE)

    assert standing() == "BACKORDER"


def test_it_says_that_it_waits_for_its_payment_and_until_when(books: BookkeepingSandbox) -> None:
    waiting = declined(books)

    found = explain([waiting.pk], now=NOW, zone=ZONE)[waiting.pk]

    assert found.detail["shortages"] == [
        {
            "sku": "KTP",
            "missing": "4",
            "reasons": ["PAYMENT"],
            "facts": {"payment_retry_at": "2026-03-02T13:00:00+00:00"},
        }
    ]
    (row,) = rows_of([waiting], now=NOW, zone=ZONE)
    assert row.reasons == ["PAYMENT"]
    assert matching("PAYMENT") == [waiting]
    assert matching("NO_STOCK") == []


def matching(reason: str) -> list[Any]:
    shipments = Shipment.objects.in_queue()
    return list(
        shipments_matching(f"reason={reason}", shipments=shipments, today=NOW.date(), zone=ZONE)
    )


def test_a_dry_run_leaves_it_out(books: BookkeepingSandbox) -> None:
    declined(books)

    shown = run_release(act=Act(NOW + MINUTE), zone=ZONE, trigger="STAFF", is_dry_run=True)

    assert not ReleaseDecision.objects.filter(run=shown).exists()


def test_what_is_refused_while_a_run_goes_on_is_no_longer_read(books: BookkeepingSandbox) -> None:
    waiting = declined(books)

    batch = read_batch([waiting.pk], now=NOW, zone=ZONE, is_locked=False)

    assert batch.shipments == ()


def test_it_is_not_released_ahead_of_the_queue_nor_on_its_own(books: BookkeepingSandbox) -> None:
    waiting = declined(books)

    with pytest.raises(NotReleasableError):
        release_ahead(waiting.pk, Act(NOW, reason="Please"), zone=ZONE)
    with pytest.raises(NotReleasableError), transaction.atomic():
        check_releasable(waiting.pk)

    assert standing() == "BACKORDER"
