"""Grant the roles the rules, and schedule their jobs."""

from django.conf import settings
from django.db import migrations

from fulfillment.roles import grant

RUN, SEND = "Run the rules", "Send the e-mails of rules"


def grant_again(apps, schema_editor):
    grant(apps)


def add_jobs(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    times, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        hour="0",
        minute="20",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone=settings.SITE_TIME_ZONE,
    )
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=5, period="minutes"
    )
    jobs = [
        tasks.create(
            name=RUN,
            task="fulfillment.run_rules",
            crontab=times,
            description="Lets the rules for waiting shipments act.",
        ),
        tasks.create(
            name=SEND,
            task="fulfillment.send_rule_emails",
            interval=interval,
            description="Sends the e-mails of rules to staff.",
        ),
    ]
    # The history begins with what the product came with.
    events = apps.get_model("fulfillment", "ScheduledWorkEvent").objects
    events.filter(pgh_obj_id__in=[job.pk for job in jobs]).update(pgh_label="start")


def remove_jobs(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.filter(name__in=[RUN, SEND]).delete()


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0021_waiting_rules")]

    # Without the models, the groups are as before.
    operations = [
        migrations.RunPython(grant_again, migrations.RunPython.noop),
        migrations.RunPython(add_jobs, remove_jobs),
    ]
