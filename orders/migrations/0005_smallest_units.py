"""Keep amounts with the decimals of every currency; new databases have such columns already."""

from django.db import migrations

COLUMNS = {
    "orders_order": ["total"],
    "orders_orderline": ["unit_price", "discount", "tax", "total"],
    "orders_cancellationline": ["amount"],
    "orders_refund": ["amount"],
    "orders_refundline": ["amount"],
    "orders_payment": ["amount", "captured_amount", "refunded_amount"],
    "orders_paymentoperation": ["amount"],
    "orders_captureline": ["amount"],
}


def statements(kind: str) -> list[str]:
    return [
        f"ALTER TABLE {table} "
        + ", ".join(f"ALTER COLUMN {column} TYPE {kind}" for column in columns)
        for table, columns in COLUMNS.items()
    ]


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_orders_by_tab")]

    operations = [
        migrations.RunSQL(statements("numeric(15, 3)"), statements("numeric(14, 2)")),
    ]
