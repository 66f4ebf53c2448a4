"""Moves that a worker makes: counted with what is changed, gone on with, told on its page."""

from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection, transaction
from django.urls import reverse

from core.models import Job
from core.operations.jobs import JobCanceledError, JobError
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.moves.holds import hold
from fulfillment.review import bulk, bulk_job
from fulfillment.review.change import BulkAction, ShipmentBulkChange
from fulfillment.review.effect_words import Code
from fulfillment.review.selection import ShipmentSelection, last_shipment, row_values
from fulfillment.review.steps import step, steps
from inventory.models import PreviewSnapshot
from core.operations.preview_snapshots import keep
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.fulfillment.review.bulk_moves import AT, NOW, TODAY

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
def channel():
    return SalesChannelFactory(stock=StockFactory(sources=[SourceFactory(code="berlin")]))


def backorders(channel, count):
    return [
        BackorderFactory(
            number=f"S{number:02}",
            order=OrderFactory(channel=channel),
            lines={ProductFactory(): 1},
        )
        for number in range(count)
    ]


def refusing(*, sqlstate, times):
    with connection.cursor() as cursor:
        cursor.execute(REFUSE.format(sqlstate=sqlstate, times=times))


def job_of(change, querystring="", *, total=25):
    selection = ShipmentSelection(
        ticked=(),
        filter=querystring,
        today=TODAY,
        zone=ZoneInfo("UTC"),
        up_to=last_shipment(),
    )
    return bulk_job.submit(
        change,
        selection,
        total=total,
        snapshot=keep(row_values(selection.shipments(), change.action), now=NOW),
        by_id=None,
        now=NOW,
        back="held=false&sort=value",
    )


def finished(job):
    """Run the job as a worker does, and keep what came of it."""
    result = bulk_job.run(job, lambda done: None)
    Job.objects.filter(pk=job.pk).update(state="COMPLETED", result=result, finished_at=NOW)
    return result


def held():
    return set(Shipment.objects.filter(is_held=True).values_list("number", flat=True))


@pytest.fixture
def sets_of_ten(monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", 10)


def test_a_job_goes_on_where_it_was_stopped_and_counts_all_of_it(channel, sets_of_ten):
    shipments = backorders(channel, 25)
    job = job_of(HOLD, "held=false")
    BackorderFactory(number="LATER", order=OrderFactory(channel=channel))

    looked = []

    def stop(done):
        looked.append(done)
        if done == 20:
            raise JobCanceledError

    with pytest.raises(JobCanceledError):
        bulk_job.run(job, stop)
    # It looks at least once a set whether it is to stop.
    assert looked == [0, 10, 20]
    assert len(held()) == 20
    job.refresh_from_db()
    assert (job.done_count, job.result["changed"]) == (20, 20)

    told: list[int] = []
    result = bulk_job.run(job, told.append)

    assert result == {"last": shipments[24].pk, "changed": 25, "unchanged": []}
    assert told == [20]
    assert "LATER" not in held()
    assert ShipmentEvent.objects.count() == 25


def test_what_changed_after_the_preview_is_left_out_and_named(admin_client, channel):
    backorders(channel, 4)
    job = job_of(ShipmentBulkChange(BulkAction.SET_PRIORITY, priority=5, reason="Fair"), total=4)
    Shipment.objects.filter(number="S01").update(priority=7)
    Shipment.objects.filter(number="S02").update(expected_on=TODAY)

    assert finished(job)["outdated"] == ["S01"]

    priorities = Shipment.objects.order_by("number").values_list("priority", flat=True)
    assert list(priorities) == [5, 7, 5, 5]
    page = admin_client.get(reverse("admin:core_job_progress", args=[job.pk]))
    assert page.context["told"] == [
        "1 shipment stays as it is. It has changed in the meantime.",
        "Changed after the preview, and left as they are: S01",
    ]


def test_without_what_was_shown_nothing_is_changed(channel):
    backorders(channel, 1)
    job = job_of(HOLD)
    PreviewSnapshot.objects.all().delete()

    with pytest.raises(JobError, match="The preview is too old"):
        bulk_job.run(job, lambda done: None)

    assert held() == set()


def test_what_is_looked_at_one_by_one_is_stopped_within_a_set(channel):
    backorders(channel, 12)
    job = job_of(ShipmentBulkChange(BulkAction.REASSIGN, source="berlin"))
    looked: list[int] = []

    bulk_job.run(job, looked.append)

    assert looked == [0, 10]


@pytest.mark.parametrize("makes_it", [step, steps])
def test_what_is_made_and_what_is_counted_are_one(channel, makes_it):
    keys = [shipment.pk for shipment in backorders(channel, 2)]

    def killed(_outcomes):
        raise KeyboardInterrupt

    chosen = keys[0] if makes_it is step else keys
    with pytest.raises(KeyboardInterrupt):
        list(makes_it(chosen, HOLD, AT, note=killed))

    assert held() == set()
    assert not ShipmentEvent.objects.exists()


def test_what_was_canceled_before_it_could_be_counted_counts_as_changed(channel):
    backorders(channel, 2)
    job = job_of(
        ShipmentBulkChange(BulkAction.CANCEL, reason="Discontinued"), "state=BACKORDER,CANCELED"
    )
    bulk_job.run(job, lambda done: None)
    Job.objects.filter(pk=job.pk).update(result={})
    job.refresh_from_db()

    assert bulk_job.run(job, lambda done: None)["changed"] == 2
    other = job_of(ShipmentBulkChange(BulkAction.CANCEL, reason="Discontinued"), "state=CANCELED")
    assert bulk_job.run(other, lambda done: None)["unchanged"] == [
        {"code": "OVER", "values": {"state": "CANCELED"}, "count": 2}
    ]


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
@pytest.mark.parametrize(("times", "sizes"), [(3, [3]), (4, [1, 1, 1])])
def test_whoever_was_in_the_way_is_waited_for(channel, sqlstate, times, sizes):
    keys = [shipment.pk for shipment in backorders(channel, 3)]
    refusing(sqlstate=sqlstate, times=times)

    made = list(steps(keys, HOLD, AT))

    assert [len(outcomes) for outcomes in made] == sizes
    assert held() == {"S00", "S01", "S02"}
    assert ShipmentEvent.objects.count() == 3


# As often for the set as for the one alone.
@pytest.mark.parametrize(
    ("sqlstate", "tries", "code"),
    [
        ("40P01", 8, "BUSY"),
        ("55P03", 2, "BUSY"),
        ("57014", 2, "BUSY"),
        ("23514", 2, "BROKEN"),
        ("22003", 2, "BROKEN"),
    ],
)
def test_what_the_database_refuses_stops_no_other(channel, sets_of_ten, sqlstate, tries, code):
    backorders(channel, 12)
    refusing(sqlstate=sqlstate, times=99)
    job = job_of(HOLD)

    result = bulk_job.run(job, lambda done: None)

    job.refresh_from_db()
    assert job.result == result
    assert result["changed"] == 11
    assert result["unchanged"] == [{"code": code, "values": {}, "count": 1}]
    assert held() == {f"S{number:02}" for number in range(12)} - {"S01"}
    assert ShipmentEvent.objects.count() == 11
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM refusals")
        assert cursor.fetchone() == (tries,)


def test_a_full_disk_is_no_answer_to_any_shipment(channel, sets_of_ten):
    backorders(channel, 12)
    refusing(sqlstate="53100", times=1)
    job = job_of(HOLD)

    with pytest.raises(OperationalError), transaction.atomic():
        bulk_job.run(job, lambda done: None)
    result = bulk_job.run(job_of(HOLD), lambda done: None)

    assert (result["changed"], result["unchanged"]) == (12, [])


def test_the_page_of_the_job_says_what_came_of_it_and_leads_back(admin_client, channel):
    backorders(channel, 5)
    for number in ("S03", "S04"):
        hold(Shipment.objects.get(number=number).pk, now=NOW)
    job = job_of(HOLD, total=7)
    assert finished(job)["unchanged"] == [
        {"code": "HELD_ALREADY", "values": {"hold": "STAFF"}, "count": 2}
    ]

    page = admin_client.get(reverse("admin:core_job_progress", args=[job.pk]))

    assert page.context["sentence"] == "Hold: 3 shipments changed."
    assert page.context["told"] == [
        "2 shipments stay as they are. Held already: Held by staff.",
        "2 shipments no longer matched when it was their turn, and were left alone.",
    ]
    text = page.content.decode()
    assert "All 7 rows are done." not in text
    assert "Held already: Held by staff." in text
    review = reverse("admin:fulfillment_shipment_review")
    assert f'href="{review}?held=false&amp;sort=value"' in text


def test_the_page_of_a_job_that_was_stopped_says_what_is_done(admin_client, channel):
    backorders(channel, 2)
    job = job_of(HOLD)
    finished(job)
    Job.objects.filter(pk=job.pk).update(state="CANCELED", done_count=2)

    page = admin_client.get(reverse("admin:core_job_progress", args=[job.pk]))

    assert page.context["sentence"] == "It was stopped after 2 of 25 rows."
    assert page.context["told"] == ["Hold: 2 shipments changed."]


def test_units_that_lack_are_counted_together_whatever_they_are(admin_client, channel):
    backorders(channel, 3)
    job = job_of(ShipmentBulkChange(BulkAction.REASSIGN, source="berlin"), total=3)

    assert finished(job)["unchanged"] == [{"code": Code.NOT_SERVED, "values": {}, "count": 3}]

    page = admin_client.get(reverse("admin:core_job_progress", args=[job.pk]))
    assert page.context["sentence"] == "Reassign source: 0 shipments changed."
    assert page.context["told"] == [
        "3 shipments stay as they are. The source cannot give all of it without overtaking others."
    ]


def test_a_shipment_that_changed_after_it_was_confirmed_is_left_as_it_is(channel):
    kept, late = backorders(channel, 2)
    job = job_of(ShipmentBulkChange(BulkAction.SET_PRIORITY, priority=5), total=2)
    Shipment.objects.filter(pk=late.pk).update(priority=7)

    finished(job)

    assert dict(Shipment.objects.values_list("pk", "priority")) == {kept.pk: 5, late.pk: 7}
