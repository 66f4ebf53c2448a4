"""Indexes that another index covers, or that nobody reads, are gone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.index_migrations import DropColumnIndex, MakeIndex


class Migration(migrations.Migration):
    # Indexes come and go beside processes that read and write.
    atomic = False

    dependencies = [
        ('fulfillment', '0013_rule_cause_of_staff'),
        ('inventory', '0008_indexes_with_readers'),
        ('orders', '0006_indexes_with_readers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        MakeIndex(
            model_name='allocation',
            index=models.Index(condition=models.Q(('future_supply__isnull', False)), fields=['future_supply'], name='allocation_by_future_supply'),
        ),
        MakeIndex(
            model_name='shipment',
            index=models.Index(condition=models.Q(('source__isnull', False)), fields=['source'], name='shipment_by_source'),
        ),
        MakeIndex(
            model_name='shipment',
            index=models.Index(condition=models.Q(('pickup_source__isnull', False)), fields=['pickup_source'], name='shipment_by_pickup_source'),
        ),
        MakeIndex(
            model_name='shipment',
            index=models.Index(condition=models.Q(('parent__isnull', False)), fields=['parent'], name='shipment_by_parent'),
        ),
        MakeIndex(
            model_name='shipmentevent',
            index=models.Index(condition=models.Q(('actor__isnull', False)), fields=['actor'], name='shipment_event_by_actor'),
        ),
        DropColumnIndex(
            model_name='allocation',
            name='future_supply',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='inventory.futuresupply', verbose_name='future supply'),
        ),
        DropColumnIndex(
            model_name='allocation',
            name='order_line',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='orders.orderline', verbose_name='order line'),
        ),
        DropColumnIndex(
            model_name='pickscan',
            name='pick_list',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='scans', to='fulfillment.picklist'),
        ),
        DropColumnIndex(
            model_name='receiptshare',
            name='receipt',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='inventory.receipt'),
        ),
        DropColumnIndex(
            model_name='releasedecision',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='fulfillment.releaserun', verbose_name='run'),
        ),
        DropColumnIndex(
            model_name='ruleact',
            name='step',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='acts', to='fulfillment.rulestep', verbose_name='rule of a run'),
        ),
        DropColumnIndex(
            model_name='ruleemail',
            name='step',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='emails', to='fulfillment.rulestep', verbose_name='rule of a run'),
        ),
        DropColumnIndex(
            model_name='rulestep',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='fulfillment.rulerun', verbose_name='rule run'),
        ),
        DropColumnIndex(
            model_name='shipment',
            name='parent',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='fulfillment.shipment', verbose_name='parent'),
        ),
        DropColumnIndex(
            model_name='shipment',
            name='pickup_source',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='pickup source'),
        ),
        DropColumnIndex(
            model_name='shipment',
            name='source',
            field=models.ForeignKey(db_index=False, help_text='The source that ships it. Empty while it is backordered.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='shipments', to='inventory.source', verbose_name='source'),
        ),
        DropColumnIndex(
            model_name='shipment',
            name='stock',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.stock', verbose_name='stock'),
        ),
        DropColumnIndex(
            model_name='shipmentevent',
            name='actor',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor'),
        ),
        DropColumnIndex(
            model_name='shipmentline',
            name='product',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.product', verbose_name='product'),
        ),
        DropColumnIndex(
            model_name='shipmentline',
            name='shipment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='fulfillment.shipment', verbose_name='shipment'),
        ),
        DropColumnIndex(
            model_name='waitingbalance',
            name='pickup_source',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='pickup source'),
        ),
        DropColumnIndex(
            model_name='waitingbalance',
            name='product',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='waiting_balances', to='inventory.product', verbose_name='product'),
        ),
        DropColumnIndex(
            model_name='waitingbalance',
            name='stock',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.stock', verbose_name='stock'),
        ),
    ]
