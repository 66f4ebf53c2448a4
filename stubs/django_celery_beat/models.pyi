from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django_celery_beat.querysets import PeriodicTaskQuerySet

class IntervalSchedule(models.Model):
    DAYS: str
    HOURS: str
    MINUTES: str
    SECONDS: str
    MICROSECONDS: str
    PERIOD_CHOICES: tuple[tuple[str, str], ...]
    every: models.IntegerField[int, int]
    period: models.CharField[str, str]

class CrontabSchedule(models.Model):
    minute: models.CharField[str, str]
    hour: models.CharField[str, str]
    day_of_month: models.CharField[str, str]
    month_of_year: models.CharField[str, str]
    day_of_week: models.CharField[str, str]
    timezone: models.Field[ZoneInfo, ZoneInfo]

class SolarSchedule(models.Model): ...

class ClockedSchedule(models.Model):
    clocked_time: models.DateTimeField[datetime, datetime]

class PeriodicTasks(models.Model):
    last_update: models.DateTimeField[datetime, datetime]
    @classmethod
    def update_changed(cls, **kwargs: Any) -> None: ...
    @classmethod
    def last_change(cls) -> datetime | None: ...

class PeriodicTask(models.Model):
    name: models.CharField[str, str]
    task: models.CharField[str, str]
    interval: models.ForeignKey[IntervalSchedule | None, IntervalSchedule | None]
    crontab: models.ForeignKey[CrontabSchedule | None, CrontabSchedule | None]
    solar: models.ForeignKey[SolarSchedule | None, SolarSchedule | None]
    clocked: models.ForeignKey[ClockedSchedule | None, ClockedSchedule | None]
    interval_id: int | None
    crontab_id: int | None
    solar_id: int | None
    clocked_id: int | None
    args: models.TextField[str, str]
    kwargs: models.TextField[str, str]
    queue: models.CharField[str | None, str | None]
    exchange: models.CharField[str | None, str | None]
    routing_key: models.CharField[str | None, str | None]
    headers: models.TextField[str, str]
    priority: models.PositiveIntegerField[int | None, int | None]
    expires: models.DateTimeField[datetime | None, datetime | None]
    expire_seconds: models.PositiveIntegerField[int | None, int | None]
    one_off: models.BooleanField[bool, bool]
    start_time: models.DateTimeField[datetime | None, datetime | None]
    enabled: models.BooleanField[bool, bool]
    last_run_at: models.DateTimeField[datetime | None, datetime | None]
    total_run_count: models.PositiveIntegerField[int, int]
    date_changed: models.DateTimeField[datetime, datetime]
    description: models.TextField[str, str]
    objects = PeriodicTaskQuerySet.as_manager()
