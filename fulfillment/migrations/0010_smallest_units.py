"""Keep amounts with the decimals of every currency; new databases have such columns already."""

from decimal import Decimal

from django.db import migrations, models
from django.db.models import F, Q

COLUMNS = {
    "fulfillment_shipment": ["amount"],
    "fulfillment_shipmentline": [
        "original_amount",
        "amount",
        "moved_amount",
        "canceled_amount",
        "refunded_amount",
    ],
}


def statements(kind: str) -> list[str]:
    return [
        f"ALTER TABLE {table} "
        + ", ".join(f"ALTER COLUMN {column} TYPE {kind}" for column in columns)
        for table, columns in COLUMNS.items()
    ]


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0009_shipment_to_ship"), ("orders", "0005_smallest_units")]

    operations = [
        migrations.RunSQL(statements("numeric(15, 3)"), statements("numeric(14, 2)")),
        migrations.AlterField(
            model_name="waitingfigures",
            name="amount",
            field=models.DecimalField(
                decimal_places=3, default=Decimal("0.00"), max_digits=21, verbose_name="value"
            ),
        ),
        migrations.AlterConstraint(
            model_name="shipmentline",
            name="shipment_line_money_conserved",
            constraint=models.CheckConstraint(
                condition=Q(
                    original_amount=F("amount")
                    + F("moved_amount")
                    + F("canceled_amount")
                    + F("refunded_amount")
                ),
                name="shipment_line_money_conserved",
                violation_error_message="Money was lost or doubled.",
            ),
        ),
    ]
