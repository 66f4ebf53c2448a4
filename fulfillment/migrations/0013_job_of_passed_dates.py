"""Schedule the daily job that replaces expected dates that passed."""

from django.conf import settings
from django.db import migrations

NAME = "Replace expected dates that passed"
TASK = "fulfillment.renew_dates"


def add_job(apps, schema_editor):
    times, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        hour="0",
        minute="15",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone=settings.SITE_TIME_ZONE,
    )
    job = apps.get_model("django_celery_beat", "PeriodicTask").objects.create(
        name=NAME,
        task=TASK,
        crontab=times,
        description="Counts expected dates that passed unkept, and replaces them.",
    )
    # The history begins with what the product came with.
    events = apps.get_model("fulfillment", "ScheduledWorkEvent").objects
    events.filter(pgh_obj_id=job.pk).update(pgh_label="start")


def remove_job(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0012_promises")]

    operations = [migrations.RunPython(add_job, remove_job)]
