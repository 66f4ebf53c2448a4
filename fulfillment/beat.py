"""The scheduler: no row of the schedule can stop it.

Celery's own for the database dies of a row that it cannot read, and writes whole rows back. This
one reads rows as the pages do, passes over those that are broken, and writes only what it counts.
"""

from datetime import datetime
from typing import Any, Self

from celery import Celery
from celery.beat import ScheduleEntry, SchedulingError
from celery.schedules import BaseSchedule, schedstate
from celery.utils.log import get_logger
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from fulfillment.queries.schedule import ScheduledTask, ScheduleState, read_all
from fulfillment.scheduling.timing import ScheduleFault, Timing

logger = get_logger(__name__)

# Seconds until something that does not come is looked at again.
NOT_SOON = 24 * 60 * 60.0


class TimingSchedule(BaseSchedule):
    """A timing in the words of Celery."""

    def __init__(self, timing: Timing, app: Celery) -> None:
        super().__init__(app=app)
        self.timing = timing

    def is_due(self, last_run_at: datetime) -> schedstate:
        """Return whether it is due, and in how many seconds to look again."""
        now = self.now()
        at = None if self.timing.has_ended(now=now) else self.timing.next_after(last_run_at)
        if at is None:
            return schedstate(False, NOT_SOON)
        if at > now:
            return schedstate(False, (at - now).total_seconds())
        following = None if self.timing.is_one_off else self.timing.next_after(now)
        seconds = NOT_SOON if following is None else (following - now).total_seconds()
        return schedstate(True, seconds)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimingSchedule) and other.timing == self.timing

    def __hash__(self) -> int:
        return hash(self.timing)


class RowEntry(ScheduleEntry):
    """A row that can be scheduled."""

    def __init__(self, row: ScheduledTask, timing: Timing, *, app: Celery, **counted: Any) -> None:
        super().__init__(
            name=row.name,
            task=row.task,
            schedule=TimingSchedule(timing, app),
            args=row.args,
            kwargs=row.kwargs,
            options=dict(row.options),
            app=app,
            **counted,
        )
        self.row = row
        self.timing = timing

    def is_due(self) -> schedstate:
        if self.timing.is_one_off and self.total_run_count:
            return schedstate(False, NOT_SOON)
        return self.schedule.is_due(self.last_run_at)

    def _next_instance(self, last_run_at: datetime | None = None) -> Self:
        return type(self)(
            self.row,
            self.timing,
            app=self.app,
            last_run_at=last_run_at or self.default_now(),
            total_run_count=self.total_run_count + 1,
        )

    __next__ = next = _next_instance

    def save(self) -> None:
        """Write when it was last started, and how often, and nothing else."""
        if self.row.pk is not None:
            PeriodicTask.objects.filter(pk=self.row.pk).update(
                last_run_at=self.last_run_at, total_run_count=self.total_run_count
            )


class Scheduler(DatabaseScheduler):
    """Starts what is due, and logs once what cannot be scheduled."""

    Entry = RowEntry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._faults: dict[str, ScheduleFault] = {}
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Read the rows. Nothing is added to them: results are not kept, so none are cleaned up."""
        logger.info("Scheduler: %d rows are on", len(self.schedule))

    def all_as_schedule(self) -> dict[str, RowEntry]:
        """Return the entries of all rows that are on; what there was if the database is away."""
        now = timezone.now()
        try:
            rows = read_all(now=now)
        except (DatabaseError, InterfaceError):
            kept = dict(self._schedule or {})
            logger.exception("The schedule cannot be read: %d entries are kept", len(kept))
            self._last_timestamp = None
            return kept
        self._log_faults(rows, now=now)
        return {
            row.name: RowEntry(
                row,
                row.timing,
                app=self.app,
                last_run_at=row.since,
                total_run_count=row.run_count,
            )
            for row in rows
            if row.timing is not None and row.state(now=now) is ScheduleState.ON
        }

    def schedule_changed(self) -> bool:
        """Whether anything was changed since it was last asked.

        Of two changes at once, the earlier may be seen last: any other time counts.
        """
        before = self._last_timestamp
        super().schedule_changed()
        return bool(self._last_timestamp != before)

    def reserve(self, entry: RowEntry) -> RowEntry:
        new_entry = next(entry)
        self._schedule[new_entry.name] = new_entry
        self._dirty.add(new_entry.name)
        return new_entry

    def apply_entry(self, entry: RowEntry, producer: Any = None) -> None:
        """Start it; what runs once and could not be started is tried again."""
        logger.info("Scheduler: Sending due task %s (%s)", entry.name, entry.task)
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError:
            logger.exception("%s could not be started", entry.name)
            if entry.timing.is_one_off:
                self._schedule[entry.name] = entry
                self._dirty.add(entry.name)

    def _log_faults(self, rows: list[ScheduledTask], *, now: datetime) -> None:
        faults = {
            row.name: row.fault
            for row in rows
            if row.fault is not None and row.state(now=now) is ScheduleState.FAULTY
        }
        for name, fault in faults.items():
            if self._faults.get(name) != fault:
                logger.error("Not scheduled: %s: %s %s", name, fault.kind, fault.value)
        self._faults = faults
