"""Indexes that another index covers, or that nobody reads, are gone."""

import django.db.models.deletion
from django.db import migrations, models

from core.index_migrations import DropColumnIndex, MakeIndex


class Migration(migrations.Migration):
    # Indexes come and go beside processes that read and write.
    atomic = False

    dependencies = [
        ('orders', '0005_cancel_and_refund'),
    ]

    operations = [
        MakeIndex(
            model_name='orderemail',
            index=models.Index(condition=models.Q(('collected_in__isnull', False)), fields=['collected_in'], name='order_email_by_collector'),
        ),
        DropColumnIndex(
            model_name='cancellationline',
            name='cancellation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.cancellation'),
        ),
        DropColumnIndex(
            model_name='captureline',
            name='operation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.paymentoperation', verbose_name='operation'),
        ),
        DropColumnIndex(
            model_name='orderemail',
            name='collected_in',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='collected', to='orders.orderemail', verbose_name='sent together with'),
        ),
        DropColumnIndex(
            model_name='orderemail',
            name='order',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='emails', to='orders.order', verbose_name='order'),
        ),
        DropColumnIndex(
            model_name='orderline',
            name='order',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='orders.order', verbose_name='order'),
        ),
        DropColumnIndex(
            model_name='refundline',
            name='refund',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.refund'),
        ),
    ]
