"""Add the indexes of the tabs of the order list."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_order_version")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "PENDING_PAYMENT",
                            "PAYMENT_REVIEW",
                            "PROCESSING",
                            "PARTIALLY_SHIPPED",
                        ],
                    )
                ),
                fields=["-placed_at", "-id"],
                name="order_not_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("status__in", ["COMPLETE", "CANCELED", "CLOSED"])),
                fields=["-placed_at", "-id"],
                name="order_ended",
            ),
        ),
    ]
