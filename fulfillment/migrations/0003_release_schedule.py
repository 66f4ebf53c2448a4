from django.db import migrations

NAME = "Release backorders"
EMAIL_NAME = "Send customer e-mails"


def add_schedule(apps, schema_editor):
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    quarter, _ = interval.objects.get_or_create(every=15, period="minutes")
    minute, _ = interval.objects.get_or_create(every=1, period="minutes")
    task.objects.get_or_create(
        name=NAME,
        defaults={
            "task": "fulfillment.release_backorders",
            "interval": quarter,
            "description": "Releases every waiting shipment that supply covers.",
        },
    )
    task.objects.get_or_create(
        name=EMAIL_NAME,
        defaults={
            "task": "orders.send_emails",
            "interval": minute,
            "description": "Sends the customer e-mails that are due.",
        },
    )


def remove_schedule(apps, schema_editor):
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    task.objects.filter(name__in=[NAME, EMAIL_NAME]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0002_arrival_notice"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add_schedule, remove_schedule)]
