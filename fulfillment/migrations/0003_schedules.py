"""The product's own scheduled work, as it runs unless somebody changes it."""

from django.db import migrations

SECONDS, MINUTES, DAYS = "seconds", "minutes", "days"
# Name, task, every, period, limit in seconds of waiting for a worker, what it does.
INTERVALS = (
    ("Release backorders", "fulfillment.release_backorders", 15, MINUTES, None,
     "Releases every waiting shipment that supply covers."),
    ("Take up lost work", "fulfillment.resume_work", 10, SECONDS, 30,
     "Ends workers that show no life; takes up runs and jobs that were lost."),
    ("Heartbeat of the scheduler", "fulfillment.heartbeat", 30, SECONDS, 30,
     "Shows that scheduler, broker and a worker do their work together."),
    ("Refresh the dashboard's figures", "fulfillment.refresh_figures", 1, MINUTES, 60,
     "Counts what the dashboard and the metrics show."),
    ("Secure payments", "fulfillment.secure_payments", 1, MINUTES, None,
     "Holds shipments whose authorization expired, and authorizes payments of released shipments again."),
    ("Ask gateways again", "orders.ask_gateways", 1, MINUTES, None,
     "Asks what became of payments whose outcome is not known."),
    ("Send customer e-mails", "orders.send_emails", 1, MINUTES, None,
     "Sends the customer e-mails that are due."),
    ("Send the digests of low stock", "inventory.send_low_stock_digests", 5, MINUTES, None,
     "Sends the digests that are due."),
    ("Forget the texts of old imports", "inventory.forget_imports", 1, DAYS, None,
     "Empties the texts of files that were uploaded IMPORT_KEPT_DAYS ago."),
)  # fmt: skip
# Name, task, hour and minute in UTC, what it does.
CRONTABS = (
    ("Delete old decisions of release runs", "fulfillment.delete_old_decisions", 3, 40,
     "Keeps the decisions of runs for RUN_RETENTION_DAYS days."),
    ("Write the daily digests of low stock", "inventory.queue_low_stock_digests", 7, 0,
     "Tells the contact of each source, and merchants, what is low."),
)  # fmt: skip


def add_schedules(apps, schema_editor):
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, path, every, period, expires, description in INTERVALS:
        length, _ = interval.objects.get_or_create(every=every, period=period)
        task.objects.create(
            name=name,
            task=path,
            interval=length,
            expire_seconds=expires,
            description=description,
        )
    for name, path, hour, minute, description in CRONTABS:
        times, _ = crontab.objects.get_or_create(
            hour=str(hour),
            minute=str(minute),
            day_of_week="*",
            day_of_month="*",
            month_of_year="*",
            timezone="UTC",
        )
        task.objects.create(name=name, task=path, crontab=times, description=description)


def remove_schedules(apps, schema_editor):
    names = [row[0] for row in (*INTERVALS, *CRONTABS)]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0002_roles"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add_schedules, remove_schedules)]
