from django.db import migrations

from fulfillment.roles import grant

TASKS = {
    "Ask gateways again": (
        "orders.ask_gateways",
        "Asks what became of payments whose outcome is not known.",
    ),
    "Secure payments": (
        "fulfillment.secure_payments",
        "Holds shipments whose authorization expired, and authorizes anew what was released.",
    ),
}


def add_schedule(apps, schema_editor):
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute, _ = interval.objects.get_or_create(every=1, period="minutes")
    for name, (path, description) in TASKS.items():
        task.objects.get_or_create(
            name=name, defaults={"task": path, "interval": minute, "description": description}
        )


def remove_schedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=TASKS).delete()


def update_roles(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0010_awaiting_payment"),
        ("orders", "0005_payment_reviews"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.RunPython(add_schedule, remove_schedule),
        migrations.RunPython(update_roles, migrations.RunPython.noop),
    ]
