"""Grant the roles delay requests, and schedule the job of delays."""

from django.conf import settings
from django.db import migrations

from fulfillment.roles import grant

NAME = "Act on delays"
TASK = "fulfillment.act_on_delays"


def grant_again(apps, schema_editor):
    grant(apps)


def add_job(apps, schema_editor):
    times, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        hour="*",
        minute="30",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone=settings.SITE_TIME_ZONE,
    )
    job = apps.get_model("django_celery_beat", "PeriodicTask").objects.create(
        name=NAME,
        task=TASK,
        crontab=times,
        description="Asks about late units, and acts on silence.",
    )
    # The history begins with what the product came with.
    events = apps.get_model("fulfillment", "ScheduledWorkEvent").objects
    events.filter(pgh_obj_id=job.pk).update(pgh_label="start")


def remove_job(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0015_delay_requests")]

    # Without the models, the groups are as before.
    operations = [
        migrations.RunPython(grant_again, migrations.RunPython.noop),
        migrations.RunPython(add_job, remove_job),
    ]
