from django.db import migrations

from fulfillment.roles import grant


def grant_again(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0004_roles"),
        ("inventory", "0007_import_file"),
    ]

    operations = [migrations.RunPython(grant_again, migrations.RunPython.noop)]
