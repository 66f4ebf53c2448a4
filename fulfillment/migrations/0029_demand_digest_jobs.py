"""Let Merchant receive the weekly e-mails about demand, and schedule their jobs."""

from django.conf import settings
from django.db import migrations

from fulfillment.roles import grant

WRITE, SEND = "Write the weekly digests of demand", "Send the digests of demand"


def grant_again(apps, schema_editor):
    grant(apps)


def add_jobs(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    times, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        hour="7",
        minute="0",
        day_of_week="1",
        day_of_month="*",
        month_of_year="*",
        timezone=settings.SITE_TIME_ZONE,
    )
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=5, period="minutes"
    )
    jobs = [
        tasks.create(
            name=WRITE,
            task="fulfillment.queue_demand_digests",
            crontab=times,
            description="Writes the weekly e-mail about demand to users who receive it.",
        ),
        tasks.create(
            name=SEND,
            task="fulfillment.send_demand_digests",
            interval=interval,
            description="Sends the e-mails about demand that are due.",
        ),
    ]
    # The history begins with what the product came with.
    events = apps.get_model("fulfillment", "ScheduledWorkEvent").objects
    events.filter(pgh_obj_id__in=[job.pk for job in jobs]).update(pgh_label="start")


def remove_jobs(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.filter(name__in=[WRITE, SEND]).delete()


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0028_demand_digests")]

    operations = [
        migrations.RunPython(grant_again, migrations.RunPython.noop),
        migrations.RunPython(add_jobs, remove_jobs),
    ]
