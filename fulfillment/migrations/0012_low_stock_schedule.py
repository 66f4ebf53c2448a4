from django.conf import settings
from django.db import migrations

from fulfillment.roles import grant

WRITING = "Write the daily digests of low stock"
SENDING = "Send the digests of low stock"


def add_schedule(apps, schema_editor):
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    morning, _ = crontab.objects.get_or_create(
        minute="0",
        hour="7",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone=settings.SITE_TIME_ZONE,
    )
    often, _ = interval.objects.get_or_create(every=5, period="minutes")
    task.objects.get_or_create(
        name=WRITING,
        defaults={
            "task": "inventory.queue_low_stock_digests",
            "crontab": morning,
            "description": "Tells the contact of each source, and merchants, what is low.",
        },
    )
    task.objects.get_or_create(
        name=SENDING,
        defaults={
            "task": "inventory.send_low_stock_digests",
            "interval": often,
            "description": "Sends the digests that are due.",
        },
    )
    grant(apps)


def remove_schedule(apps, schema_editor):
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    task.objects.filter(name__in=[WRITING, SENDING]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0011_payment_schedule"),
        ("inventory", "0008_low_stock_digest"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add_schedule, remove_schedule)]
