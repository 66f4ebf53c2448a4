from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from celery import Celery

class schedstate(NamedTuple):
    is_due: bool
    next: float

class BaseSchedule:
    app: Celery
    def __init__(
        self, nowfun: Callable[[], datetime] | None = None, app: Celery | None = None
    ) -> None: ...
    def now(self) -> datetime: ...
    def is_due(self, last_run_at: datetime) -> schedstate: ...

class crontab(BaseSchedule):
    def __init__(
        self,
        minute: str = "*",
        hour: str = "*",
        day_of_week: str = "*",
        day_of_month: str = "*",
        month_of_year: str = "*",
        *,
        nowfun: Callable[[], datetime] | None = None,
        app: Celery | None = None,
    ) -> None: ...
    def remaining_delta(self, last_run_at: datetime) -> tuple[datetime, Any, datetime]: ...
