from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0027_bars_by_product")]

    operations = [
        migrations.RemoveField(model_name="shipment", name="barred_sources"),
        migrations.DeleteModel(name="ShipmentBar"),
    ]
