"""The e-mails about low stock have the name that pages have for them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0012_folded_search")]

    operations = [
        migrations.AlterModelOptions(
            name="lowstockdigest",
            options={
                "ordering": ["-day", "pk"],
                "permissions": [
                    ("receive_lowstockdigest", "Can receive the daily digest of low stock")
                ],
                "verbose_name": "low stock e-mail",
                "verbose_name_plural": "low stock e-mails",
            },
        ),
    ]
