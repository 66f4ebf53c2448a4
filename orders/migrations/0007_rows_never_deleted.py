"""Orders and their lines are never deleted."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0006_indexes_with_readers'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='846d97da14459f71b3ef75bd524924c7b3093c4e', operation='DELETE', pgid='pgtrigger_never_deleted_4fa22', table='orders_order', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orderline',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='04d84ff5373d91960c28095a5165b2aeb598236c', operation='DELETE', pgid='pgtrigger_never_deleted_7635d', table='orders_orderline', when='BEFORE')),
        ),
    ]
