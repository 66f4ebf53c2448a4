from django.db import migrations

from fulfillment.roles import grant

RESUMING = "Take up abandoned background jobs"


def add_schedule(apps, schema_editor):
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute, _ = interval.objects.get_or_create(every=1, period="minutes")
    task.objects.get_or_create(
        name=RESUMING,
        defaults={
            "task": "inventory.resume_jobs",
            "interval": minute,
            "expire_seconds": 60,
            "description": "Goes on with jobs whose worker died, or that never reached one.",
        },
    )
    grant(apps)


def remove_schedule(apps, schema_editor):
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    task.objects.filter(name=RESUMING).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0012_low_stock_schedule"),
        ("inventory", "0009_job"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add_schedule, remove_schedule)]
