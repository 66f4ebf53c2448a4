"""Let Fulfillment take units back, and the other roles that see orders see returns."""

from django.db import migrations

from fulfillment.roles import grant


def grant_again(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0005_example_rules"), ("orders", "0003_returns")]

    operations = [migrations.RunPython(grant_again, migrations.RunPython.noop)]
