"""Let Merchant write the texts of e-mails."""

from django.db import migrations

from fulfillment.roles import grant


def grant_again(apps, schema_editor):
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [("orders", "0015_texts_of_emails"), ("fulfillment", "0017_back_in_stock")]

    # The permission goes with its model; without it, the groups are as before.
    operations = [migrations.RunPython(grant_again, migrations.RunPython.noop)]
