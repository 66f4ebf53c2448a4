"""Hold reservations to the order lines they name.

The inventory is upstream and knows of no order, so its model keeps the bare key; the database
keeps the promise.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0001_initial"),
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE inventory_reservation
                ADD CONSTRAINT reservation_names_an_order_line
                FOREIGN KEY (order_line_id) REFERENCES orders_orderline (id)
                DEFERRABLE INITIALLY DEFERRED
            """,
            reverse_sql="""
                ALTER TABLE inventory_reservation
                DROP CONSTRAINT reservation_names_an_order_line
            """,
        ),
    ]
