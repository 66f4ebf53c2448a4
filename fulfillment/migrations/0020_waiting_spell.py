"""Let shipments note the rules that acted in their waiting spell."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0019_sorts_of_shipments")]

    operations = [
        migrations.AddField(
            model_name="shipment",
            name="spell",
            field=models.JSONField(
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                editable=False,
                help_text="The rules that acted since the shipment last fell into waiting, each with the day of its last act.",
                verbose_name="waiting spell",
            ),
        ),
    ]
