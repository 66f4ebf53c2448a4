from django.db import migrations

from fulfillment.roles import grant

HEARTBEAT = "Heartbeat of the scheduler"
FIGURES = "Refresh the dashboard's figures"
CLEANING = "Delete old decisions of release runs"


def add_upkeep(apps, schema_editor):
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    half_minute, _ = interval.objects.get_or_create(every=30, period="seconds")
    minute, _ = interval.objects.get_or_create(every=1, period="minutes")
    night, _ = crontab.objects.get_or_create(
        minute="40", hour="3", day_of_week="*", day_of_month="*", month_of_year="*"
    )
    task.objects.get_or_create(
        name=HEARTBEAT,
        defaults={
            "task": "fulfillment.heartbeat",
            "interval": half_minute,
            "expire_seconds": 30,
            "description": "Shows that scheduler, broker and a worker do their work together.",
        },
    )
    task.objects.get_or_create(
        name=FIGURES,
        defaults={
            "task": "fulfillment.refresh_figures",
            "interval": minute,
            "expire_seconds": 60,
            "description": "Counts what the dashboard and the metrics show.",
        },
    )
    task.objects.get_or_create(
        name=CLEANING,
        defaults={
            "task": "fulfillment.delete_old_decisions",
            "crontab": night,
            "description": "Keeps the decisions of runs for RUN_RETENTION_DAYS days.",
        },
    )
    grant(apps)


def remove_upkeep(apps, schema_editor):
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    task.objects.filter(name__in=[HEARTBEAT, FIGURES, CLEANING]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0007_latest_decision"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add_upkeep, remove_upkeep)]
