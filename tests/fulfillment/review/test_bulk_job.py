"""Moves that a worker makes: counted with what is changed, gone on with, told on its page."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from core.acts import Act
from core.models import BulkChange, Job, PreviewSnapshot
from core.operations.bulk import apply
from core.operations.jobs import JobCanceledError, JobError
from core.text import Sentence
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.moves.holds import hold
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from fulfillment.review.effect_words import Code
from inventory.models import Product, SalesChannel
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.fulfillment.review.bulk_moves import NOW, TODAY, by_a_worker, confirmed

pytestmark = pytest.mark.django_db

HOLD = ShipmentBulkChange(BulkAction.HOLD, reason="Count")
# Refuses to write one shipment, so many times; counting survives what is rolled back.
REFUSE = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number = 'S01' AND nextval('refusals') <= {times} THEN
        RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON fulfillment_shipment
FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.fixture
def channel() -> SalesChannel:
    return SalesChannelFactory(stock=StockFactory(sources=[SourceFactory(code="berlin")]))


def backorders(channel: SalesChannel, count: int) -> list[Shipment]:
    return [
        BackorderFactory(
            number=f"S{number:02}",
            order=OrderFactory(channel=channel),
            lines={ProductFactory(): 1},
        )
        for number in range(count)
    ]


def refusing(*, sqlstate: str, times: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(REFUSE.format(sqlstate=sqlstate, times=times))


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every change, ten shipments in one transaction."""
    by_a_worker(monkeypatch, chunk=10)


def job_of(change: ShipmentBulkChange) -> Any:
    """A job that makes the change for all shipments that there are."""
    keys = Shipment.objects.order_by("pk").values_list("pk", flat=True)
    return confirmed(change, list(keys)).job


def quiet(_done: Any) -> None:
    pass


def finished(job: Any) -> Mapping[str, Any]:
    """Run the job as a worker does, and keep what came of it."""
    result = apply.run(job, quiet)
    Job.objects.filter(pk=job.pk).update(state="COMPLETED", result=result, finished_at=NOW)
    return result


def refusals() -> list[tuple[Any, Any, Any]]:
    """Why shipments stayed as they were, with their numbers."""
    found = BulkChange.objects.latest("pk").refusals.order_by("pk")
    return [(row.names[0], row.message, row.values) for row in found]


def held() -> set[Any]:
    return set(Shipment.objects.filter(is_held=True).values_list("number", flat=True))


def test_a_job_goes_on_where_it_was_stopped_and_counts_all_of_it(channel: SalesChannel) -> None:
    backorders(channel, 25)
    job = job_of(HOLD)
    BackorderFactory(number="LATER", order=OrderFactory(channel=channel))

    looked = []

    def stop(done: Any) -> None:
        looked.append(done)
        if done == 20:
            raise JobCanceledError

    with pytest.raises(JobCanceledError):
        apply.run(job, stop)
    # It looks at least once a set whether it is to stop.
    assert looked == [0, 10, 20]
    assert len(held()) == 20
    change = BulkChange.objects.get()
    assert (change.position, change.changed_count) == (20, 20)

    told: list[int] = []
    result = apply.run(job, told.append)

    assert result == {"changed": 25, "unchanged": 0, "refused": 0}
    assert told == [20, 25]
    assert "LATER" not in held()
    assert ShipmentEvent.objects.count() == 25


def test_what_changed_after_the_preview_is_left_out_and_named(
    admin_client: Client, channel: SalesChannel
) -> None:
    backorders(channel, 4)
    job = job_of(ShipmentBulkChange(BulkAction.SET_PRIORITY, priority=5, reason="Fair"))
    Shipment.objects.filter(number="S01").update(priority=7)
    Shipment.objects.filter(number="S02").update(expected_on=TODAY)

    assert finished(job)["refused"] == 1

    priorities = Shipment.objects.order_by("number").values_list("priority", flat=True)
    assert list(priorities) == [5, 7, 5, 5]
    page = admin_client.get(reverse("admin:core_job_progress", args=[job.pk]))
    assert page.context["results"] == [
        "1 shipment stays as it is. This was changed after the change was confirmed.",
        "Changed after the preview, and left as they are: S01",
    ]


def test_without_what_was_shown_nothing_is_changed(channel: SalesChannel) -> None:
    backorders(channel, 1)
    job = job_of(HOLD)
    PreviewSnapshot.objects.all().delete()

    with pytest.raises(JobError, match="The preview is too old"):
        apply.run(job, quiet)

    assert held() == set()


@pytest.mark.parametrize(
    "change",
    [
        HOLD,
        ShipmentBulkChange(BulkAction.REASSIGN, source="berlin"),
        ShipmentBulkChange(BulkAction.CANCEL, reason="Discontinued"),
    ],
)
def test_what_is_made_and_what_is_counted_are_one(
    monkeypatch: pytest.MonkeyPatch, channel: SalesChannel, change: ShipmentBulkChange
) -> None:
    backorders(channel, 2)
    item_of_each(channel)
    job = job_of(change)

    def killed(*_noted: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(apply, "_note", killed)
    with pytest.raises(KeyboardInterrupt):
        apply.run(job, quiet)

    assert held() == set()
    assert set(Shipment.objects.values_list("state", flat=True)) == {"BACKORDER"}
    assert not ShipmentEvent.objects.exists()


def item_of_each(channel: SalesChannel) -> None:
    """Put a unit of every product on hand."""
    for product in Product.objects.all():
        SourceItemFactory(source=channel.stock.sources.get(), product=product, quantity=1)


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
@pytest.mark.parametrize(("times", "sizes"), [(3, [3]), (4, [1, 1, 1])])
def test_whoever_was_in_the_way_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
    channel: SalesChannel,
    sqlstate: str,
    times: int,
    sizes: list[int],
) -> None:
    backorders(channel, 3)
    refusing(sqlstate=sqlstate, times=times)
    noted, note = [], apply._note

    def seen(change: Any, rows: Any, *others: Any) -> None:
        note(change, rows, *others)
        noted.append(len(rows))

    monkeypatch.setattr(apply, "_note", seen)
    apply.run(job_of(HOLD), quiet)

    assert noted == sizes
    assert held() == {"S00", "S01", "S02"}
    assert ShipmentEvent.objects.count() == 3


# As often for the set as for the one alone.
@pytest.mark.parametrize(
    ("sqlstate", "tries", "sentence"),
    [
        ("40P01", 8, apply.BUSY),
        ("55P03", 2, apply.BUSY),
        ("57014", 2, apply.BUSY),
        ("23514", 2, apply.BROKEN),
        ("22003", 2, apply.BROKEN),
    ],
)
def test_what_the_database_refuses_stops_no_other(
    channel: SalesChannel, sqlstate: str, tries: int, sentence: Sentence
) -> None:
    backorders(channel, 12)
    refusing(sqlstate=sqlstate, times=99)

    result = apply.run(job_of(HOLD), quiet)

    assert result == {"changed": 11, "unchanged": 0, "refused": 1}
    assert refusals() == [("S01", sentence.message, {})]
    assert held() == {f"S{number:02}" for number in range(12)} - {"S01"}
    assert ShipmentEvent.objects.count() == 11
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM refusals")
        assert cursor.fetchone() == (tries,)


def test_a_full_disk_is_no_answer_to_any_shipment(channel: SalesChannel) -> None:
    backorders(channel, 12)
    refusing(sqlstate="53100", times=1)
    job = job_of(HOLD)

    with pytest.raises(OperationalError), transaction.atomic():
        apply.run(job, quiet)

    assert apply.run(job, quiet) == {"changed": 12, "unchanged": 0, "refused": 0}


def test_the_page_of_the_job_says_what_came_of_it_and_leads_to_the_change(
    admin_client: Client, channel: SalesChannel
) -> None:
    backorders(channel, 5)
    for number in ("S03", "S04"):
        hold(Shipment.objects.get(number=number).pk, Act(NOW))
    job = job_of(HOLD)
    assert finished(job)["refused"] == 2
    assert refusals()[0] == ("S03", "HELD_ALREADY", {"hold": "STAFF"})

    page = admin_client.get(reverse("admin:core_job_progress", args=[job.pk]))

    assert page.context["sentence"] == "Hold: 3 shipments changed."
    assert page.context["results"] == [
        "2 shipments stay as they are. Held already: Held by staff.",
    ]
    text = page.content.decode()
    assert "All 5 rows are done." not in text
    assert "Held already: Held by staff." in text
    address = reverse("admin:core_bulkchange_change", args=[BulkChange.objects.get().pk])
    assert f'href="{address}"' in text
    change = admin_client.get(address).text
    assert "Held already: Held by staff." in change
    assert 'href="/review/?held=false&amp;sort=value"' in change
    assert "Take back" not in change


def test_the_page_of_a_job_that_was_stopped_says_what_is_done(
    admin_client: Client, channel: SalesChannel
) -> None:
    backorders(channel, 2)
    job = job_of(HOLD)
    finished(job)
    Job.objects.filter(pk=job.pk).update(state="CANCELED", total_count=25, done_count=2)

    page = admin_client.get(reverse("admin:core_job_progress", args=[job.pk]))

    assert page.context["sentence"] == "It was stopped after 2 of 25 rows."
    assert page.context["results"] == ["Hold: 2 shipments changed."]


def test_missing_units_of_all_kinds_are_counted_together(
    admin_client: Client, channel: SalesChannel
) -> None:
    backorders(channel, 3)
    job = job_of(ShipmentBulkChange(BulkAction.REASSIGN, source="berlin"))

    assert finished(job)["refused"] == 3
    assert {message for _number, message, _values in refusals()} == {Code.NOT_SERVED}

    page = admin_client.get(reverse("admin:core_job_progress", args=[job.pk]))
    assert page.context["sentence"] == "Reassign source: 0 shipments changed."
    assert page.context["results"] == [
        (
            "3 shipments stay as they are. The source cannot supply every unit without units "
            "of earlier shipments."
        )
    ]
