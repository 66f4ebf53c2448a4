from django.db import migrations

NAME = "Take up lost runs"


def add_schedule(apps, schema_editor):
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute, _ = interval.objects.get_or_create(every=1, period="minutes")
    task.objects.get_or_create(
        name=NAME,
        defaults={
            "task": "fulfillment.resume_runs",
            "interval": minute,
            "description": "Takes up release runs that were asked for and forgotten.",
        },
    )


def remove_schedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0015_imports_upkeep"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add_schedule, remove_schedule)]
