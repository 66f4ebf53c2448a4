from django.db import migrations

FORWARD = """
INSERT INTO fulfillment_sourcebar (shipment_id, source_id, product_id, created_at)
SELECT bar.shipment_id, bar.source_id, line.product_id, now()
FROM fulfillment_shipmentbar AS bar
JOIN fulfillment_shipmentline AS line ON line.shipment_id = bar.shipment_id
GROUP BY bar.shipment_id, bar.source_id, line.product_id
"""
BACKWARD = """
INSERT INTO fulfillment_shipmentbar (shipment_id, source_id)
SELECT DISTINCT shipment_id, source_id FROM fulfillment_sourcebar WHERE ended_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0026_source_bars")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
