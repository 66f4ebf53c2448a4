"""Schedule the job that follows pickups, every minute."""

from django.db import migrations

NAME = "Follow pickups"
TASK = "fulfillment.follow_pickups"


def add_job(apps, schema_editor):
    every_minute, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=1, period="minutes"
    )
    job = apps.get_model("django_celery_beat", "PeriodicTask").objects.create(
        name=NAME,
        task=TASK,
        interval=every_minute,
        description="Sets aside what is ready for pickup where no staff do, and reminds customers.",
    )
    # The history begins with what the product came with.
    events = apps.get_model("fulfillment", "ScheduledWorkEvent").objects
    events.filter(pgh_obj_id=job.pk).update(pgh_label="start")


def remove_job(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0036_order_change_roles")]

    operations = [migrations.RunPython(add_job, remove_job)]
