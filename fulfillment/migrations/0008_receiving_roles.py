"""Let Merchant and Fulfillment receive deliveries."""

from django.db import migrations

from fulfillment.roles import grant


def grant_again(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0006_deliveries"), ("fulfillment", "0007_schedules_as_they_began")]

    # The permission goes with its model's options; without it, the groups are as before.
    operations = [migrations.RunPython(grant_again, migrations.RunPython.noop)]
