from django.db import migrations

NAME = "Forget the texts of old imports"


def add_schedule(apps, schema_editor):
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    day, _ = interval.objects.get_or_create(every=1, period="days")
    task.objects.get_or_create(
        name=NAME,
        defaults={
            "task": "inventory.forget_imports",
            "interval": day,
            "description": "Empties the texts of files that were uploaded IMPORT_KEPT_DAYS ago.",
        },
    )


def remove_schedule(apps, schema_editor):
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    task.objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0014_roles_change_orders"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add_schedule, remove_schedule)]
