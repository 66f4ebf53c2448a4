"""Keep pick lists; shipments that leave READY leave theirs, whatever moves them."""

import core.models.columns
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

# Lists are locked in key order, each before its picks, as by who picks.
LEAVE = """
CREATE FUNCTION fulfillment_leave_pick_list() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    list_ids bigint[];
BEGIN
    SELECT array_agg(locked.id) INTO list_ids FROM (
        SELECT list.id FROM fulfillment_picklist AS list
        WHERE list.id IN (
            SELECT pick.pick_list_id
            FROM before_change AS former
            JOIN after_change AS shipment ON shipment.id = former.id
            JOIN fulfillment_pickline AS pick ON pick.shipment_id = shipment.id AND pick.is_open
            WHERE former.state = 'READY' AND NOT former.is_held
              AND (shipment.state <> 'READY' OR shipment.is_held))
        ORDER BY list.id FOR UPDATE) AS locked;
    IF list_ids IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE fulfillment_pickline AS pick
    SET is_open = FALSE, is_put_back = shipment.state <> 'FULFILLED'
    FROM before_change AS former
    JOIN after_change AS shipment ON shipment.id = former.id
    WHERE pick.shipment_id = shipment.id AND pick.is_open
      AND former.state = 'READY' AND NOT former.is_held
      AND (shipment.state <> 'READY' OR shipment.is_held);
    UPDATE fulfillment_picklist AS list SET state = 'CLOSED'
    WHERE list.id = ANY(list_ids) AND list.state = 'OPEN' AND NOT EXISTS (
        SELECT FROM fulfillment_pickline WHERE pick_list_id = list.id AND is_open);
    RETURN NULL;
END
$$;
CREATE TRIGGER leave_pick_list AFTER UPDATE ON fulfillment_shipment
REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change
FOR EACH STATEMENT EXECUTE FUNCTION fulfillment_leave_pick_list()
"""
STAY = """
DROP TRIGGER leave_pick_list ON fulfillment_shipment;
DROP FUNCTION fulfillment_leave_pick_list()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0040_parcels'),
        ('inventory', '0024_pickup_options'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PickList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('OPEN', 'Open'), ('CLOSED', 'Closed')], default='OPEN', max_length=8, verbose_name='state')),
                ('created_at', models.DateTimeField(verbose_name='made at')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='source')),
            ],
            options={
                'verbose_name': 'pick list',
                'verbose_name_plural': 'pick lists',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='PickLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', core.models.columns.QuantityColumn(verbose_name='quantity')),
                ('picked_quantity', core.models.columns.QuantityColumn(default=Decimal('0'), verbose_name='picked quantity')),
                ('is_open', models.BooleanField(default=True, verbose_name='open')),
                ('is_put_back', models.BooleanField(default=False, verbose_name='put back')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='picks', to='fulfillment.shipment', verbose_name='shipment')),
                ('shipment_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='picks', to='fulfillment.shipmentline', verbose_name='shipment line')),
                ('pick_list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='picks', to='fulfillment.picklist', verbose_name='pick list')),
            ],
            options={
                'verbose_name': 'pick',
                'verbose_name_plural': 'picks',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='PickScan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, verbose_name='scan')),
                ('scanned_at', models.DateTimeField(verbose_name='scanned at')),
                ('pick', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fulfillment.pickline')),
                ('pick_list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scans', to='fulfillment.picklist')),
                ('scanned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='scanned by')),
            ],
            options={
                'verbose_name': 'scan',
                'verbose_name_plural': 'scans',
                'ordering': ['pk'],
            },
        ),
        migrations.AddIndex(
            model_name='picklist',
            index=models.Index(fields=['state', 'id'], name='pick_list_by_state'),
        ),
        migrations.AddIndex(
            model_name='pickline',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['shipment'], name='pick_line_open_by_shipment'),
        ),
        migrations.AddConstraint(
            model_name='pickline',
            constraint=models.UniqueConstraint(condition=models.Q(('is_open', True)), fields=('shipment_line',), name='pick_line_on_one_open_list', violation_error_message='A shipment is on at most one open pick list.'),
        ),
        migrations.AddConstraint(
            model_name='pickline',
            constraint=models.CheckConstraint(condition=models.Q(('picked_quantity__gte', 0), ('picked_quantity__lte', models.F('quantity'))), name='pick_line_picked_within_quantity', violation_error_message='No more units are picked than were to be fetched.'),
        ),
        migrations.AddConstraint(
            model_name='pickline',
            constraint=models.CheckConstraint(condition=models.Q(('is_open', True), ('is_put_back', True), _negated=True), name='pick_line_put_back_is_not_open', violation_error_message='Units that are put back are not fetched.'),
        ),
        migrations.AddConstraint(
            model_name='pickscan',
            constraint=models.UniqueConstraint(fields=('pick_list', 'key'), name='pick_scan_once', violation_error_message='This scan is counted already.'),
        ),
        migrations.RunSQL(sql=LEAVE, reverse_sql=STAY),
    ]
