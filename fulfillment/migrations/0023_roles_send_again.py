from django.db import migrations

from fulfillment.roles import grant


def update_roles(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0022_arrival_notice_by_transaction"),
        ("inventory", "0017_queued_emails"),
        ("orders", "0013_queued_emails"),
    ]

    operations = [migrations.RunPython(update_roles, migrations.RunPython.noop)]
