"""What schedules were before their history was kept: the first change is told from it."""

from django.db import migrations

START = "start"


def keep_what_is_there(apps, schema_editor):
    event = apps.get_model("fulfillment", "ScheduledWorkEvent")
    columns = ", ".join(
        field.column for field in event._meta.fields if not field.name.startswith("pgh_")
    )
    schema_editor.execute(
        f"INSERT INTO {event._meta.db_table} (pgh_created_at, pgh_label, pgh_obj_id, {columns})"
        f" SELECT now(), '{START}', id, {columns} FROM django_celery_beat_periodictask"
    )


def forget(apps, schema_editor):
    apps.get_model("fulfillment", "ScheduledWorkEvent").objects.filter(pgh_label=START).delete()


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0006_history_of_schedules")]

    operations = [migrations.RunPython(keep_what_is_there, forget)]
