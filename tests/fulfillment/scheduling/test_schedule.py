"""When release runs start: read, in words, changed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks

from fulfillment.admin.scheduled_work.entries import fault_in_words, in_words
from fulfillment.operations.upkeep.schedule import (
    CrontabLine,
    Interval,
    ScheduleError,
    SchedulePlan,
    change_schedule,
    parse_crontab,
)
from fulfillment.queries.product_jobs import RELEASE_TASK
from fulfillment.queries.schedule import read_all, read_schedule
from tests.fulfillment.scheduling.schedules import (
    insert_crontab,
    insert_interval,
    pause,
    release_row,
    resume,
    set_crontab,
    set_interval,
)
from tests.present import present

NOW = datetime(2026, 4, 15, 14, 20, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        set_interval(every=15, period="minutes")
        yield


def times(now: datetime = NOW) -> list[str]:
    return [f"{at:%H:%M}" for at in present(read_schedule(now=now)).next_times(now=now)]


def set_row(**values: object) -> None:
    PeriodicTask.objects.filter(task=RELEASE_TASK).update(**values)


def test_an_interval_counts_from_the_last_start_or_a_later_change() -> None:
    set_row(last_run_at=NOW - timedelta(minutes=14), date_changed=NOW - timedelta(days=1))
    assert times() == ["14:21", "14:36", "14:51", "15:06", "15:21"]

    set_row(date_changed=NOW - timedelta(minutes=5))

    assert times() == ["14:30", "14:45", "15:00", "15:15", "15:30"]


def test_an_interval_that_is_overdue_is_due_now() -> None:
    set_row(last_run_at=NOW - timedelta(hours=5), date_changed=NOW - timedelta(days=1))

    assert times()[:2] == ["14:20", "14:35"]


def test_a_crontab_has_its_next_five_times_in_its_own_zone() -> None:
    set_crontab("30 6 * * 1-5", zone=STOCKHOLM)

    schedule = present(read_schedule(now=NOW))

    assert schedule.interval is None
    assert [at.astimezone(STOCKHOLM).isoformat() for at in schedule.next_times(now=NOW)] == [
        "2026-04-16T06:30:00+02:00",
        "2026-04-17T06:30:00+02:00",
        "2026-04-20T06:30:00+02:00",
        "2026-04-21T06:30:00+02:00",
        "2026-04-22T06:30:00+02:00",
    ]


def test_paused_it_has_no_next_time_and_resumed_it_waits_an_interval() -> None:
    set_row(last_run_at=NOW - timedelta(minutes=14), date_changed=NOW - timedelta(days=1))
    pause()
    assert not present(read_schedule(now=NOW)).is_enabled
    assert times() == []
    assert present(read_schedule(now=NOW)).last_run_at == NOW - timedelta(minutes=14)

    resume()

    assert present(read_schedule(now=NOW)).is_enabled
    assert times()[0] == "14:35"


def test_start_end_and_once_are_as_they_act() -> None:
    hour = timedelta(hours=1)
    interval = Interval(15, "minutes")
    change_schedule(
        release_row(), SchedulePlan(interval, start=NOW + hour, end=NOW + 2 * hour), now=NOW
    )
    assert times() == ["15:20", "15:35", "15:50", "16:05"]
    assert in_words(present(read_schedule(now=NOW)), now=NOW, zone=ZoneInfo("UTC")) == (
        "Every 15 minutes, next at 15:20"
    )
    assert times(now=NOW + 2 * hour) == []

    change_schedule(release_row(), SchedulePlan(interval, is_one_off=True), now=NOW)
    assert times() == ["14:35"]
    set_row(total_run_count=1)
    assert times() == []


@pytest.mark.parametrize(
    ("plan", "field", "sentence"),
    [
        (
            SchedulePlan(Interval(0, "minutes")),
            "every",
            "An interval is between 1 second and 10 years.",
        ),
        (
            SchedulePlan(Interval(3_000_000, "days")),
            "every",
            "An interval is between 1 second and 10 years.",
        ),
        (
            SchedulePlan(Interval(15, "minutes"), start=NOW + timedelta(2), end=NOW + timedelta(1)),
            "end",
            "The end must be after the start.",
        ),
        (
            SchedulePlan(Interval(15, "minutes"), end=NOW),
            "end",
            "The end must be in the future.",
        ),
        (
            SchedulePlan(Interval(2, "days"), end=NOW + timedelta(1)),
            "end",
            "It would never run: its first time is not before its end.",
        ),
        (
            SchedulePlan(CrontabLine("0 0 31 2 *", STOCKHOLM)),
            "line",
            "It would never run: no year has such a date.",
        ),
    ],
)
def test_a_schedule_that_never_comes_is_refused(
    plan: SchedulePlan, field: str, sentence: str
) -> None:
    with pytest.raises(ScheduleError) as refused:
        change_schedule(release_row(), plan, now=NOW)

    assert (refused.value.field, str(refused.value)) == (field, sentence)
    assert present(read_schedule(now=NOW)).interval == (15, "minutes")
    assert not IntervalSchedule.objects.filter(every__in=(0, 3_000_000)).exists()
    assert not CrontabSchedule.objects.filter(month_of_year="2").exists()


def test_what_has_ended_is_resumed_with_a_new_end_alone() -> None:
    set_row(expires=NOW - timedelta(days=1), enabled=False)

    with pytest.raises(ScheduleError, match="Choose a new end, or none"):
        resume()

    change_schedule(release_row(), SchedulePlan(Interval(15, "minutes")), now=NOW)
    resume()
    assert times()[0] == "14:35"


def test_two_equal_intervals_and_crontabs_are_one() -> None:
    for _twice in range(2):
        insert_interval(7, "minutes")
        insert_crontab(minute="7", timezone="Europe/Stockholm")

    set_interval(every=7, period="minutes")
    set_crontab("7 * * * *", zone=STOCKHOLM)

    assert IntervalSchedule.objects.filter(every=7).count() == 2
    assert CrontabSchedule.objects.filter(minute="7").count() == 2


def test_a_change_reaches_the_scheduler() -> None:
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        set_interval(every=2, period="hours")

    assert PeriodicTasks.last_change() == NOW + timedelta(minutes=1)
    assert present(read_schedule(now=NOW)).interval == (2, "hours")


def test_a_schedule_that_was_deleted_is_made_again() -> None:
    PeriodicTask.objects.filter(task=RELEASE_TASK).delete()
    assert read_schedule(now=NOW) is None

    set_interval(every=5, period="minutes")

    assert PeriodicTask.objects.get(task=RELEASE_TASK).name == "Release backorders"
    assert present(read_schedule(now=NOW)).interval == (5, "minutes")


def test_every_row_that_migrations_made_is_a_job_of_the_product() -> None:
    rows = read_all(now=NOW)

    assert [row.name for row in rows if not row.is_own] == []
    assert [row.task for row in rows if row.fault is not None] == []
    assert len(rows) == len({row.task for row in rows})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("* * *", "A crontab has five fields: minute, hour, day of month, month, day of week."),
        ("61 * * * *", "“61” is not a minute: 0 to 59."),
        ("x * * * *", "“x” is not a minute: 0 to 59."),
        ("*/0 * * * *", "“*/0” is not a minute: 0 to 59."),
        ("-5 * * * *", "“-5” is not a minute: 0 to 59."),
        ("0 24 * * *", "“24” is not an hour: 0 to 23."),
        ("0 0 0 * *", "“0” is not a day of the month: 1 to 31."),
        ("0 0 * 13 *", "“13” is not a month: 1 to 12, or jan to dec."),
        ("0 0 * * 8", "“8” is not a day of the week: 0 to 7, or sun to sat."),
    ],
)
def test_what_is_no_crontab_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        parse_crontab(text)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("every", "period", "words"),
    [
        (15, "minutes", "Every 15 minutes, next at 14:35"),
        (1, "minutes", "Every minute, next at 14:21"),
        (1, "hours", "Every hour, next at 15:20"),
        (6, "hours", "Every 6 hours, next at 20:20"),
        (1, "days", "Every day, next on 16 Apr 2026 at 14:20"),
        (30, "seconds", "Every 30 seconds, next at 14:20"),
    ],
)
def test_an_interval_in_words(every: int, period: str, words: str) -> None:
    set_interval(every=every, period=period)

    assert in_words(present(read_schedule(now=NOW)), now=NOW, zone=ZoneInfo("UTC")) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("*/15 * * * *", "Every 15 minutes, next at 16:30"),
        (
            "0 6 * * 1-5",
            "At 06:00, Monday through Friday, next on 16 Apr 2026 at 06:00",
        ),
        ("0 6 * * 7", "At 06:00, only on Sunday, next on 19 Apr 2026 at 06:00"),
        (
            "0 6 * january,july *",
            "At 06:00, only in January and July, next on 1 Jul 2026 at 06:00",
        ),
    ],
)
def test_a_crontab_in_words(text: str, words: str) -> None:
    set_crontab(text, zone=STOCKHOLM)

    assert in_words(present(read_schedule(now=NOW)), now=NOW, zone=STOCKHOLM) == words


def test_another_time_zone_is_named_and_kept() -> None:
    set_crontab("0 6 * * *", zone=ZoneInfo("Asia/Tokyo"))

    assert in_words(present(read_schedule(now=NOW)), now=NOW, zone=STOCKHOLM) == (
        "At 06:00 (Asia/Tokyo), next at 23:00"
    )
    assert CrontabSchedule.objects.get(periodictask__task=RELEASE_TASK).timezone.key == (
        "Asia/Tokyo"
    )


def test_a_date_that_never_comes_says_so() -> None:
    never = insert_crontab(minute="0", hour="0", day_of_month="31", month_of_year="2")
    set_row(interval=None, crontab=never)
    row = present(read_schedule(now=NOW))

    assert row.next_times(now=NOW) == ()
    assert in_words(row, now=NOW, zone=STOCKHOLM) == (
        "At 00:00, on day 31 of the month, only in February (UTC)"
    )
    fault = fault_in_words(present(row.fault))
    assert fault == "It never runs: there is no such date before its end."


def test_paused_in_words() -> None:
    pause()

    paused = in_words(present(read_schedule(now=NOW)), now=NOW, zone=STOCKHOLM)
    assert paused == "Every 15 minutes, paused"
