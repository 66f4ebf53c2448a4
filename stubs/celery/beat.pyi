from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from celery import Celery
from celery.schedules import BaseSchedule, schedstate

class SchedulingError(Exception): ...

class ScheduleEntry:
    app: Celery
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    last_run_at: datetime
    name: str
    options: dict[str, Any]
    schedule: BaseSchedule
    task: str
    total_run_count: int
    def __init__(
        self,
        name: str | None = None,
        task: str | None = None,
        last_run_at: datetime | None = None,
        total_run_count: int | None = None,
        schedule: BaseSchedule | None = None,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        options: dict[str, Any] | None = None,
        relative: bool = False,
        app: Celery | None = None,
    ) -> None: ...
    def default_now(self) -> datetime: ...
    def is_due(self) -> schedstate: ...
    def _next_instance(self, last_run_at: datetime | None = None) -> Self: ...
    def __next__(self) -> Self: ...
