"""The form of a row of the schedule: when it runs or, of a superuser's own, what it calls."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from core.admin.bases import ModelForm
from core.admin.fields import WholeFormField
from core.admin.theme import Select, TextInput
from core.clock import site_zone
from fulfillment.admin.scheduled_work.entries import entry_of
from fulfillment.models import ScheduledWork
from fulfillment.operations.upkeep.schedule import (
    CrontabLine,
    Interval,
    ScheduleError,
    SchedulePlan,
    check_call,
)
from fulfillment.queries.product_jobs import JOB_OF
from fulfillment.queries.schedule import SHOWN, ScheduledTask, read_rows, registered_tasks
from fulfillment.scheduling.crontab import Crontab, crontab_line

INTERVAL, CRONTAB = "INTERVAL", "CRONTAB"
MOST = 2_147_483_647


@cache
def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted({*available_timezones(), settings.SITE_TIME_ZONE})]


class ScheduleForm(ModelForm):
    """An interval or a crontab, from when, until when, and whether once."""

    kind = forms.ChoiceField(
        label=_("Runs"),
        choices=[(INTERVAL, _("at an interval")), (CRONTAB, _("by a crontab"))],
        widget=UnfoldAdminRadioSelectWidget,
    )
    every = WholeFormField(
        label=_("Every"),
        min_value=1,
        max_value=MOST,
        required=False,
    )
    period = forms.ChoiceField(
        label=_("Unit"),
        choices=[
            (IntervalSchedule.SECONDS, _("seconds")),
            (IntervalSchedule.MINUTES, _("minutes")),
            (IntervalSchedule.HOURS, _("hours")),
            (IntervalSchedule.DAYS, _("days")),
        ],
        required=False,
        widget=Select,
    )
    line = forms.CharField(
        label=_("Crontab"),
        max_length=1000,
        required=False,
        help_text=_(
            "Minute, hour, day of month, month, day of week, in numbers or English names: "
            "0 6 * * mon-fri is 06:00 from Monday to Friday. A day must match all three columns "
            "of days."
        ),
        widget=TextInput({"spellcheck": "false"}),
    )
    zone = forms.ChoiceField(
        label=_("Time zone of the crontab"), choices=_zones, required=False, widget=Select
    )
    start = forms.SplitDateTimeField(
        label=_("Start"),
        required=False,
        help_text=_("An interval first runs at this time."),
        widget=UnfoldAdminSplitDateTimeWidget,
    )
    end = forms.SplitDateTimeField(
        label=_("End"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
    )
    is_one_off = forms.BooleanField(
        label=_("Run only once"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    class Meta:
        model = ScheduledWork
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = timezone.now()
        self.row: ScheduledTask | None = None
        self.plan: SchedulePlan | None = None
        if self.instance.pk is not None:
            rows = PeriodicTask.objects.filter(pk=self.instance.pk)
            self.row = next(iter(read_rows(rows, now=self.now)), None)
        for name, value in _initial(self.row).items():
            self.initial.setdefault(name, value)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        kind = cleaned.get("kind")
        if kind == INTERVAL and "every" not in self.errors and cleaned.get("every") is None:
            self.add_error("every", _("Enter how often."))
        if kind == INTERVAL and not cleaned.get("period"):
            self.add_error("period", _("Select a unit."))
        if kind == CRONTAB and not cleaned.get("zone"):
            self.add_error("zone", _("Select a time zone."))
        if not self.errors:
            plan = _plan(cleaned)
            try:
                plan.timing(now=self.now)
            except ScheduleError as error:
                self.add_error(error.field or None, str(error))
            else:
                self.plan = plan
        return cleaned

    def is_valid(self) -> bool:
        """Return whether it is saved: one that only shows its next times is not."""
        return super().is_valid() and "_preview" not in self.data

    def valid_plan(self) -> SchedulePlan:
        """Return when it is to run; of a valid form alone.

        :raises ValueError: if the form is not valid.
        """
        if self.plan is None:
            raise ValueError(self.errors)
        return self.plan

    def validate_unique(self) -> None:
        """Check names alone: the model's own check reads rows that may be broken."""
        try:
            models.Model.validate_unique(self.instance, exclude=self._get_validation_exclusions())
        except forms.ValidationError as error:
            self._update_errors(error)

    @property
    def next_times(self) -> list[datetime]:
        """The next five times: as typed where that can be, else as they are."""
        zone = site_zone()
        if self.plan is not None:
            timing = self.plan.timing(now=self.now)
            times = timing.next_times(SHOWN, since=self.now, now=self.now)
        elif self.row is not None:
            times = self.row.next_times(now=self.now)
        else:
            times = ()
        return [at.astimezone(zone) for at in times]

    @property
    def about(self) -> dict[str, Any] | None:
        """What the page says of the row as it is."""
        return None if self.row is None else entry_of(self.row, now=self.now)


class OwnTaskForm(ScheduleForm):
    """A superuser's own work: any registered task, with its arguments."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=TextInput)
    task = forms.ChoiceField(label=_("Task"), choices=lambda: _tasks(), widget=Select)
    args = forms.CharField(
        label=_("Arguments by position"),
        required=False,
        empty_value="[]",
        help_text=_("A JSON list, such as [1, 2]."),
        widget=UnfoldAdminTextareaWidget({"rows": 2, "spellcheck": "false"}),
    )
    kwargs = forms.CharField(
        label=_("Arguments by name"),
        required=False,
        empty_value="{}",
        help_text=_("A JSON object."),
        widget=UnfoldAdminTextareaWidget({"rows": 2, "spellcheck": "false"}),
    )
    description = forms.CharField(
        label=_("Description"), required=False, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )

    class Meta(ScheduleForm.Meta):
        fields = ("name", "task", "args", "kwargs", "description")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if {"task", "args", "kwargs"} <= cleaned.keys():
            try:
                check_call(cleaned["task"], cleaned["args"], cleaned["kwargs"])
            except ScheduleError as error:
                self.add_error(error.field, str(error))
        return cleaned


def _initial(row: ScheduledTask | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": INTERVAL,
        "every": 15,
        "period": IntervalSchedule.MINUTES,
        "zone": settings.SITE_TIME_ZONE,
    }
    if row is None:
        return found
    if row.interval is not None:
        every, period = row.interval
        found |= {"every": every, "period": period}
    if row.columns is not None:
        found |= {"kind": CRONTAB, "line": crontab_line(row.columns)}
    if row.timing is not None:
        found |= {
            "start": row.timing.start,
            "end": row.timing.end,
            "is_one_off": row.timing.is_one_off,
        }
        if isinstance(row.timing.rhythm, Crontab):
            found["zone"] = row.timing.rhythm.zone.key
    return found


def _plan(cleaned: dict[str, Any]) -> SchedulePlan:
    rhythm: Interval | CrontabLine
    if cleaned["kind"] == CRONTAB:
        rhythm = CrontabLine(cleaned["line"], ZoneInfo(cleaned["zone"]))
    else:
        rhythm = Interval(cleaned["every"], cleaned["period"])
    return SchedulePlan(rhythm, cleaned["start"], cleaned["end"], is_one_off=cleaned["is_one_off"])


def _tasks() -> list[tuple[str, str]]:
    names = [name for name in registered_tasks() if not name.startswith("celery.")]
    return [("", "---------"), *((name, name) for name in sorted({*names, *JOB_OF}))]
