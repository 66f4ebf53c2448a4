from django.db import migrations

from fulfillment.roles import grant


def grant_again(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0016_resume_runs"),
        ("inventory", "0011_bulk_change"),
    ]

    operations = [migrations.RunPython(grant_again, migrations.RunPython.noop)]
