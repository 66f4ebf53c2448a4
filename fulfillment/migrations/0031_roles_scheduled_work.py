from django.db import migrations

from fulfillment.roles import grant


def update_roles(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0030_scheduled_work")]

    operations = [migrations.RunPython(update_roles, migrations.RunPython.noop)]
