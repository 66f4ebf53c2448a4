"""What runs write is not checked against rows that are never deleted."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    # Each lock is held for one statement, beside processes that read and write.
    atomic = False

    dependencies = [
        ('fulfillment', '0014_indexes_with_readers'),
        ('inventory', '0008_indexes_with_readers'),
        ('orders', '0007_rows_never_deleted'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='shipment',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='ac0608e5ec3c5edbad58906d95a94ba216272514', operation='DELETE', pgid='pgtrigger_never_deleted_d6e92', table='fulfillment_shipment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='shipmentline',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7ea6a67a5418147ecf314d48ff7800f3a4f720cc', operation='DELETE', pgid='pgtrigger_never_deleted_fce09', table='fulfillment_shipmentline', when='BEFORE')),
        ),
        migrations.AlterField(
            model_name='allocation',
            name='order_line',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='orders.orderline', verbose_name='order line'),
        ),
        migrations.AlterField(
            model_name='allocation',
            name='shipment_line',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='fulfillment.shipmentline', verbose_name='shipment line'),
        ),
        migrations.AlterField(
            model_name='releasedecision',
            name='shipment',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='fulfillment.shipment', verbose_name='shipment'),
        ),
        migrations.AlterField(
            model_name='shipment',
            name='order',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='shipments', to='orders.order', verbose_name='order'),
        ),
        migrations.AlterField(
            model_name='shipment',
            name='parent',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='fulfillment.shipment', verbose_name='parent'),
        ),
        migrations.AlterField(
            model_name='shipment',
            name='stock',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='inventory.stock', verbose_name='stock'),
        ),
        migrations.AlterField(
            model_name='shipmentevent',
            name='shipment',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='fulfillment.shipment'),
        ),
        migrations.AlterField(
            model_name='shipmentline',
            name='order_line',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='shipment_lines', to='orders.orderline', verbose_name='order line'),
        ),
        migrations.AlterField(
            model_name='shipmentline',
            name='product',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='inventory.product', verbose_name='product'),
        ),
        migrations.AlterField(
            model_name='shipmentline',
            name='shipment',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='fulfillment.shipment', verbose_name='shipment'),
        ),
    ]
