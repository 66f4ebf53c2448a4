"""Schedule the work about back-in-stock requests, and let Merchant see them."""

from django.db import migrations

from fulfillment.roles import grant

# Name, task, minutes, what it does.
JOBS = (
    ("Tell customers what is back in stock", "inventory.tell_back_in_stock", 5,
     "Writes e-mails about products that can be bought again, and deletes old requests."),
    ("Send e-mails about products back in stock", "inventory.send_back_in_stock", 1,
     "Sends the back-in-stock e-mails that are due."),
)  # fmt: skip


def add_jobs(apps, schema_editor):
    grant(apps)
    for name, task, every, description in JOBS:
        length, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
            every=every, period="minutes"
        )
        job = apps.get_model("django_celery_beat", "PeriodicTask").objects.create(
            name=name, task=task, interval=length, description=description
        )
        # The history begins with what the product came with.
        events = apps.get_model("fulfillment", "ScheduledWorkEvent").objects
        events.filter(pgh_obj_id=job.pk).update(pgh_label="start")


def remove_jobs(apps, schema_editor):
    names = [job[0] for job in JOBS]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [("inventory", "0017_back_in_stock"), ("fulfillment", "0016_delay_roles_and_job")]

    operations = [migrations.RunPython(add_jobs, remove_jobs)]
