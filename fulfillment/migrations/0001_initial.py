import core.models.columns
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.expressions
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('auth', '__first__'),
        ('django_celery_beat', '0019_alter_periodictasks_options'),
        ('inventory', '0001_initial'),
        ('orders', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=48, unique=True, verbose_name='number')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shipments', to='orders.order', verbose_name='order')),
                ('stock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.stock', verbose_name='stock')),
                ('source', models.ForeignKey(help_text="The source that ships it. Empty while it is backordered.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='shipments', to='inventory.source', verbose_name='source')),
                ('pickup_source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='pickup source')),
                ('state', models.CharField(choices=[('READY', 'Ready'), ('BACKORDER', 'Backorder'), ('FUTURE', 'Future'), ('CUSTOMER_CARE', 'Customer care'), ('REASSIGNED', 'Reassigned'), ('FULFILLED', 'Fulfilled'), ('CANCELED', 'Canceled')], max_length=16, verbose_name='state')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='fulfillment.shipment', verbose_name='parent')),
                ('is_held', models.BooleanField(default=False, verbose_name='held')),
                ('hold_reason', models.CharField(blank=True, choices=[('STAFF', 'Held by staff'), ('PAYMENT', 'Held for payment')], max_length=16, verbose_name='hold reason')),
                ('hold_note', models.CharField(blank=True, max_length=500, verbose_name='hold note')),
                ('awaits_payment', models.BooleanField(db_default=False, default=False, help_text="The payment must be authorized again before it ships.", verbose_name='awaits payment')),
                ('payment_retry_at', models.DateTimeField(blank=True, help_text=("When the payment is requested again. The shipment is not released "
"before. Empty means that staff decide."), null=True, verbose_name='payment asked again at')),
                ('payment_refusal_count', models.PositiveIntegerField(db_default=0, default=0, verbose_name='payment refusals')),
                ('care_reason', models.CharField(blank=True, max_length=500, verbose_name='customer care reason')),
                ('priority', models.IntegerField(default=0, verbose_name='priority')),
                ('backordered_since', models.DateTimeField(blank=True, null=True, verbose_name='backordered since')),
                ('expected_on', models.DateField(blank=True, null=True, verbose_name='expected on')),
                ('is_expected_on_fixed', models.BooleanField(default=False, help_text="Release runs do not change a date set by staff.", verbose_name='expected date set by staff')),
                ('amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='value')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released at')),
                ('fulfilled_at', models.DateTimeField(blank=True, null=True, verbose_name='fulfilled at')),
            ],
            options={
                'verbose_name': 'shipment',
                'verbose_name_plural': 'shipments',
                'ordering': ['-pk'],
                'indexes': [models.Index(models.OrderBy(models.F('priority'), descending=True), models.F('backordered_since'), models.F('id'), condition=models.Q(('state__in', ['BACKORDER', 'FUTURE'])), name='shipment_queue'), models.Index(condition=models.Q(('state__in', ['BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['backordered_since', 'id'], name='shipment_waiting_by_age'), models.Index(condition=models.Q(('state__in', ['BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['amount', 'id'], name='shipment_waiting_by_value'), models.Index(condition=models.Q(('state__in', ['BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['expected_on', 'id'], name='shipment_waiting_by_expected'), models.Index(fields=['state', '-id'], name='shipment_by_state'), models.Index(condition=models.Q(('is_held', True)), fields=['hold_reason', 'id'], name='shipment_held'), models.Index(condition=models.Q(('awaits_payment', True)), fields=['payment_retry_at'], name='shipment_awaiting_payment'), models.Index(condition=models.Q(('released_at__isnull', False)), fields=['released_at'], name='shipment_by_release')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('source__isnull', False), ('state__in', ['READY', 'FUTURE', 'FULFILLED'])), models.Q(('source', None), ('state__in', ['BACKORDER', 'CUSTOMER_CARE'])), ('state__in', ['REASSIGNED', 'CANCELED']), _connector='OR'), name='shipment_source_only_where_units_are_set_aside', violation_error_message='A shipment that waits has no source; others have one.'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['BACKORDER', 'FUTURE', 'CUSTOMER_CARE']), _negated=True), ('backordered_since__isnull', False), _connector='OR'), name='shipment_waiting_knows_since_when', violation_error_message='A shipment that waits knows since when.'), models.CheckConstraint(condition=models.Q(models.Q(('hold_reason', ''), ('is_held', False)), models.Q(('is_held', True), ('state__in', ['READY', 'BACKORDER', 'FUTURE']), models.Q(('hold_reason', ''), _negated=True)), _connector='OR'), name='shipment_held_with_a_reason', violation_error_message='Only ready, backorder and future shipments are held.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'CUSTOMER_CARE'), _negated=True), models.Q(('care_reason', ''), _negated=True), _connector='OR'), name='shipment_customer_care_has_a_reason', violation_error_message='An exception for customer care needs a reason.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'FULFILLED'), _negated=True), ('fulfilled_at__isnull', False), _connector='OR'), name='shipment_fulfilled_knows_when', violation_error_message='A fulfilled shipment knows when.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'CANCELED'), _negated=True), ('expected_on', None), _connector='OR'), name='shipment_canceled_is_not_expected', violation_error_message='A canceled shipment has no expected date.'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='shipment_amount_not_negative', violation_error_message='A value is never negative.')],
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
                ('moved_amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='value moved to children')),
                ('canceled_amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='value canceled')),
                ('refunded_amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='value refunded')),
            ],
            options={
                'verbose_name': 'shipment line',
                'verbose_name_plural': 'shipment lines',
                'ordering': ['shipment', 'pk'],
                'indexes': [models.Index(condition=models.Q(('quantity__gt', 0)), fields=['product', 'shipment'], name='shipment_line_by_product')],
                'constraints': [models.UniqueConstraint(fields=('shipment', 'order_line'), name='shipment_line_once_per_order_line', violation_error_message='The shipment already has this order line.'), models.CheckConstraint(condition=models.Q(('original_quantity', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('quantity'), '+', models.F('moved_quantity')), '+', models.F('canceled_quantity')), '+', models.F('refunded_quantity'))), ('canceled_quantity__gte', 0), ('moved_quantity__gte', 0), ('original_quantity__gt', 0), ('quantity__gte', 0), ('refunded_quantity__gte', 0)), name='shipment_line_units_conserved', violation_error_message='A unit was lost or doubled.'), models.CheckConstraint(condition=models.Q(('original_amount', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('amount'), '+', models.F('moved_amount')), '+', models.F('canceled_amount')), '+', models.F('refunded_amount')))), name='shipment_line_money_conserved', violation_error_message='A cent was lost or doubled.')],
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
                ('unknown_payment_count', models.PositiveIntegerField(default=0, verbose_name="payments with an unknown outcome")),
                ('failed_email_count', models.PositiveIntegerField(default=0, verbose_name='e-mails that failed')),
                ('queued_email_count', models.PositiveIntegerField(default=0, verbose_name='e-mails in the queue')),
                ('overtaken_count', models.PositiveIntegerField(default=0, verbose_name="old shipments passed by newer ones")),
                ('refreshed_at', models.DateTimeField(verbose_name='counted at')),
            ],
            options={
                'verbose_name': 'figures of a day',
                'verbose_name_plural': 'figures by day',
                'ordering': ['-on'],
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
            name='ReleaseRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trigger', models.CharField(choices=[('SCHEDULE', 'Schedule'), ('STAFF', 'Staff'), ('API', 'API'), ('COMMAND', 'Command'), ('ARRIVAL', 'Arrival')], max_length=16, verbose_name='trigger')),
                ('state', models.CharField(choices=[('QUEUED', 'Queued'), ('RUNNING', 'Running'), ('COMPLETED', 'Completed'), ('FAILED', 'Failed'), ('CANCELED', 'Canceled'), ('SKIPPED', 'Skipped')], default='QUEUED', max_length=16, verbose_name='state')),
                ('is_dry_run', models.BooleanField(default=False, verbose_name='dry run')),
                ('started_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                ('reason', models.CharField(blank=True, db_default='', help_text='Why somebody asked for it.', max_length=500, verbose_name='reason')),
                ('scope', models.JSONField(blank=True, default=dict, help_text="The limits of the run. Empty means all shipments.", verbose_name='scope')),
                ('settings_in_force', models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='settings in force')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True, verbose_name="last progress report")),
                ('is_cancel_requested', models.BooleanField(default=False, verbose_name='cancel requested')),
                ('total_count', models.PositiveIntegerField(default=0, verbose_name='to consider')),
                ('done_count', models.PositiveIntegerField(default=0, verbose_name='considered')),
                ('released_count', models.PositiveIntegerField(default=0, verbose_name='released')),
                ('split_count', models.PositiveIntegerField(default=0, verbose_name='split')),
                ('future_count', models.PositiveIntegerField(default=0, verbose_name='promised from future supply')),
                ('waiting_count', models.PositiveIntegerField(default=0, verbose_name='waiting')),
                ('failed_count', models.PositiveIntegerField(default=0, verbose_name='failed')),
                ('message', models.TextField(blank=True, help_text='A sentence, of runs from before there were codes.', verbose_name='message')),
                ('message_code', models.CharField(blank=True, choices=[('RELEASE_OFF', 'Release Backorders is off.'), ('ANOTHER_RUN', 'Another run was going on.'), ('INVALID_FILTER', 'The filter “%(filter)s” is not understood, in: %(names)s'), ('UNKNOWN_FILTER', 'There is no filter “%(names)s”. There are: %(known)s'), ('CANCELED', 'Canceled while it ran.'), ('WORKER_STOPPED', ("It was interrupted. Its saved work stays, and a later run does the "
"rest.")), ('GIVEN_UP', ("It was interrupted at each of %(attempts)s attempts. It is not "
"started again.")), ('ERROR', 'An error ended it: %(error)s'), ('COMPARING', "Comparing with the dry run. Nothing is written yet."), ('APPLYING', "Applying all decisions of the dry run, or none."), ('DRIFTED', "Stock or orders have changed since the dry run. Nothing was applied."), ('STILL_HELD', "Unchanged decisions were applied. The others were skipped."), ('NOT_APPLIED', 'Canceled: nothing was applied.')], db_default='', max_length=24, verbose_name="message's code")),
                ('message_values', models.JSONField(blank=True, db_default={}, default=dict, verbose_name="message's values")),
                ('drift', models.JSONField(blank=True, db_default=[], default=list, help_text="The first shipments whose outcome differs from the dry run.", verbose_name='drift')),
                ('attempt', models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name='attempt')),
                ('replaces', models.ForeignKey(help_text="The interrupted run that this run continues.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='fulfillment.releaserun', verbose_name='replaces')),
            ],
            options={
                'verbose_name': 'release run',
                'verbose_name_plural': 'release runs',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['QUEUED', 'RUNNING'])), fields=['id'], name='release_run_unfinished')],
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
                ('explains_wait', models.BooleanField(db_default=False, default=False, help_text=("Not set for dry runs, or for decisions made before the shipment "
"last returned to the queue."), verbose_name="gives the reason")),
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
            name='ShipmentEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='fulfillment.shipment')),
                ('kind', models.CharField(choices=[('CREATED', 'Created'), ('RELEASED', 'Released'), ('RELEASED_AHEAD', 'Released ahead of the queue'), ('HELD', 'Held'), ('HOLD_LIFTED', 'Hold lifted'), ('REASSIGNED', 'Reassigned'), ('BACKORDERED', 'Moved to backorder'), ('PROMISED_AGAIN', 'Promised incoming units again'), ('BAR_LIFTED', 'Bar of a source lifted'), ('CUSTOMER_CARE', 'Sent to customer care'), ('PRIORITY_SET', 'Priority set'), ('EXPECTED_DATE_SET', 'Expected date set'), ('FULFILLED', 'Fulfilled'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT', 'Payment')], max_length=24, verbose_name='kind')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('detail', models.JSONField(blank=True, default=dict, verbose_name='detail')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
                ('created_at', models.DateTimeField(verbose_name='time')),
            ],
            options={
                'verbose_name': 'shipment event',
                'verbose_name_plural': 'shipment events',
                'ordering': ['pk'],
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
            name='SupplyOutlook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(unique=True, verbose_name='position')),
                ('period', models.CharField(choices=[('PAST', 'Overdue'), ('WEEK', 'Week'), ('LATER', 'Later'), ('NO_DATE', 'No date')], max_length=16, verbose_name='period')),
                ('begins_on', models.DateField(blank=True, null=True, verbose_name='begins on')),
                ('incoming_quantity', models.DecimalField(decimal_places=4, default=0, max_digits=20, verbose_name='incoming units')),
                ('waiting_quantity', models.DecimalField(decimal_places=4, default=0, max_digits=20, verbose_name="backordered units")),
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
                ('amount', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=20, verbose_name='value')),
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
            name='ScheduledWork',
            fields=[
            ],
            options={
                'verbose_name': 'scheduled work',
                'verbose_name_plural': 'scheduled work',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('django_celery_beat.periodictask',),
        ),
    ]
