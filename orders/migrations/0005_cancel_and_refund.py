"""Refunds and cancels have permissions of their own."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0004_order_ship_complete'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='order',
            options={'ordering': ['-placed_at', '-pk'], 'permissions': [('cancel_order', 'Can cancel units of orders'), ('refund_order', 'Can refund units of orders')], 'verbose_name': 'order', 'verbose_name_plural': 'orders'},
        ),
    ]
