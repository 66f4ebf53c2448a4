"""Gives orders the ISO code of their country, where its text means one."""

from django.db import migrations

from inventory.operations.country_texts import map_country_texts


def map_texts(apps, schema_editor):
    map_country_texts(apps.get_model("orders", "Order").objects.all())


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_queued_emails")]

    # A code is a text that the version before reads too.
    operations = [migrations.RunPython(map_texts, migrations.RunPython.noop)]
