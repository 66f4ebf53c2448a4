from django.db import migrations

from fulfillment.roles import grant


def make_roles(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0013_jobs"),
        ("orders", "0006_order_list"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
