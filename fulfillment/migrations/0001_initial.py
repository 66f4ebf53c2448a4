"""The tables of shipments, release runs and everything done with them."""

import core.models.columns
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import fulfillment.models.carrier
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


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
            JOIN fulfillment_pickline AS pick ON pick.shipment_id = shipment.id
                AND (pick.is_open OR NOT pick.is_put_back)
            WHERE (former.state = 'FULFILLED' OR former.state = 'READY' AND NOT former.is_held)
              AND (shipment.state <> 'READY' OR shipment.is_held)
              AND (pick.is_open OR shipment.state <> 'FULFILLED'))
        ORDER BY list.id FOR UPDATE) AS locked;
    IF list_ids IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE fulfillment_pickline AS pick
    SET is_open = FALSE, is_put_back = shipment.state <> 'FULFILLED'
    FROM before_change AS former
    JOIN after_change AS shipment ON shipment.id = former.id
    WHERE pick.shipment_id = shipment.id AND (pick.is_open OR NOT pick.is_put_back)
      AND (former.state = 'FULFILLED' OR former.state = 'READY' AND NOT former.is_held)
      AND (shipment.state <> 'READY' OR shipment.is_held)
      AND (pick.is_open OR shipment.state <> 'FULFILLED');
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
    initial = True

    dependencies = [
        ('auth', '__first__'),
        ('core', '0001_initial'),
        ('django_celery_beat', '0019_alter_periodictasks_options'),
        ('inventory', '0001_initial'),
        ('orders', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='ArrivalNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inventory.product', verbose_name='product')),
                ('noted_in', models.BigIntegerField(db_default=models.Func(output_field=models.BigIntegerField(), template='pg_current_xact_id()::text::bigint'), help_text="The number of the database's transaction.", verbose_name='noted in')),
            ],
            options={
                'verbose_name': 'arrival notice',
                'verbose_name_plural': 'arrival notices',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('product', 'noted_in'), name='arrival_notice_once_a_transaction')],
            },
        ),
        migrations.CreateModel(
            name='Carrier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(db_collation='C', help_text='Names the carrier in files and over the API; fixed after creation.', max_length=64, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code')),
                ('name', models.CharField(help_text='The name that customers read.', max_length=100, verbose_name='name')),
                ('tracking_url', models.CharField(blank=True, help_text='The https address that shows where a parcel is, with {number} in place of the tracking number. Empty: customers get the number without a link.', max_length=300, validators=[fulfillment.models.carrier.refuse_wrong_link], verbose_name='tracking link')),
                ('is_enabled', models.BooleanField(default=True, help_text='A disabled carrier is not offered for new parcels.', verbose_name='enabled')),
            ],
            options={
                'verbose_name': 'carrier',
                'verbose_name_plural': 'carriers',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DailyFigures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(unique=True, verbose_name='day')),
                ('released_count', models.PositiveIntegerField(default=0, verbose_name='shipments released')),
                ('ordered_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='units ordered')),
                ('backordered_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='units backordered at placement')),
                ('low_item_count', models.PositiveIntegerField(default=0, verbose_name='low source items')),
                ('overdue_supply_count', models.PositiveIntegerField(default=0, verbose_name='overdue future supply')),
                ('payment_hold_count', models.PositiveIntegerField(default=0, verbose_name='shipments held for payment')),
                ('unknown_payment_count', models.PositiveIntegerField(default=0, verbose_name='payments with an unknown outcome')),
                ('failed_email_count', models.PositiveIntegerField(default=0, verbose_name='e-mails that failed')),
                ('queued_email_count', models.PositiveIntegerField(default=0, verbose_name='e-mails in the queue')),
                ('overtaken_count', models.PositiveIntegerField(default=0, verbose_name='old shipments passed by newer ones')),
                ('refreshed_at', models.DateTimeField(verbose_name='counted at')),
            ],
            options={
                'verbose_name': 'figures of a day',
                'verbose_name_plural': 'figures by day',
                'ordering': ['-on'],
            },
        ),
        migrations.CreateModel(
            name='DemandDigest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.EmailField(max_length=254, verbose_name='recipient')),
                ('subject', models.CharField(blank=True, max_length=300, verbose_name='subject')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('state', models.CharField(choices=[('QUEUED', 'Queued'), ('SENDING', 'Being sent'), ('SENT', 'Sent'), ('FAILED', 'Failed'), ('UNKNOWN', 'Outcome unknown'), ('BOUNCED', 'Bounced'), ('LEFT_OUT', 'Left out')], default='QUEUED', max_length=16, verbose_name='state')),
                ('attempt_count', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('last_error', models.CharField(blank=True, max_length=500, verbose_name='last error')),
                ('next_attempt_at', models.DateTimeField(verbose_name='next attempt at')),
                ('claimed_at', models.DateTimeField(blank=True, null=True, verbose_name='last attempt at')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('day', models.DateField(verbose_name='day')),
            ],
            options={
                'verbose_name': 'demand e-mail',
                'verbose_name_plural': 'demand e-mails',
                'ordering': ['-day', 'pk'],
                'permissions': [('receive_demanddigest', 'Can receive the weekly digest of demand')],
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('state', 'QUEUED')), fields=['next_attempt_at', 'id'], name='demanddigest_due'), models.Index(condition=models.Q(('state', 'SENDING')), fields=['claimed_at'], name='demanddigest_sending'), models.Index(condition=models.Q(('state__in', ['FAILED', 'UNKNOWN', 'BOUNCED'])), fields=['id'], name='demanddigest_troubled')],
                'constraints': [models.UniqueConstraint(fields=('day', 'recipient'), name='demand_digest_once_a_day', violation_error_message='This digest of the day is there already.'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'SENT')), models.Q(models.Q(('state', 'SENT'), _negated=True), ('sent_at', None)), _connector='OR'), name='demand_digest_sent_with_a_time', violation_error_message='A digest that was sent has the time it was.')],
            },
        ),
        migrations.CreateModel(
            name='PickList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='source')),
                ('state', models.CharField(choices=[('OPEN', 'Open'), ('CLOSED', 'Closed')], default='OPEN', max_length=8, verbose_name='state')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('created_at', models.DateTimeField(verbose_name='made at')),
            ],
            options={
                'verbose_name': 'pick list',
                'verbose_name_plural': 'pick lists',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', 'id'], name='pick_list_by_state')],
            },
        ),
        migrations.CreateModel(
            name='ReleaseRun',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='core.job', verbose_name='job')),
                ('trigger', models.CharField(choices=[('SCHEDULE', 'Schedule'), ('STAFF', 'Staff'), ('API', 'API'), ('COMMAND', 'Command'), ('ARRIVAL', 'Arrival')], max_length=16, verbose_name='trigger')),
                ('is_dry_run', models.BooleanField(default=False, verbose_name='dry run')),
                ('reason', models.CharField(blank=True, help_text='Why somebody asked for it.', max_length=500, verbose_name='reason')),
                ('scope', models.JSONField(blank=True, default=dict, help_text='The limits of the run. Empty means all shipments.', verbose_name='scope')),
                ('settings_in_force', models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='settings in force')),
                ('released_count', models.PositiveIntegerField(default=0, verbose_name='released')),
                ('split_count', models.PositiveIntegerField(default=0, verbose_name='split')),
                ('future_count', models.PositiveIntegerField(default=0, verbose_name='promised from future supply')),
                ('waiting_count', models.PositiveIntegerField(default=0, verbose_name='waiting')),
                ('failed_count', models.PositiveIntegerField(default=0, verbose_name='failed')),
                ('message_code', models.CharField(blank=True, choices=[('RELEASE_OFF', 'Release Backorders is off.'), ('ANOTHER_RUN', 'Another run was going on.'), ('INVALID_FILTER', 'The filter “%(filter)s” is not understood, in: %(names)s'), ('UNKNOWN_FILTER', 'There is no filter “%(names)s”. There are: %(known)s'), ('CANCELED', 'Canceled while it ran.'), ('WORKER_STOPPED', 'It was interrupted. Its saved work stays, and a later run does the rest.'), ('GIVEN_UP', 'It was interrupted at each of %(attempts)s attempts. It is not started again.'), ('ERROR', 'An error ended it: %(error)s'), ('COMPARING', 'Comparing with the dry run. Nothing is written yet.'), ('APPLYING', 'Applying all decisions of the dry run, or none.'), ('DRIFTED', 'Stock or orders have changed since the dry run. Nothing was applied.'), ('STILL_HELD', 'Unchanged decisions were applied. The others were skipped.'), ('NOT_APPLIED', 'Canceled: nothing was applied.')], max_length=24, verbose_name="message's code")),
                ('message_values', models.JSONField(blank=True, default=dict, verbose_name="message's values")),
                ('drift', models.JSONField(blank=True, default=list, help_text='The first shipments whose outcome differs from the dry run.', verbose_name='drift')),
                ('replaces', models.ForeignKey(help_text='The interrupted run that this run continues.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='fulfillment.releaserun', verbose_name='replaces')),
            ],
            options={
                'verbose_name': 'release run',
                'verbose_name_plural': 'release runs',
                'ordering': ['-pk'],
            },
            bases=('core.job',),
        ),
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.BigIntegerField(db_default=models.Func(models.Value('core_version'), function='nextval'), editable=False, verbose_name='version')),
                ('number', models.CharField(max_length=48, unique=True, verbose_name='number')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shipments', to='orders.order', verbose_name='order')),
                ('stock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.stock', verbose_name='stock')),
                ('source', models.ForeignKey(help_text='The source that ships it. Empty while it is backordered.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='shipments', to='inventory.source', verbose_name='source')),
                ('pickup_source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='pickup source')),
                ('state', models.CharField(choices=[('READY', 'Ready'), ('BACKORDER', 'Backorder'), ('FUTURE', 'Future'), ('CUSTOMER_CARE', 'Customer care'), ('REASSIGNED', 'Reassigned'), ('FULFILLED', 'Fulfilled'), ('CANCELED', 'Canceled')], max_length=16, verbose_name='state')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='fulfillment.shipment', verbose_name='parent')),
                ('is_held', models.BooleanField(default=False, verbose_name='held')),
                ('hold_reason', models.CharField(blank=True, choices=[('STAFF', 'Held by staff'), ('PAYMENT', 'Held for payment'), ('CHANGE', 'Held for an order change')], max_length=16, verbose_name='hold reason')),
                ('hold_note', models.CharField(blank=True, max_length=500, verbose_name='hold note')),
                ('awaits_payment', models.BooleanField(db_default=False, default=False, help_text='The payment must be authorized again before it ships.', verbose_name='awaits payment')),
                ('payment_retry_at', models.DateTimeField(blank=True, help_text='When the payment is requested again. The shipment is not released before. Empty means that staff decide.', null=True, verbose_name='payment asked again at')),
                ('payment_refusal_count', models.PositiveIntegerField(db_default=0, default=0, verbose_name='payment refusals')),
                ('care_reason', models.CharField(blank=True, max_length=500, verbose_name='customer care reason')),
                ('priority', models.IntegerField(default=0, verbose_name='priority')),
                ('backordered_since', models.DateTimeField(blank=True, null=True, verbose_name='backordered since')),
                ('expected_on', models.DateField(blank=True, null=True, verbose_name='expected on')),
                ('is_expected_on_fixed', models.BooleanField(default=False, help_text='Release runs do not change a date set by staff.', verbose_name='expected date set by staff')),
                ('preorder_on', models.DateField(blank=True, help_text='The release date that a pre-order waits for. It is not released before.', null=True, verbose_name='pre-order for')),
                ('has_known_supply', models.BooleanField(db_default=False, default=False, help_text='Known supply covers the shipment by the expected date.', verbose_name='known supply for the expected date')),
                ('missed_promise_count', models.PositiveIntegerField(db_default=0, default=0, help_text='How many expected dates passed before the shipment was sent.', verbose_name='missed promises')),
                ('spell', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict, editable=False, help_text='The rules that acted since the shipment last fell into waiting, each with the day of its last act.', verbose_name='waiting spell')),
                ('assignee', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assigned to')),
                ('amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='value')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released at')),
                ('set_aside_at', models.DateTimeField(blank=True, help_text='When the store had the units ready for the customer to collect.', null=True, verbose_name='set aside at')),
                ('slip_printed_at', models.DateTimeField(blank=True, help_text='When the packing slip of its units was last printed.', null=True, verbose_name='packing slip printed at')),
                ('collect_by', models.DateField(blank=True, help_text='The last day on which the store keeps the units for the customer.', null=True, verbose_name='kept until')),
                ('is_slip_out_of_date', models.BooleanField(db_default=False, default=False, help_text='The order has changed since the packing slip was printed. Print it again first.', verbose_name='packing slip out of date')),
                ('fulfilled_at', models.DateTimeField(blank=True, null=True, verbose_name='fulfilled at')),
                ('shipped_to', models.JSONField(editable=False, help_text='The address that it was shipped to. Changes of the order leave it.', null=True, verbose_name='shipped to')),
            ],
            options={
                'verbose_name': 'shipment',
                'verbose_name_plural': 'shipments',
                'ordering': ['-pk'],
                'indexes': [models.Index(models.OrderBy(models.F('priority'), descending=True), models.F('backordered_since'), models.F('id'), condition=models.Q(('state__in', ['BACKORDER', 'FUTURE'])), name='shipment_queue'), models.Index(condition=models.Q(('state__in', ['BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['backordered_since', 'id'], name='shipment_waiting_by_age'), models.Index(condition=models.Q(('state__in', ['BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['amount', 'id'], name='shipment_waiting_by_value'), models.Index(condition=models.Q(('state__in', ['BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['expected_on', 'id'], name='shipment_waiting_by_expected'), models.Index(condition=models.Q(('expected_on__isnull', False), ('state__in', ['READY', 'BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['expected_on', 'id'], name='shipment_open_by_expected'), models.Index(condition=models.Q(('is_expected_on_fixed', True), ('state', 'BACKORDER')), fields=['id'], name='shipment_date_fixed'), models.Index(condition=models.Q(('state__in', ['READY', 'BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['id'], name='shipment_open_newest'), models.Index(condition=models.Q(('state__in', ['READY', 'BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['number', 'id'], name='shipment_open_by_number'), models.Index(condition=models.Q(('state__in', ['READY', 'BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['is_held', 'id'], name='shipment_open_by_held'), models.Index(fields=['state', 'id'], name='shipment_by_state'), models.Index(condition=models.Q(('is_held', False), ('state', 'READY')), fields=['order'], name='shipment_to_ship'), models.Index(condition=models.Q(('collect_by__isnull', False), ('is_held', False), ('state', 'READY')), fields=['collect_by', 'id'], name='shipment_to_be_collected'), models.Index(condition=models.Q(('is_held', True)), fields=['hold_reason', 'id'], name='shipment_held'), models.Index(condition=models.Q(('awaits_payment', True)), fields=['payment_retry_at'], name='shipment_awaiting_payment'), models.Index(condition=models.Q(('assignee__isnull', False)), fields=['assignee', 'id'], name='shipment_assigned'), models.Index(condition=models.Q(('released_at__isnull', False)), fields=['released_at'], name='shipment_by_release'), models.Index(condition=models.Q(('state', 'FULFILLED')), fields=['fulfilled_at'], name='shipment_by_fulfillment')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('source__isnull', False), ('state__in', ['READY', 'FUTURE', 'FULFILLED'])), models.Q(('source', None), ('state__in', ['BACKORDER', 'CUSTOMER_CARE'])), ('state__in', ['REASSIGNED', 'CANCELED']), _connector='OR'), name='shipment_source_only_where_units_are_set_aside', violation_error_message='A shipment that waits has no source; others have one.'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['BACKORDER', 'FUTURE', 'CUSTOMER_CARE']), _negated=True), ('backordered_since__isnull', False), _connector='OR'), name='shipment_waiting_knows_since_when', violation_error_message='A shipment that waits knows since when.'), models.CheckConstraint(condition=models.Q(models.Q(('hold_reason', ''), ('is_held', False)), models.Q(('is_held', True), ('state__in', ['READY', 'BACKORDER', 'FUTURE']), models.Q(('hold_reason', ''), _negated=True)), models.Q(('hold_reason', 'CHANGE'), ('is_held', True), ('state', 'CUSTOMER_CARE')), _connector='OR'), name='shipment_held_with_a_reason', violation_error_message='Only ready, backorder and future shipments are held.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'CUSTOMER_CARE'), _negated=True), models.Q(('care_reason', ''), _negated=True), _connector='OR'), name='shipment_customer_care_has_a_reason', violation_error_message='An exception for customer care needs a reason.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'FULFILLED'), _negated=True), ('fulfilled_at__isnull', False), _connector='OR'), name='shipment_fulfilled_knows_when', violation_error_message='A fulfilled shipment knows when.'), models.CheckConstraint(condition=models.Q(('set_aside_at', None), models.Q(('pickup_source__isnull', False), models.Q(('state__in', ['BACKORDER', 'FUTURE', 'CUSTOMER_CARE']), _negated=True)), _connector='OR'), name='shipment_set_aside_is_for_pickup_and_waits_for_no_units', violation_error_message='Only ready shipments for pickup are set aside.'), models.CheckConstraint(condition=models.Q(('collect_by', None), ('set_aside_at__isnull', False), _connector='OR'), name='shipment_kept_for_its_customer_is_set_aside', violation_error_message='Only shipments that are set aside are kept until a day.'), models.CheckConstraint(condition=models.Q(('is_slip_out_of_date', False), ('slip_printed_at__isnull', False), _connector='OR'), name='shipment_slip_out_of_date_was_printed', violation_error_message='Only a printed packing slip is out of date.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'CANCELED'), _negated=True), ('expected_on', None), _connector='OR'), name='shipment_canceled_is_not_expected', violation_error_message='A canceled shipment has no expected date.'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='shipment_amount_not_negative', violation_error_message='A value is never negative.')],
            },
        ),
        migrations.CreateModel(
            name='SupplyOutlook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(unique=True, verbose_name='position')),
                ('period', models.CharField(choices=[('PAST', 'Overdue'), ('WEEK', 'Week'), ('LATER', 'Later'), ('NO_DATE', 'No date')], max_length=16, verbose_name='period')),
                ('begins_on', models.DateField(blank=True, null=True, verbose_name='begins on')),
                ('incoming_quantity', models.DecimalField(decimal_places=4, default=0, max_digits=20, verbose_name='incoming units')),
                ('waiting_quantity', models.DecimalField(decimal_places=4, default=0, max_digits=20, verbose_name='backordered units')),
            ],
            options={
                'verbose_name': 'supply outlook',
                'verbose_name_plural': 'supply outlook',
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='WaitingBalance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.stock', verbose_name='stock')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waiting_balances', to='inventory.product', verbose_name='product')),
                ('pickup_source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='pickup source')),
                ('quantity', core.models.columns.QuantityColumn(default=0, verbose_name='quantity')),
            ],
            options={
                'verbose_name': 'waiting balance',
                'verbose_name_plural': 'waiting balances',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('product', 'stock', 'pickup_source'), name='waiting_balance_once_per_queue', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('quantity__gte', 0)), name='waiting_balance_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='WaitingFigures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='day')),
                ('band', models.CharField(choices=[('WEEK', '0–7 days'), ('FORTNIGHT', '8–14 days'), ('MONTH', '15–30 days'), ('OLDER', 'Over 30 days')], max_length=16, verbose_name='age')),
                ('state', models.CharField(choices=[('READY', 'Ready'), ('BACKORDER', 'Backorder'), ('FUTURE', 'Future'), ('CUSTOMER_CARE', 'Customer care'), ('REASSIGNED', 'Reassigned'), ('FULFILLED', 'Fulfilled'), ('CANCELED', 'Canceled')], max_length=16, verbose_name='state')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('count', models.PositiveIntegerField(verbose_name='shipments')),
                ('held_count', models.PositiveIntegerField(verbose_name='held')),
                ('amount', models.DecimalField(decimal_places=3, default=Decimal('0.00'), max_digits=21, verbose_name='value')),
                ('oldest_since', models.DateTimeField(verbose_name='oldest since')),
            ],
            options={
                'verbose_name': 'backorder figures',
                'verbose_name_plural': 'backorder figures',
                'ordering': ['-on', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('on', 'band', 'state', 'currency'), name='waiting_figures_once')],
            },
        ),
        migrations.CreateModel(
            name='WaitingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.BigIntegerField(db_default=models.Func(models.Value('core_version'), function='nextval'), editable=False, verbose_name='version')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('description', models.TextField(blank=True, db_default='', max_length=500, verbose_name='description')),
                ('position', models.PositiveIntegerField(default=100, help_text='Rules with a lower position act first.', verbose_name='position')),
                ('is_enabled', models.BooleanField(default=False, verbose_name='enabled')),
                ('age_days_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='age in days, at least')),
                ('overdue_days_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='days after the agreed date, at least')),
                ('missed_promises_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='missed promises, at least')),
                ('value_min', core.models.columns.MoneyColumn(blank=True, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='value, at least')),
                ('state', models.CharField(blank=True, choices=[('BACKORDER', 'Backorder'), ('FUTURE', 'Future'), ('CUSTOMER_CARE', 'Customer care')], max_length=16, verbose_name='state')),
                ('channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.saleschannel', verbose_name='sales channel')),
                ('stock', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.stock', verbose_name='stock')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='source')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.product', verbose_name='product')),
                ('method', models.CharField(blank=True, choices=[('SHIP_TO_HOME', 'Ship to home'), ('PICKUP', 'Pickup')], max_length=16, verbose_name='fulfillment method')),
                ('has_unanswered_request', models.BooleanField(db_default=False, default=False, verbose_name='customer was asked about a delay and did not answer')),
                ('expires_within_days', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='authorization expires within days')),
                ('action', models.CharField(choices=[('RAISE_PRIORITY', 'Raise the priority'), ('SET_PRIORITY', 'Set the priority'), ('CUSTOMER_CARE', 'Send to customer care'), ('ASSIGN', 'Assign to a person'), ('HOLD', 'Hold'), ('TELL_CUSTOMER', 'E-mail the customer again'), ('EMAIL', 'E-mail staff'), ('CANCEL', 'Cancel and refund')], max_length=16, verbose_name='action')),
                ('raise_by', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='raise the priority by')),
                ('raise_up_to', models.IntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-1000000), django.core.validators.MaxValueValidator(1000000)], verbose_name='raise up to')),
                ('priority', models.IntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-1000000), django.core.validators.MaxValueValidator(1000000)], verbose_name='priority')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='customer care reason')),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assign to')),
                ('recipients', models.TextField(blank=True, help_text='One or several, separated by commas.', max_length=2000, verbose_name='e-mail addresses of staff')),
                ('repeat_days', models.PositiveIntegerField(blank=True, help_text='Empty: the rule acts once on a shipment, until the shipment is ready and waits again.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='act again after days')),
            ],
            options={
                'verbose_name': 'rule',
                'verbose_name_plural': 'rules',
                'ordering': ['position', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('age_days_min__isnull', False), ('overdue_days_min__isnull', False), ('missed_promises_min__isnull', False), ('value_min__isnull', False), models.Q(('state', ''), _negated=True), ('channel__isnull', False), ('stock__isnull', False), ('source__isnull', False), ('product__isnull', False), models.Q(('method', ''), _negated=True), ('has_unanswered_request', True), ('expires_within_days__isnull', False), _connector='OR'), name='waiting_rule_has_a_condition', violation_error_message='A rule needs at least one condition.'), models.CheckConstraint(condition=models.Q(models.Q(('action', 'RAISE_PRIORITY'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), ('raise_by__isnull', False), ('raise_up_to__isnull', False), ('reason', ''), ('recipients', '')), models.Q(('action', 'SET_PRIORITY'), models.Q(('assignee__isnull', False), _negated=True), ('priority__isnull', False), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'CUSTOMER_CARE'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), models.Q(('reason', ''), _negated=True), ('recipients', '')), models.Q(('action', 'ASSIGN'), models.Q(('assignee__isnull', False), ('is_enabled', False), _connector='OR'), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'HOLD'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'TELL_CUSTOMER'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'EMAIL'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), models.Q(models.Q(('recipients', ''), _negated=True), ('is_enabled', False), _connector='OR')), models.Q(('action', 'CANCEL'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), _connector='OR'), name='waiting_rule_action_has_its_values', violation_error_message='An action has its own values, and no others.')],
            },
        ),
        migrations.CreateModel(
            name='ScheduledWork',
            fields=[
            ],
            options={
                'verbose_name': 'scheduled work',
                'verbose_name_plural': 'scheduled work',
                'proxy': True,
            },
            bases=('django_celery_beat.periodictask',),
        ),
        migrations.CreateModel(
            name='CarrierEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='fulfillment.carrier')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(db_collation='C', help_text='Names the carrier in files and over the API; fixed after creation.', max_length=64, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code')),
                ('name', models.CharField(help_text='The name that customers read.', max_length=100, verbose_name='name')),
                ('tracking_url', models.CharField(blank=True, help_text='The https address that shows where a parcel is, with {number} in place of the tracking number. Empty: customers get the number without a link.', max_length=300, validators=[fulfillment.models.carrier.refuse_wrong_link], verbose_name='tracking link')),
                ('is_enabled', models.BooleanField(default=True, help_text='A disabled carrier is not offered for new parcels.', verbose_name='enabled')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at', 'pgh_id'], name='carrier_changes')],
            },
        ),
        migrations.CreateModel(
            name='DelayRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delay_requests', to='orders.order', verbose_name='order')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fulfillment.shipment', verbose_name='shipment')),
                ('ordinal', models.PositiveSmallIntegerField(help_text='Counts the requests about these units, from 1.', verbose_name='request number')),
                ('agreed_on', models.DateField(verbose_name='agreed date')),
                ('new_on', models.DateField(blank=True, help_text='Empty means no date yet.', null=True, verbose_name='new date')),
                ('silence', models.CharField(choices=[('AGREES', 'Agrees to the delay'), ('CANCELS', 'Cancels the units')], max_length=8, verbose_name='no answer')),
                ('answer_by', models.DateField(verbose_name='answer by')),
                ('is_asked_too_late', models.BooleanField(default=False, verbose_name='asked too late')),
                ('state', models.CharField(choices=[('OPEN', 'Open'), ('AGREED', 'Customer agreed'), ('AGREED_BY_SILENCE', 'Agreed by silence'), ('CANCELED', 'Customer canceled'), ('CANCELED_BY_SILENCE', 'Canceled by silence'), ('SHIPPED', 'Shipped in time'), ('LAPSED', 'No longer needed')], default='OPEN', max_length=24, verbose_name='state')),
                ('answer', models.CharField(blank=True, choices=[('WAIT_UNTIL', 'Wait until the new date'), ('WAIT', 'Wait as long as it takes'), ('CANCEL', 'Cancel these units')], max_length=16, verbose_name='answer')),
                ('email', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='delay_requests', to='orders.orderemail', verbose_name='last e-mail')),
                ('money_back_by', models.DateField(blank=True, help_text="Without the customer's consent, the money must be back by this day.", null=True, verbose_name='money back by')),
                ('opened_at', models.DateTimeField(verbose_name='opened at')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
            ],
            options={
                'verbose_name': 'delay request',
                'verbose_name_plural': 'delay requests',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'OPEN')), fields=['answer_by', 'id'], name='delay_request_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'OPEN')), models.Q(models.Q(('state', 'OPEN'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='delay_request_open_or_closed', violation_error_message='A closed delay request knows since when.'), models.CheckConstraint(condition=models.Q(('ordinal__gte', 1)), name='delay_request_counts_from_1', violation_error_message='Requests are counted from 1.'), models.CheckConstraint(condition=models.Q(('silence', 'CANCELS'), models.Q(('is_asked_too_late', False), ('new_on__isnull', False), ('ordinal', 1)), _connector='OR'), name='delay_request_silence_agrees_once', violation_error_message='Silence agrees to a first, dated delay alone.')],
            },
        ),
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parcels', to='fulfillment.shipment', verbose_name='shipment')),
                ('carrier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parcels', to='fulfillment.carrier', verbose_name='carrier')),
                ('tracking_number', models.CharField(blank=True, max_length=50, verbose_name='tracking number')),
                ('weight', core.models.columns.QuantityColumn(blank=True, null=True, verbose_name='weight in kilograms')),
            ],
            options={
                'verbose_name': 'parcel',
                'verbose_name_plural': 'parcels',
                'ordering': ['pk'],
                'indexes': [models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('tracking_number'), 'text_pattern_ops'), name='parcel_by_beginning')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('tracking_number', ''), _negated=True), fields=('shipment', 'carrier', 'tracking_number'), name='parcel_number_once_per_shipment', violation_error_message='The shipment already has a parcel with this number.'), models.CheckConstraint(condition=models.Q(('weight', None), ('weight__gt', 0), _connector='OR'), name='parcel_weight_positive', violation_error_message='A weight is more than 0.')],
            },
        ),
        migrations.CreateModel(
            name='ReleaseDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='fulfillment.releaserun', verbose_name='run')),
                ('shipment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='fulfillment.shipment', verbose_name='shipment')),
                ('position', models.PositiveIntegerField(verbose_name='position in the queue')),
                ('outcome', models.CharField(choices=[('RELEASED', 'Released'), ('PARTLY_RELEASED', 'Partly released'), ('WAITING', 'Waiting'), ('FAILED', 'Failed')], max_length=16, verbose_name='outcome')),
                ('detail', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='detail')),
                ('explains_wait', models.BooleanField(db_default=False, default=False, help_text='Not set for dry runs, or for decisions made before the shipment last returned to the queue.', verbose_name='gives the reason')),
            ],
            options={
                'verbose_name': 'release decision',
                'verbose_name_plural': 'release decisions',
                'ordering': ['run', 'position', 'pk'],
                'indexes': [models.Index(fields=['shipment', '-id'], name='release_decision_latest'), models.Index(condition=models.Q(('explains_wait', True)), fields=['shipment', '-id'], name='release_decision_explaining')],
                'constraints': [models.UniqueConstraint(fields=('run', 'shipment'), name='release_decision_once')],
            },
        ),
        migrations.CreateModel(
            name='ScheduledWorkEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='fulfillment.scheduledwork')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.IntegerField()),
                ('name', models.CharField(help_text='Short Description For This Task', max_length=200, verbose_name='Name')),
                ('task', models.CharField(help_text='The Name of the Celery Task that Should be Run.  (Example: "proj.tasks.import_contacts")', max_length=200, verbose_name='Task Name')),
                ('interval', models.ForeignKey(blank=True, db_constraint=False, help_text='Interval Schedule to run the task on.  Set only one schedule type, leave the others null.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='django_celery_beat.intervalschedule', verbose_name='Interval Schedule')),
                ('crontab', models.ForeignKey(blank=True, db_constraint=False, help_text='Crontab Schedule to run the task on.  Set only one schedule type, leave the others null.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='django_celery_beat.crontabschedule', verbose_name='Crontab Schedule')),
                ('solar', models.ForeignKey(blank=True, db_constraint=False, help_text='Solar Schedule to run the task on.  Set only one schedule type, leave the others null.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='django_celery_beat.solarschedule', verbose_name='Solar Schedule')),
                ('clocked', models.ForeignKey(blank=True, db_constraint=False, help_text='Clocked Schedule to run the task on.  Set only one schedule type, leave the others null.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='django_celery_beat.clockedschedule', verbose_name='Clocked Schedule')),
                ('args', models.TextField(blank=True, default='[]', help_text='JSON encoded positional arguments (Example: ["arg1", "arg2"])', verbose_name='Positional Arguments')),
                ('kwargs', models.TextField(blank=True, default='{}', help_text='JSON encoded keyword arguments (Example: {"argument": "value"})', verbose_name='Keyword Arguments')),
                ('queue', models.CharField(blank=True, default=None, help_text='Queue defined in CELERY_TASK_QUEUES. Leave None for default queuing.', max_length=200, null=True, verbose_name='Queue Override')),
                ('exchange', models.CharField(blank=True, default=None, help_text='Override Exchange for low-level AMQP routing', max_length=200, null=True, verbose_name='Exchange')),
                ('routing_key', models.CharField(blank=True, default=None, help_text='Override Routing Key for low-level AMQP routing', max_length=200, null=True, verbose_name='Routing Key')),
                ('headers', models.TextField(blank=True, default='{}', help_text='JSON encoded message headers for the AMQP message.', verbose_name='AMQP Message Headers')),
                ('priority', models.PositiveIntegerField(blank=True, default=None, help_text='Priority Number between 0 and 255. Supported by: RabbitMQ, Redis (priority reversed, 0 is highest).', null=True, validators=[django.core.validators.MaxValueValidator(255)], verbose_name='Priority')),
                ('expires', models.DateTimeField(blank=True, help_text='Datetime after which the schedule will no longer trigger the task to run', null=True, verbose_name='Expires Datetime')),
                ('expire_seconds', models.PositiveIntegerField(blank=True, help_text='Timedelta with seconds which the schedule will no longer trigger the task to run', null=True, verbose_name='Expires timedelta with seconds')),
                ('one_off', models.BooleanField(default=False, help_text='If True, the schedule will only run the task a single time', verbose_name='One-off Task')),
                ('start_time', models.DateTimeField(blank=True, help_text='Datetime when the schedule should begin triggering the task to run', null=True, verbose_name='Start Datetime')),
                ('enabled', models.BooleanField(default=True, help_text='Set to False to disable the schedule', verbose_name='Enabled')),
                ('description', models.TextField(blank=True, help_text='Detailed description about the details of this Periodic Task', verbose_name='Description')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at', 'pgh_id'], name='scheduledwork_changes')],
            },
        ),
        migrations.CreateModel(
            name='ShipmentEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='fulfillment.shipment')),
                ('kind', models.CharField(choices=[('CREATED', 'Created'), ('RELEASED', 'Released'), ('RELEASED_AHEAD', 'Released ahead of the queue'), ('RELEASED_IN_PART', 'Released in part'), ('HELD', 'Held'), ('HOLD_LIFTED', 'Hold lifted'), ('REASSIGNED', 'Reassigned'), ('BACKORDERED', 'Moved to backorder'), ('PROMISED_AGAIN', 'Promised incoming units again'), ('BAR_LIFTED', 'Bar of a source lifted'), ('CUSTOMER_CARE', 'Sent to customer care'), ('PRIORITY_SET', 'Priority set'), ('ASSIGNED', 'Assigned'), ('EXPECTED_DATE_SET', 'Expected date set'), ('SET_ASIDE', 'Set aside for pickup'), ('SLIP_PRINTED', 'Packing slip printed'), ('DELAY_ASKED', 'Customer asked about a delay'), ('DELAY_DECIDED', 'Delay request decided'), ('RULE', 'Rule applied'), ('FULFILLED', 'Fulfilled'), ('FULFILLMENT_UNDONE', 'Shipping undone'), ('PARCEL_ADDED', 'Parcel added'), ('PARCEL_CHANGED', 'Parcel corrected'), ('PARCEL_REMOVED', 'Parcel removed'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT', 'Payment')], max_length=24, verbose_name='kind')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('detail', models.JSONField(blank=True, default=dict, verbose_name='detail')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
                ('created_at', models.DateTimeField(verbose_name='time')),
            ],
            options={
                'verbose_name': 'shipment event',
                'verbose_name_plural': 'shipment events',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('kind__in', ['CANCELED', 'REFUNDED'])), fields=['created_at'], name='shipment_event_canceled')],
            },
        ),
        migrations.CreateModel(
            name='ShipmentNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000, verbose_name='note')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('created_at', models.DateTimeField(verbose_name='time')),
                ('token', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='fulfillment.shipment')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='shipmentnote_says_something', violation_error_message='A note has a text.')],
            },
        ),
        migrations.CreateModel(
            name='SourceBar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bars', to='fulfillment.shipment', verbose_name='shipment')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='source')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.product', verbose_name='product')),
                ('created_at', models.DateTimeField(verbose_name='barred since')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='barred by')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lifted by')),
            ],
            options={
                'verbose_name': 'source bar',
                'verbose_name_plural': 'source bars',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['source', 'product'], name='source_bar_in_force')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('shipment', 'source', 'product'), name='source_bar_once_while_in_force', violation_error_message='This source is barred already.')],
            },
        ),
        migrations.CreateModel(
            name='WaitingRuleEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='fulfillment.waitingrule')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('description', models.TextField(blank=True, db_default='', max_length=500, verbose_name='description')),
                ('position', models.PositiveIntegerField(default=100, help_text='Rules with a lower position act first.', verbose_name='position')),
                ('is_enabled', models.BooleanField(default=False, verbose_name='enabled')),
                ('age_days_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='age in days, at least')),
                ('overdue_days_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='days after the agreed date, at least')),
                ('missed_promises_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='missed promises, at least')),
                ('value_min', core.models.columns.MoneyColumn(blank=True, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='value, at least')),
                ('state', models.CharField(blank=True, choices=[('BACKORDER', 'Backorder'), ('FUTURE', 'Future'), ('CUSTOMER_CARE', 'Customer care')], max_length=16, verbose_name='state')),
                ('channel', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.saleschannel', verbose_name='sales channel')),
                ('stock', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.stock', verbose_name='stock')),
                ('source', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.source', verbose_name='source')),
                ('product', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.product', verbose_name='product')),
                ('method', models.CharField(blank=True, choices=[('SHIP_TO_HOME', 'Ship to home'), ('PICKUP', 'Pickup')], max_length=16, verbose_name='fulfillment method')),
                ('has_unanswered_request', models.BooleanField(db_default=False, default=False, verbose_name='customer was asked about a delay and did not answer')),
                ('expires_within_days', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='authorization expires within days')),
                ('action', models.CharField(choices=[('RAISE_PRIORITY', 'Raise the priority'), ('SET_PRIORITY', 'Set the priority'), ('CUSTOMER_CARE', 'Send to customer care'), ('ASSIGN', 'Assign to a person'), ('HOLD', 'Hold'), ('TELL_CUSTOMER', 'E-mail the customer again'), ('EMAIL', 'E-mail staff'), ('CANCEL', 'Cancel and refund')], max_length=16, verbose_name='action')),
                ('raise_by', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='raise the priority by')),
                ('raise_up_to', models.IntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-1000000), django.core.validators.MaxValueValidator(1000000)], verbose_name='raise up to')),
                ('priority', models.IntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-1000000), django.core.validators.MaxValueValidator(1000000)], verbose_name='priority')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='customer care reason')),
                ('assignee', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assign to')),
                ('recipients', models.TextField(blank=True, help_text='One or several, separated by commas.', max_length=2000, verbose_name='e-mail addresses of staff')),
                ('repeat_days', models.PositiveIntegerField(blank=True, help_text='Empty: the rule acts once on a shipment, until the shipment is ready and waits again.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='act again after days')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at', 'pgh_id'], name='waitingrule_changes')],
            },
        ),
        migrations.CreateModel(
            name='DelayDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='fulfillment.delayrequest', verbose_name='delay request')),
                ('answer', models.CharField(choices=[('WAIT_UNTIL', 'Wait until the new date'), ('WAIT', 'Wait as long as it takes'), ('CANCEL', 'Cancel these units')], max_length=16, verbose_name='answer')),
                ('by', models.CharField(choices=[('CUSTOMER', 'Customer'), ('STAFF', 'Staff'), ('SILENCE', 'No answer')], max_length=8, verbose_name='decided by')),
                ('agreed_on', models.DateField(blank=True, null=True, verbose_name='agreed date')),
                ('text', models.TextField(blank=True, verbose_name='text of the e-mail')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
                ('created_at', models.DateTimeField(verbose_name='time')),
            ],
            options={
                'verbose_name': 'answer to a delay request',
                'verbose_name_plural': 'answers to delay requests',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ShipmentLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='fulfillment.shipment', verbose_name='shipment')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shipment_lines', to='orders.orderline', verbose_name='order line')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.product', verbose_name='product')),
                ('original_quantity', core.models.columns.QuantityColumn(verbose_name='original quantity')),
                ('quantity', core.models.columns.QuantityColumn(verbose_name='quantity')),
                ('moved_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='moved to children')),
                ('canceled_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='canceled quantity')),
                ('refunded_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='refunded before shipping')),
                ('original_amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='original value')),
                ('amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='value')),
                ('promised_on', models.DateField(blank=True, help_text='The date that the customer was last given. Empty means no date yet.', null=True, verbose_name='promised on')),
                ('promise_told_at', models.DateTimeField(blank=True, help_text='When the customer was last given a date, or informed that there is none yet.', null=True, verbose_name='customer informed at')),
                ('agreed_on', models.DateField(blank=True, help_text='The date in the confirmation, or a later one that the customer agreed to.', null=True, verbose_name='agreed date')),
                ('delay_request', models.ForeignKey(blank=True, db_index=False, help_text='The last one about these units.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='fulfillment.delayrequest', verbose_name='delay request')),
                ('moved_amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='value moved to children')),
                ('canceled_amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='value canceled')),
                ('refunded_amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='value refunded')),
            ],
            options={
                'verbose_name': 'shipment line',
                'verbose_name_plural': 'shipment lines',
                'ordering': ['shipment', 'pk'],
                'indexes': [models.Index(condition=models.Q(('quantity__gt', 0)), fields=['product', 'shipment'], name='shipment_line_by_product'), models.Index(condition=models.Q(('delay_request__isnull', False)), fields=['delay_request'], name='shipment_line_by_delay_request')],
                'constraints': [models.UniqueConstraint(fields=('shipment', 'order_line'), name='shipment_line_once_per_order_line', violation_error_message='The shipment already has this order line.'), models.CheckConstraint(condition=models.Q(('original_quantity', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('quantity'), '+', models.F('moved_quantity')), '+', models.F('canceled_quantity')), '+', models.F('refunded_quantity'))), ('canceled_quantity__gte', 0), ('moved_quantity__gte', 0), ('original_quantity__gt', 0), ('quantity__gte', 0), ('refunded_quantity__gte', 0)), name='shipment_line_units_conserved', violation_error_message='A unit was lost or doubled.'), models.CheckConstraint(condition=models.Q(('original_amount', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('amount'), '+', models.F('moved_amount')), '+', models.F('canceled_amount')), '+', models.F('refunded_amount')))), name='shipment_line_money_conserved', violation_error_message='Money was lost or doubled.'), models.CheckConstraint(condition=models.Q(('promised_on', None), ('promise_told_at__isnull', False), _connector='OR'), name='shipment_line_promise_knows_since_when', violation_error_message='A promised date has the time of its e-mail.')],
            },
        ),
        migrations.CreateModel(
            name='Allocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='orders.orderline', verbose_name='order line')),
                ('shipment_line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='fulfillment.shipmentline', verbose_name='shipment line')),
                ('source_item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='inventory.sourceitem', verbose_name='source item')),
                ('future_supply', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='inventory.futuresupply', verbose_name='future supply')),
                ('quantity', core.models.columns.QuantityColumn(verbose_name='quantity')),
            ],
            options={
                'verbose_name': 'allocation',
                'verbose_name_plural': 'allocations',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('future_supply', None), ('source_item__isnull', False)), models.Q(('future_supply__isnull', False), ('source_item', None)), _connector='OR'), name='allocation_of_a_source_item_or_of_future_supply', violation_error_message='Units come from a source item or from future supply.'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='allocation_quantity_positive', violation_error_message='An allocation is more than 0.'), models.UniqueConstraint(fields=('order_line', 'shipment_line', 'source_item', 'future_supply'), name='allocation_once_per_line_and_supply', nulls_distinct=False, violation_error_message='This line already holds units of this supply.')],
            },
        ),
        migrations.CreateModel(
            name='PickLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pick_list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='picks', to='fulfillment.picklist', verbose_name='pick list')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='picks', to='fulfillment.shipment', verbose_name='shipment')),
                ('shipment_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='picks', to='fulfillment.shipmentline', verbose_name='shipment line')),
                ('quantity', core.models.columns.QuantityColumn(verbose_name='quantity')),
                ('picked_quantity', core.models.columns.QuantityColumn(default=Decimal('0'), verbose_name='picked quantity')),
                ('is_open', models.BooleanField(default=True, verbose_name='open')),
                ('is_put_back', models.BooleanField(default=False, verbose_name='put back')),
            ],
            options={
                'verbose_name': 'pick',
                'verbose_name_plural': 'picks',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('is_open', True)), fields=['shipment'], name='pick_line_open_by_shipment')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_open', True)), fields=('shipment_line',), name='pick_line_on_one_open_list', violation_error_message='A shipment is on at most one open pick list.'), models.CheckConstraint(condition=models.Q(('picked_quantity__gte', 0), ('picked_quantity__lte', models.F('quantity'))), name='pick_line_picked_within_quantity', violation_error_message='No more units are picked than were to be fetched.'), models.CheckConstraint(condition=models.Q(('is_open', True), ('is_put_back', True), _negated=True), name='pick_line_put_back_is_not_open', violation_error_message='Units that are put back are not fetched.')],
            },
        ),
        migrations.CreateModel(
            name='ReceiptShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='inventory.receipt')),
                ('shipment_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fulfillment.shipmentline')),
                ('quantity', core.models.columns.QuantityColumn(verbose_name='quantity')),
                ('returned_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='promised again')),
            ],
            options={
                'verbose_name': 'share of a receipt',
                'verbose_name_plural': 'shares of receipts',
                'ordering': ['pk'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('receipt', 'shipment_line'), name='receipt_share_once_per_line'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('returned_quantity__gte', 0), ('returned_quantity__lte', models.F('quantity'))), name='receipt_share_returned_within_quantity', violation_error_message='No more units return than a receipt gave.')],
            },
        ),
        migrations.CreateModel(
            name='PickScan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pick_list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scans', to='fulfillment.picklist')),
                ('key', models.CharField(max_length=64, verbose_name='scan')),
                ('pick', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fulfillment.pickline')),
                ('scanned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='scanned by')),
                ('scanned_at', models.DateTimeField(verbose_name='scanned at')),
            ],
            options={
                'verbose_name': 'scan',
                'verbose_name_plural': 'scans',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('pick_list', 'key'), name='pick_scan_once', violation_error_message='This scan is counted already.')],
            },
        ),
        migrations.CreateModel(
            name='RuleAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shipment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fulfillment.shipment', verbose_name='shipment')),
                ('created_at', models.DateTimeField(verbose_name='time')),
            ],
            options={
                'verbose_name': 'act of a rule',
                'verbose_name_plural': 'acts of rules',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='RuleEmail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.EmailField(max_length=254, verbose_name='recipient')),
                ('subject', models.CharField(blank=True, max_length=300, verbose_name='subject')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('state', models.CharField(choices=[('QUEUED', 'Queued'), ('SENDING', 'Being sent'), ('SENT', 'Sent'), ('FAILED', 'Failed'), ('UNKNOWN', 'Outcome unknown'), ('BOUNCED', 'Bounced'), ('LEFT_OUT', 'Left out')], default='QUEUED', max_length=16, verbose_name='state')),
                ('attempt_count', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('last_error', models.CharField(blank=True, max_length=500, verbose_name='last error')),
                ('next_attempt_at', models.DateTimeField(verbose_name='next attempt at')),
                ('claimed_at', models.DateTimeField(blank=True, null=True, verbose_name='last attempt at')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
            ],
            options={
                'verbose_name': 'rule e-mail',
                'verbose_name_plural': 'rule e-mails',
                'ordering': ['-pk'],
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('state', 'QUEUED')), fields=['next_attempt_at', 'id'], name='ruleemail_due'), models.Index(condition=models.Q(('state', 'SENDING')), fields=['claimed_at'], name='ruleemail_sending'), models.Index(condition=models.Q(('state__in', ['FAILED', 'UNKNOWN', 'BOUNCED'])), fields=['id'], name='ruleemail_troubled')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'SENT')), models.Q(models.Q(('state', 'SENT'), _negated=True), ('sent_at', None)), _connector='OR'), name='rule_email_sent_with_a_time', violation_error_message='A digest that was sent has the time it was.')],
            },
        ),
        migrations.CreateModel(
            name='RuleRun',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='core.job', verbose_name='job')),
                ('trigger', models.CharField(choices=[('SCHEDULE', 'Schedule'), ('STAFF', 'Staff'), ('API', 'API')], max_length=16, verbose_name='trigger')),
            ],
            options={
                'verbose_name': 'rule run',
                'verbose_name_plural': 'rule runs',
                'ordering': ['-pk'],
            },
            bases=('core.job',),
        ),
        migrations.CreateModel(
            name='RuleStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='fulfillment.rulerun', verbose_name='rule run')),
                ('rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='steps', to='fulfillment.waitingrule', verbose_name='rule')),
                ('name', models.CharField(max_length=100, verbose_name='rule')),
                ('action', models.CharField(choices=[('RAISE_PRIORITY', 'Raise the priority'), ('SET_PRIORITY', 'Set the priority'), ('CUSTOMER_CARE', 'Send to customer care'), ('ASSIGN', 'Assign to a person'), ('HOLD', 'Hold'), ('TELL_CUSTOMER', 'E-mail the customer again'), ('EMAIL', 'E-mail staff'), ('CANCEL', 'Cancel and refund')], max_length=16, verbose_name='action')),
                ('rule_version', models.BigIntegerField(verbose_name='version of the rule')),
                ('state', models.CharField(choices=[('OPEN', 'Not finished'), ('DONE', 'Done'), ('STOPPED', 'Waits for a confirmation'), ('CONFIRMED', 'Confirmed'), ('LAPSED', 'Replaced by a later run'), ('CHANGED', 'The rule was changed')], default='OPEN', max_length=16, verbose_name='state')),
                ('found_count', models.PositiveIntegerField(default=0, verbose_name='shipments found')),
                ('acted_count', models.PositiveIntegerField(default=0, verbose_name='shipments changed')),
                ('shipment_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
            ],
            options={
                'verbose_name': 'rule of a run',
                'verbose_name_plural': 'rules of a run',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'STOPPED')), fields=['rule'], name='rule_step_stopped')],
                'constraints': [models.UniqueConstraint(fields=('run', 'rule'), name='rule_step_once_a_run', violation_error_message='A run performs each rule once.'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('state', 'CONFIRMED')), models.Q(models.Q(('state', 'CONFIRMED'), _negated=True), ('confirmed_at', None)), _connector='OR'), name='rule_step_confirmed_knows_when', violation_error_message='A confirmed step knows since when.')],
            },
        ),
        migrations.AddField(
            model_name='ruleact',
            name='step',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acts', to='fulfillment.rulestep', verbose_name='rule of a run'),
        ),
        migrations.AddConstraint(
            model_name='ruleact',
            constraint=models.UniqueConstraint(fields=('step', 'shipment'), name='rule_act_once_a_run', violation_error_message='The rule acted on this shipment in this run.'),
        ),
        migrations.AddField(
            model_name='ruleemail',
            name='step',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='emails', to='fulfillment.rulestep', verbose_name='rule of a run'),
        ),
        migrations.AddConstraint(
            model_name='ruleemail',
            constraint=models.UniqueConstraint(fields=('step', 'recipient'), name='rule_email_once_a_run', violation_error_message='This digest of the run is there already.'),
        ),
        migrations.AddField(
            model_name='rulerun',
            name='confirms',
            field=models.ForeignKey(help_text='The rule that stopped and asked, whose shipments this run acts on.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='fulfillment.rulestep', verbose_name='confirms'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='carrier',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_carrierevent" ("code", "id", "is_enabled", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tracking_url") SELECT new_values."code", new_values."id", new_values."is_enabled", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."tracking_url" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='63072b6781f1f8099bf6607870e2532e05e508bf', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4d9c3', referencing='REFERENCING NEW TABLE AS new_values ', table='fulfillment_carrier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='carrier',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_carrierevent" ("code", "id", "is_enabled", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tracking_url") SELECT new_values."code", new_values."id", new_values."is_enabled", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."tracking_url" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ab709217984a8f83e85881bef0082f86ce2da3bf', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_51469', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='fulfillment_carrier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='carrier',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_carrierevent" ("code", "id", "is_enabled", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tracking_url") SELECT old_values."code", old_values."id", old_values."is_enabled", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."tracking_url" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='363cc4062a0e3b5bb983d01428446d623186e238', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_ad733', referencing='REFERENCING OLD TABLE AS old_values ', table='fulfillment_carrier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scheduledwork',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_scheduledworkevent" ("args", "clocked_id", "crontab_id", "description", "enabled", "exchange", "expire_seconds", "expires", "headers", "id", "interval_id", "kwargs", "name", "one_off", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "queue", "routing_key", "solar_id", "start_time", "task") SELECT new_values."args", new_values."clocked_id", new_values."crontab_id", new_values."description", new_values."enabled", new_values."exchange", new_values."expire_seconds", new_values."expires", new_values."headers", new_values."id", new_values."interval_id", new_values."kwargs", new_values."name", new_values."one_off", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."priority", new_values."queue", new_values."routing_key", new_values."solar_id", new_values."start_time", new_values."task" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ce372f54da66a37e062588096d6f2163d975103a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4b9c8', referencing='REFERENCING NEW TABLE AS new_values ', table='django_celery_beat_periodictask', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scheduledwork',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."args" IS DISTINCT FROM (NEW."args") OR OLD."clocked_id" IS DISTINCT FROM (NEW."clocked_id") OR OLD."crontab_id" IS DISTINCT FROM (NEW."crontab_id") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."enabled" IS DISTINCT FROM (NEW."enabled") OR OLD."exchange" IS DISTINCT FROM (NEW."exchange") OR OLD."expire_seconds" IS DISTINCT FROM (NEW."expire_seconds") OR OLD."expires" IS DISTINCT FROM (NEW."expires") OR OLD."headers" IS DISTINCT FROM (NEW."headers") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."interval_id" IS DISTINCT FROM (NEW."interval_id") OR OLD."kwargs" IS DISTINCT FROM (NEW."kwargs") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."one_off" IS DISTINCT FROM (NEW."one_off") OR OLD."priority" IS DISTINCT FROM (NEW."priority") OR OLD."queue" IS DISTINCT FROM (NEW."queue") OR OLD."routing_key" IS DISTINCT FROM (NEW."routing_key") OR OLD."solar_id" IS DISTINCT FROM (NEW."solar_id") OR OLD."start_time" IS DISTINCT FROM (NEW."start_time") OR OLD."task" IS DISTINCT FROM (NEW."task"))', func='INSERT INTO "fulfillment_scheduledworkevent" ("args", "clocked_id", "crontab_id", "description", "enabled", "exchange", "expire_seconds", "expires", "headers", "id", "interval_id", "kwargs", "name", "one_off", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "queue", "routing_key", "solar_id", "start_time", "task") VALUES (NEW."args", NEW."clocked_id", NEW."crontab_id", NEW."description", NEW."enabled", NEW."exchange", NEW."expire_seconds", NEW."expires", NEW."headers", NEW."id", NEW."interval_id", NEW."kwargs", NEW."name", NEW."one_off", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."priority", NEW."queue", NEW."routing_key", NEW."solar_id", NEW."start_time", NEW."task"); RETURN NULL;', hash='d3e8325c98661853234bba252eb249fb279de324', operation='UPDATE', pgid='pgtrigger_update_update_b0d90', table='django_celery_beat_periodictask', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scheduledwork',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_scheduledworkevent" ("args", "clocked_id", "crontab_id", "description", "enabled", "exchange", "expire_seconds", "expires", "headers", "id", "interval_id", "kwargs", "name", "one_off", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "queue", "routing_key", "solar_id", "start_time", "task") SELECT old_values."args", old_values."clocked_id", old_values."crontab_id", old_values."description", old_values."enabled", old_values."exchange", old_values."expire_seconds", old_values."expires", old_values."headers", old_values."id", old_values."interval_id", old_values."kwargs", old_values."name", old_values."one_off", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."priority", old_values."queue", old_values."routing_key", old_values."solar_id", old_values."start_time", old_values."task" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f1ffbc4aca4dbeae75fb058ba37b4843c0172e2e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d1184', referencing='REFERENCING OLD TABLE AS old_values ', table='django_celery_beat_periodictask', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingrule',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_waitingruleevent" ("action", "age_days_min", "assignee_id", "channel_id", "description", "expires_within_days", "has_unanswered_request", "id", "is_enabled", "method", "missed_promises_min", "name", "overdue_days_min", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "priority", "product_id", "raise_by", "raise_up_to", "reason", "recipients", "repeat_days", "source_id", "state", "stock_id", "value_min") SELECT new_values."action", new_values."age_days_min", new_values."assignee_id", new_values."channel_id", new_values."description", new_values."expires_within_days", new_values."has_unanswered_request", new_values."id", new_values."is_enabled", new_values."method", new_values."missed_promises_min", new_values."name", new_values."overdue_days_min", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."position", new_values."priority", new_values."product_id", new_values."raise_by", new_values."raise_up_to", new_values."reason", new_values."recipients", new_values."repeat_days", new_values."source_id", new_values."state", new_values."stock_id", new_values."value_min" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c73eae7bf9774d4b241186b8a326317873217f7b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8ec1b', referencing='REFERENCING NEW TABLE AS new_values ', table='fulfillment_waitingrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingrule',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."action" IS DISTINCT FROM (NEW."action") OR OLD."age_days_min" IS DISTINCT FROM (NEW."age_days_min") OR OLD."assignee_id" IS DISTINCT FROM (NEW."assignee_id") OR OLD."channel_id" IS DISTINCT FROM (NEW."channel_id") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."expires_within_days" IS DISTINCT FROM (NEW."expires_within_days") OR OLD."has_unanswered_request" IS DISTINCT FROM (NEW."has_unanswered_request") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_enabled" IS DISTINCT FROM (NEW."is_enabled") OR OLD."method" IS DISTINCT FROM (NEW."method") OR OLD."missed_promises_min" IS DISTINCT FROM (NEW."missed_promises_min") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."overdue_days_min" IS DISTINCT FROM (NEW."overdue_days_min") OR OLD."position" IS DISTINCT FROM (NEW."position") OR OLD."priority" IS DISTINCT FROM (NEW."priority") OR OLD."product_id" IS DISTINCT FROM (NEW."product_id") OR OLD."raise_by" IS DISTINCT FROM (NEW."raise_by") OR OLD."raise_up_to" IS DISTINCT FROM (NEW."raise_up_to") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."recipients" IS DISTINCT FROM (NEW."recipients") OR OLD."repeat_days" IS DISTINCT FROM (NEW."repeat_days") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."stock_id" IS DISTINCT FROM (NEW."stock_id") OR OLD."value_min" IS DISTINCT FROM (NEW."value_min"))', func='INSERT INTO "fulfillment_waitingruleevent" ("action", "age_days_min", "assignee_id", "channel_id", "description", "expires_within_days", "has_unanswered_request", "id", "is_enabled", "method", "missed_promises_min", "name", "overdue_days_min", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "priority", "product_id", "raise_by", "raise_up_to", "reason", "recipients", "repeat_days", "source_id", "state", "stock_id", "value_min") VALUES (NEW."action", NEW."age_days_min", NEW."assignee_id", NEW."channel_id", NEW."description", NEW."expires_within_days", NEW."has_unanswered_request", NEW."id", NEW."is_enabled", NEW."method", NEW."missed_promises_min", NEW."name", NEW."overdue_days_min", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."priority", NEW."product_id", NEW."raise_by", NEW."raise_up_to", NEW."reason", NEW."recipients", NEW."repeat_days", NEW."source_id", NEW."state", NEW."stock_id", NEW."value_min"); RETURN NULL;', hash='307151781f27d38095883612238b50c69d61a7c8', operation='UPDATE', pgid='pgtrigger_update_update_ceb3f', table='fulfillment_waitingrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingrule',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_waitingruleevent" ("action", "age_days_min", "assignee_id", "channel_id", "description", "expires_within_days", "has_unanswered_request", "id", "is_enabled", "method", "missed_promises_min", "name", "overdue_days_min", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "priority", "product_id", "raise_by", "raise_up_to", "reason", "recipients", "repeat_days", "source_id", "state", "stock_id", "value_min") SELECT old_values."action", old_values."age_days_min", old_values."assignee_id", old_values."channel_id", old_values."description", old_values."expires_within_days", old_values."has_unanswered_request", old_values."id", old_values."is_enabled", old_values."method", old_values."missed_promises_min", old_values."name", old_values."overdue_days_min", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."position", old_values."priority", old_values."product_id", old_values."raise_by", old_values."raise_up_to", old_values."reason", old_values."recipients", old_values."repeat_days", old_values."source_id", old_values."state", old_values."stock_id", old_values."value_min" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cfc586071df8960e0927d2d39ed39840672aa64e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_baf20', referencing='REFERENCING OLD TABLE AS old_values ', table='fulfillment_waitingrule', when='AFTER')),
        ),
        # Printing a slip makes no page of a shipment stale.
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER version BEFORE UPDATE ON fulfillment_shipment
                FOR EACH ROW
                WHEN (
                    NEW.slip_printed_at IS NULL
                    OR NEW.slip_printed_at IS NOT DISTINCT FROM OLD.slip_printed_at
                )
                EXECUTE FUNCTION core_next_version()
            """,
            reverse_sql="DROP TRIGGER version ON fulfillment_shipment",
        ),
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER version BEFORE UPDATE ON fulfillment_waitingrule
                FOR EACH ROW EXECUTE FUNCTION core_next_version()
            """,
            reverse_sql="DROP TRIGGER version ON fulfillment_waitingrule",
        ),
        migrations.RunSQL(sql=LEAVE, reverse_sql=STAY),
    ]
