"""When release runs start: read, said in words, changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django_celery_beat.models import CrontabSchedule, PeriodicTask, PeriodicTasks

from fulfillment.admin.schedule_words import in_words
from fulfillment.models import ReleaseRun
from fulfillment.operations.schedule import (
    ScheduleError,
    parse_crontab,
    pause,
    resume,
    set_crontab,
    set_interval,
)
from fulfillment.queries.schedule import RELEASE_TASK, crontab_times, read_schedule

NOW = datetime(2026, 4, 15, 14, 20, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        set_interval(every=15, period="minutes")
        yield


def ran(minutes_ago: int, trigger: str = "SCHEDULE") -> None:
    at = NOW - timedelta(minutes=minutes_ago)
    ReleaseRun.objects.create(trigger=trigger, created_at=at)


def times() -> list[str]:
    return [f"{at:%H:%M}" for at in read_schedule(now=NOW).next_at]


def test_an_interval_counts_on_from_the_last_scheduled_run():
    PeriodicTask.objects.filter(task=RELEASE_TASK).update(last_run_at=NOW - timedelta(minutes=14))
    assert times() == ["14:21", "14:36", "14:51", "15:06", "15:21"]

    ran(5)
    ran(1, trigger="STAFF")

    assert times() == ["14:30", "14:45", "15:00", "15:15", "15:30"]


def test_an_interval_that_is_overdue_is_due_now():
    PeriodicTask.objects.filter(task=RELEASE_TASK).update(last_run_at=NOW - timedelta(hours=5))

    assert times()[:2] == ["14:20", "14:35"]


def test_a_crontab_has_its_next_five_times_in_its_own_zone():
    set_crontab("30 6 * * 1-5", zone=STOCKHOLM)

    schedule = read_schedule(now=NOW)

    assert schedule.interval is None
    assert [at.isoformat() for at in schedule.next_at] == [
        "2026-04-16T06:30:00+02:00",
        "2026-04-17T06:30:00+02:00",
        "2026-04-20T06:30:00+02:00",
        "2026-04-21T06:30:00+02:00",
        "2026-04-22T06:30:00+02:00",
    ]


def test_a_date_that_never_comes_has_no_next_time():
    never = CrontabSchedule(
        minute="0", hour="0", day_of_month="31", month_of_year="2", timezone=STOCKHOLM
    )

    assert crontab_times(never, now=NOW) == ()


def test_paused_it_has_no_next_time_and_resumed_it_waits_an_interval():
    pause()
    assert read_schedule(now=NOW).is_paused
    assert times() == []

    resume()

    assert not read_schedule(now=NOW).is_paused
    assert times()[0] == "14:35"


def test_a_change_is_told_to_the_scheduler():
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        set_interval(every=2, period="hours")

    assert PeriodicTasks.last_change() == NOW + timedelta(minutes=1)
    interval = read_schedule(now=NOW).interval
    assert (interval.every, interval.period) == (2, "hours")


def test_a_schedule_that_was_deleted_is_made_anew():
    PeriodicTask.objects.filter(task=RELEASE_TASK).delete()
    assert read_schedule(now=NOW) is None

    set_interval(every=5, period="minutes")

    assert PeriodicTask.objects.get(task=RELEASE_TASK).name == "Release backorders"
    assert read_schedule(now=NOW).interval.every == 5


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("* * *", "A crontab has five fields: minute, hour, day of month, month, day of week."),
        ("61 * * * *", "“61 * * * *” is not a crontab: "),
        ("x * * * *", "“x * * * *” is not a crontab: "),
        ("*/0 * * * *", "“*/0 * * * *” is not a crontab: "),
        ("-5 * * * *", "“-5 * * * *” is not a crontab: "),
        ("0 0 31 2 *", "“0 0 31 2 *” is not a crontab: "),
    ],
)
def test_what_is_no_crontab_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(ScheduleError) as refused:
        parse_crontab(text)

    assert str(refused.value).startswith(sentence)


def test_an_interval_of_nothing_is_refused():
    with pytest.raises(ScheduleError, match="An interval is 1 or more"):
        set_interval(every=0, period="minutes")


@pytest.mark.parametrize(
    ("every", "period", "words"),
    [
        (15, "minutes", "Every 15 minutes, next at 14:35"),
        (1, "minutes", "Every minute, next at 14:21"),
        (1, "hours", "Every hour, next at 15:20"),
        (6, "hours", "Every 6 hours, next at 20:20"),
        (1, "days", "Every day, next on April 16, 2026 at 14:20"),
        (30, "seconds", "Every 30 seconds, next at 14:20"),
    ],
)
def test_an_interval_in_words(every, period, words):
    set_interval(every=every, period=period)

    assert in_words(read_schedule(now=NOW), now=NOW, zone=ZoneInfo("UTC")) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("*/15 * * * *", "Every 15 minutes, next at 16:30"),
        (
            "0 6 * * 1-5",
            "At 06:00, Monday through Friday, next on April 16, 2026 at 06:00",
        ),
    ],
)
def test_a_crontab_in_words(text, words):
    set_crontab(text, zone=STOCKHOLM)

    assert in_words(read_schedule(now=NOW), now=NOW, zone=STOCKHOLM) == words


def test_a_date_that_never_comes_says_so():
    never = CrontabSchedule.objects.create(
        minute="0", hour="0", day_of_month="31", month_of_year="2", timezone=STOCKHOLM
    )
    PeriodicTask.objects.filter(task=RELEASE_TASK).update(interval=None, crontab=never)

    words = in_words(read_schedule(now=NOW), now=NOW, zone=STOCKHOLM)

    assert words == ("At 00:00, on day 31 of the month, only in February; this date never comes")


def test_paused_in_words():
    pause()

    assert in_words(read_schedule(now=NOW), now=NOW, zone=STOCKHOLM) == "Every 15 minutes, paused"
