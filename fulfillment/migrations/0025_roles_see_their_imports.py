from django.db import migrations

from fulfillment.roles import grant


def update_roles(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0025_resume_work"),
        ("inventory", "0018_import_file_kind"),
    ]

    operations = [migrations.RunPython(update_roles, migrations.RunPython.noop)]
