"""Let Fulfillment cancel and refund by the permissions that these have of their own."""

from django.db import migrations

from fulfillment.roles import grant


def grant_again(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0009_canceled_by_silence"),
        ("orders", "0005_cancel_and_refund"),
    ]

    operations = [migrations.RunPython(grant_again, migrations.RunPython.noop)]
