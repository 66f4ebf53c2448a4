"""Ready shipments may wait for the rest of their order."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0006_return_roles'),
        ('inventory', '0002_default_source_and_stock'),
        ('orders', '0004_order_ship_complete'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='shipment',
            name='hold_reason',
            field=models.CharField(blank=True, choices=[('STAFF', 'Held by staff'), ('PAYMENT', 'Held for payment'), ('CHANGE', 'Held for an order change'), ('REST', 'Waiting for the rest of the order')], max_length=16, verbose_name='hold reason'),
        ),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('hold_reason', 'REST'), _negated=True), ('state', 'READY'), _connector='OR'), name='shipment_that_waits_for_the_rest_is_ready', violation_error_message='Only ready shipments wait for the rest of their order.'),
        ),
    ]
