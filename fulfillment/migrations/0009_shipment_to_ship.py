"""Add the index of shipments that can be picked now."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0008_receiving_roles")]

    operations = [
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(("is_held", False), ("state", "READY")),
                fields=["order"],
                name="shipment_to_ship",
            ),
        ),
    ]
