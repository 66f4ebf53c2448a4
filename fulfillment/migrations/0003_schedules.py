"""The product's own scheduled work, as it runs unless somebody changes it."""

from django.conf import settings
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
    ("Tell customers what is back in stock", "inventory.tell_back_in_stock", 5, MINUTES, None,
     "Writes e-mails about products that can be bought again, and deletes old requests."),
    ("Send e-mails about products back in stock", "inventory.send_back_in_stock", 1, MINUTES, None,
     "Sends the back-in-stock e-mails that are due."),
    ("Send the e-mails of rules", "fulfillment.send_rule_emails", 5, MINUTES, None,
     "Sends the e-mails of rules to staff."),
    ("Send the digests of demand", "fulfillment.send_demand_digests", 5, MINUTES, None,
     "Sends the e-mails about demand that are due."),
    ("Look after log-ins", "core.look_after_log_ins", 1, MINUTES, None,
     "Informs people whose log-in is locked, and deletes sessions that have ended."),
    ("Follow pickups", "fulfillment.follow_pickups", 1, MINUTES, None,
     "Sets aside what is ready for pickup where no staff do, and reminds customers."),
)  # fmt: skip
UTC, SITE = "UTC", settings.SITE_TIME_ZONE
# Name, task, day of the week, hour and minute, time zone, what it does.
CRONTABS = (
    ("Delete old decisions of release runs", "fulfillment.delete_old_decisions", "*", "3", "40",
     UTC, "Keeps the decisions of runs for RUN_RETENTION_DAYS days."),
    ("Write the daily digests of low stock", "inventory.queue_low_stock_digests", "*", "7", "0",
     UTC, "Tells the contact of each source, and merchants, what is low."),
    ("Replace expected dates that passed", "fulfillment.renew_dates", "*", "0", "15",
     SITE, "Counts expected dates that passed unkept, and replaces them."),
    ("Act on delays", "fulfillment.act_on_delays", "*", "*", "30",
     SITE, "Asks about late units, and acts on silence."),
    ("Run the rules", "fulfillment.run_rules", "*", "0", "20",
     SITE, "Lets the rules for waiting shipments act."),
    ("Write the weekly digests of demand", "fulfillment.queue_demand_digests", "1", "7", "0",
     SITE, "Writes the weekly e-mail about demand to users who receive it."),
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
    for name, path, weekday, hour, minute, zone, description in CRONTABS:
        times, _ = crontab.objects.get_or_create(
            hour=hour,
            minute=minute,
            day_of_week=weekday,
            day_of_month="*",
            month_of_year="*",
            timezone=zone,
        )
        task.objects.create(name=name, task=path, crontab=times, description=description)
    # The history begins with what the product came with.
    apps.get_model("fulfillment", "ScheduledWorkEvent").objects.update(pgh_label="start")


def remove_schedules(apps, schema_editor):
    names = [row[0] for row in (*INTERVALS, *CRONTABS)]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0002_roles")]

    operations = [migrations.RunPython(add_schedules, remove_schedules)]
