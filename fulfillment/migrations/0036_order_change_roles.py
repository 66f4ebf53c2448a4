"""Let the roles that view orders view their changes."""

from django.db import migrations

from fulfillment.roles import grant


def grant_again(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0035_shipped_to"), ("orders", "0020_order_changes")]

    operations = [migrations.RunPython(grant_again, migrations.RunPython.noop)]
