"""Let Fulfillment make pick lists, and the other roles see them."""

from django.db import migrations

from fulfillment.roles import grant


def grant_again(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0041_pick_lists")]

    operations = [migrations.RunPython(grant_again, migrations.RunPython.noop)]
