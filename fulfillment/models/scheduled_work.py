from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask


class ScheduledWork(PeriodicTask):
    """A row of the scheduler, as its page here has it: its text is its name and reads no more."""

    class Meta:
        proxy = True
        verbose_name = _("scheduled work")
        verbose_name_plural = _("scheduled work")

    def __str__(self) -> str:
        return str(self.name)
