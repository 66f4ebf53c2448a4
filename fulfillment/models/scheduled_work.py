from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask

from core.models.history import keep_history


class ScheduledWork(PeriodicTask):
    """A row of the scheduler, as its page here has it: its text is its name and reads no more."""

    class Meta:
        proxy = True
        verbose_name = _("scheduled work")
        verbose_name_plural = _("scheduled work")

    def __str__(self) -> str:
        return str(self.name)


# What the scheduler itself notes with every start is no change of a person.
keep_history(
    ScheduledWork, left_out=["last_run_at", "total_run_count", "date_changed"], by_row=True
)
