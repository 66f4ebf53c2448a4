"""Add the kind of e-mail about units that can be collected."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0012_backorder_notice'),
    ]

    operations = [
        migrations.AlterField(
            model_name='orderemail',
            name='kind',
            field=models.CharField(choices=[('CONFIRMATION', 'Order confirmation'), ('EXPECTED_DATE_CHANGED', 'Expected date changed'), ('BEING_PREPARED', 'Being prepared'), ('DISPATCHED', 'Dispatched'), ('READY_TO_COLLECT', 'Ready to collect'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT_NEEDED', 'Payment needed')], max_length=32, verbose_name='kind'),
        ),
    ]
