"""The form that changes when runs start."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import CrontabSchedule, IntervalSchedule

from fulfillment.admin.schedule_words import crontab_text
from fulfillment.operations.schedule import ScheduleError, parse_crontab
from fulfillment.queries.schedule import Schedule
from inventory.admin.theme import INPUT_CLASS, SELECT_CLASS

INTERVAL, CRONTAB = "INTERVAL", "CRONTAB"


class ScheduleForm(forms.Form):
    """An interval, or a crontab in the site's time zone."""

    kind = forms.ChoiceField(
        label=_("Start a run"),
        choices=[(INTERVAL, _("at an interval")), (CRONTAB, _("by a crontab"))],
        widget=forms.RadioSelect,
    )
    every = forms.IntegerField(
        label=_("Every"),
        min_value=1,
        max_value=10_000,
        required=False,
        widget=forms.NumberInput({"class": INPUT_CLASS, "inputmode": "numeric"}),
    )
    period = forms.ChoiceField(
        label=_("Unit"),
        choices=[
            (IntervalSchedule.MINUTES, _("minutes")),
            (IntervalSchedule.HOURS, _("hours")),
            (IntervalSchedule.DAYS, _("days")),
        ],
        required=False,
        widget=forms.Select({"class": SELECT_CLASS}),
    )
    crontab = forms.CharField(
        label=_("Crontab"),
        max_length=200,
        required=False,
        help_text=_(
            "Minute, hour, day of month, month, day of week: 0 6 * * 1-5 is 06:00 from "
            "Monday to Friday."
        ),
        widget=forms.TextInput({"class": INPUT_CLASS, "spellcheck": "false"}),
    )

    @classmethod
    def of(cls, schedule: Schedule | None) -> "ScheduleForm":
        """Return the form with the schedule as it is."""
        found: dict[str, Any] = {"kind": INTERVAL, "every": 15, "period": IntervalSchedule.MINUTES}
        if schedule is not None and schedule.interval is not None:
            found |= {"every": schedule.interval.every, "period": schedule.interval.period}
        if schedule is not None and schedule.crontab is not None:
            found |= {"kind": CRONTAB, "crontab": crontab_text(schedule.crontab)}
        return cls(initial=found)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        kind = cleaned.get("kind")
        if kind == INTERVAL and "every" not in self.errors and cleaned.get("every") is None:
            self.add_error("every", _("Say how often."))
        if kind == CRONTAB and "crontab" not in self.errors:
            try:
                parse_crontab(cleaned["crontab"])
            except ScheduleError as error:
                self.add_error("crontab", str(error))
        return cleaned

    def schedule(self, zone: ZoneInfo) -> CrontabSchedule:
        """Return the crontab that was given, not kept."""
        return CrontabSchedule(**parse_crontab(self.cleaned_data["crontab"]), timezone=zone)
