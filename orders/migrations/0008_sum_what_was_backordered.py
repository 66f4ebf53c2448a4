from django.db import migrations

SUM = """
UPDATE orders_order AS placed SET backordered_quantity = line.total
FROM (
    SELECT order_id, sum(backordered_quantity) AS total FROM orders_orderline
    WHERE backordered_quantity > 0 GROUP BY order_id
) AS line
WHERE placed.id = line.order_id
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_order_backordered_quantity")]

    operations = [migrations.RunSQL(SUM, migrations.RunSQL.noop)]
