"""The schedule of erasing the customers of old orders."""

from django.db import migrations

NAME = "Erase customers of old orders"


def add_schedule(apps, schema_editor):
    times, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        hour="2", minute="20", day_of_week="*", day_of_month="*", month_of_year="*", timezone="UTC"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.create(
        name=NAME,
        task="config.erase_old_customers",
        crontab=times,
        description="Erases customers of orders that ended PERSONAL_DATA_DAYS ago.",
    )
    # The history begins with what the product came with.
    apps.get_model("fulfillment", "ScheduledWorkEvent").objects.filter(name=NAME).update(
        pgh_label="start"
    )


def remove_schedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0015_rows_never_deleted")]

    operations = [migrations.RunPython(add_schedule, remove_schedule)]
