"""Find the newest orders of a customer by the index that finds them all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_smallest_units")]

    operations = [
        migrations.RemoveIndex(model_name="order", name="order_by_email"),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["customer_email", "-id"], name="order_by_email"),
        ),
    ]
