"""The tables of orders, payments and e-mails."""

import core.folding
import core.models.columns
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ('auth', '__first__'),
        ('inventory', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.BigIntegerField(db_default=models.Func(models.Value('core_version'), function='nextval'), editable=False, verbose_name='version')),
                ('number', models.CharField(max_length=32, unique=True, verbose_name='number')),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='inventory.saleschannel', verbose_name='sales channel')),
                ('stock', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='inventory.stock', verbose_name='stock')),
                ('status', models.CharField(choices=[('PENDING_PAYMENT', 'Pending payment'), ('PAYMENT_REVIEW', 'Payment review'), ('PROCESSING', 'Processing'), ('PARTIALLY_SHIPPED', 'Partially shipped'), ('COMPLETE', 'Complete'), ('CANCELED', 'Canceled'), ('CLOSED', 'Closed')], default='PENDING_PAYMENT', editable=False, max_length=24, verbose_name='status')),
                ('placed_at', models.DateTimeField(verbose_name='placed at')),
                ('priority', models.IntegerField(default=0, help_text='Higher goes first in the release queue.', verbose_name='priority')),
                ('customer_name', models.CharField(max_length=200, verbose_name='customer name')),
                ('customer_email', models.EmailField(max_length=254, verbose_name='customer e-mail')),
                ('customer_language', models.CharField(default='en', max_length=16, verbose_name='customer language')),
                ('fulfillment_method', models.CharField(choices=[('SHIP_TO_HOME', 'Ship to home'), ('PICKUP', 'Pickup')], default='SHIP_TO_HOME', max_length=16, verbose_name='fulfillment method')),
                ('pickup_source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pickup_orders', to='inventory.source', verbose_name='pickup source')),
                ('recipient', models.CharField(blank=True, max_length=200, verbose_name='recipient')),
                ('street', models.CharField(blank=True, max_length=200, verbose_name='street')),
                ('city', models.CharField(blank=True, max_length=100, verbose_name='city')),
                ('region', models.CharField(blank=True, max_length=100, verbose_name='region')),
                ('postcode', models.CharField(blank=True, max_length=32, verbose_name='postcode')),
                ('country', models.CharField(blank=True, max_length=100, verbose_name='country')),
                ('latitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, verbose_name='latitude')),
                ('longitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, verbose_name='longitude')),
                ('currency', models.CharField(default='USD', max_length=3, verbose_name='currency')),
                ('total', core.models.columns.MoneyColumn(default=Decimal('0.00'), editable=False, verbose_name='total')),
                ('backordered_quantity', core.models.columns.QuantityColumn(db_default=0, default=0, editable=False, help_text='The sum over its lines, fixed at placement as theirs are.', verbose_name='backordered quantity')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=255, null=True, unique=True, verbose_name='idempotency key')),
                ('request_fingerprint', models.CharField(blank=True, editable=False, max_length=64)),
            ],
            options={
                'verbose_name': 'order',
                'verbose_name_plural': 'orders',
                'ordering': ['-placed_at', '-pk'],
                'indexes': [models.Index(fields=['status', 'placed_at', 'id'], name='order_by_status'), models.Index(fields=['-placed_at', '-id'], name='order_newest_first'), models.Index(condition=models.Q(('status__in', ['PENDING_PAYMENT', 'PAYMENT_REVIEW', 'PROCESSING', 'PARTIALLY_SHIPPED'])), fields=['-placed_at', '-id'], name='order_not_ended'), models.Index(condition=models.Q(('status__in', ['COMPLETE', 'CANCELED', 'CLOSED'])), fields=['-placed_at', '-id'], name='order_ended'), models.Index(condition=models.Q(('status__in', ['PENDING_PAYMENT', 'PAYMENT_REVIEW', 'PROCESSING', 'PARTIALLY_SHIPPED'])), fields=['number', 'placed_at', 'id'], name='order_not_ended_by_number'), models.Index(condition=models.Q(('status__in', ['PENDING_PAYMENT', 'PAYMENT_REVIEW', 'PROCESSING', 'PARTIALLY_SHIPPED'])), fields=['total', 'placed_at', 'id'], name='order_not_ended_by_total'), models.Index(condition=models.Q(('status__in', ['PENDING_PAYMENT', 'PAYMENT_REVIEW', 'PROCESSING', 'PARTIALLY_SHIPPED'])), fields=['backordered_quantity', 'placed_at', 'id'], name='order_not_ended_by_units'), models.Index(fields=['customer_email', '-id'], name='order_by_email'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector(core.folding.FoldedText(django.db.models.functions.text.Concat(models.Func(django.db.models.functions.text.Concat(models.F('customer_name'), models.Value(' '), models.F('customer_email'), output_field=models.CharField()), models.Value('@.-_+'), models.Value('     '), function='translate', output_field=models.CharField()), models.Value(' '), core.folding.ApostropheSpaces(models.Func(django.db.models.functions.text.Concat(models.F('customer_name'), models.Value(' '), models.F('customer_email'), output_field=models.CharField()), models.Value('@.-_+'), models.Value('     '), function='translate', output_field=models.CharField())), output_field=models.CharField())), config='simple'), name='order_by_customer'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('number'), 'text_pattern_ops'), name='order_by_beginning'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('customer_email'), 'text_pattern_ops'), name='order_by_email_beginning'), models.Index(fields=['total', 'placed_at', 'id'], name='order_by_total'), models.Index(fields=['backordered_quantity', 'placed_at', 'id'], name='order_by_backordered'), models.Index(fields=['id'], include=('customer_name', 'number'), name='order_sorts_shipments')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('fulfillment_method', 'PICKUP'), ('pickup_source__isnull', False)), models.Q(('fulfillment_method', 'SHIP_TO_HOME'), ('pickup_source', None)), _connector='OR'), name='order_pickup_has_a_source', violation_error_message='A pickup order names its source; no other does.')],
            },
        ),
        migrations.CreateModel(
            name='NoticeText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('CONFIRMATION', 'Order confirmation'), ('EXPECTED_DATE_CHANGED', 'Expected date changed'), ('DELAYED', 'Delay'), ('BEING_PREPARED', 'Being prepared'), ('DISPATCHED', 'Dispatched'), ('TRACKING', 'Tracking'), ('SHIPPING_UNDONE', 'Shipping undone'), ('READY_TO_COLLECT', 'Ready to collect'), ('COLLECT_REMINDER', 'Reminder to collect'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT_NEEDED', 'Payment needed')], max_length=32, verbose_name='kind')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('text', models.TextField(verbose_name='text')),
            ],
            options={
                'verbose_name': 'e-mail text',
                'verbose_name_plural': 'e-mail texts',
                'ordering': ['kind', 'language'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'language'), name='notice_text_once_per_kind_and_language', violation_error_message='This e-mail has a text in this language already.'), models.CheckConstraint(condition=models.Q(models.Q(('subject', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='notice_text_has_subject_and_text', violation_error_message='An e-mail has a subject and a text.')],
            },
        ),
        migrations.CreateModel(
            name='NoticeTextEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='orders.noticetext')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('CONFIRMATION', 'Order confirmation'), ('EXPECTED_DATE_CHANGED', 'Expected date changed'), ('DELAYED', 'Delay'), ('BEING_PREPARED', 'Being prepared'), ('DISPATCHED', 'Dispatched'), ('TRACKING', 'Tracking'), ('SHIPPING_UNDONE', 'Shipping undone'), ('READY_TO_COLLECT', 'Ready to collect'), ('COLLECT_REMINDER', 'Reminder to collect'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT_NEEDED', 'Payment needed')], max_length=32, verbose_name='kind')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('text', models.TextField(verbose_name='text')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at', 'pgh_id'], name='noticetext_changes')],
            },
        ),
        migrations.CreateModel(
            name='OrderEmail',
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
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='emails', to='orders.order', verbose_name='order')),
                ('kind', models.CharField(choices=[('CONFIRMATION', 'Order confirmation'), ('EXPECTED_DATE_CHANGED', 'Expected date changed'), ('DELAYED', 'Delay'), ('BEING_PREPARED', 'Being prepared'), ('DISPATCHED', 'Dispatched'), ('TRACKING', 'Tracking'), ('SHIPPING_UNDONE', 'Shipping undone'), ('READY_TO_COLLECT', 'Ready to collect'), ('COLLECT_REMINDER', 'Reminder to collect'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT_NEEDED', 'Payment needed')], max_length=32, verbose_name='kind')),
                ('event_key', models.CharField(help_text='Names the event, so that one e-mail is sent about it.', max_length=100, verbose_name='event')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
                ('context', models.JSONField(default=dict, help_text='The data of the text.', verbose_name='facts')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('collected_in', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='collected', to='orders.orderemail', verbose_name='sent together with')),
                ('left_out_reason', models.CharField(blank=True, choices=[('OVER', 'No longer true when it was written'), ('SWITCHED_OFF', 'This kind of e-mail is switched off')], db_default='', max_length=16, verbose_name='left out because')),
                ('bounce_id', models.CharField(blank=True, db_default='', help_text='What the mail provider calls its report.', max_length=255, verbose_name='bounce')),
            ],
            options={
                'verbose_name': 'customer e-mail',
                'verbose_name_plural': 'customer e-mails',
                'ordering': ['-pk'],
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('state', 'QUEUED')), fields=['next_attempt_at', 'id'], name='orderemail_due'), models.Index(condition=models.Q(('state', 'SENDING')), fields=['claimed_at'], name='orderemail_sending'), models.Index(condition=models.Q(('state__in', ['FAILED', 'UNKNOWN', 'BOUNCED'])), fields=['id'], name='orderemail_troubled'), models.Index(django.db.models.functions.text.Lower('recipient'), models.OrderBy(models.F('id'), descending=True), name='order_email_to_address')],
                'constraints': [models.UniqueConstraint(fields=('order', 'kind', 'event_key'), name='order_email_once_per_event', violation_error_message='There is an e-mail about this event already.')],
            },
        ),
        migrations.CreateModel(
            name='OrderNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000, verbose_name='note')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('created_at', models.DateTimeField(verbose_name='time')),
                ('token', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='orders.order')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='ordernote_says_something', violation_error_message='A note has a text.')],
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='orders.order', verbose_name='order')),
                ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replacements', to='orders.payment', verbose_name='replaces')),
                ('gateway', models.CharField(max_length=32, verbose_name='gateway')),
                ('token', models.CharField(blank=True, max_length=255, verbose_name='token')),
                ('action', models.CharField(choices=[('AUTHORIZE_AND_CAPTURE', 'AUTHORIZE_AND_CAPTURE'), ('AUTHORIZE', 'AUTHORIZE')], max_length=32, verbose_name='payment action')),
                ('state', models.CharField(choices=[('PENDING', 'Pending'), ('AUTHORIZED', 'Authorized'), ('CAPTURED', 'Captured'), ('REFUNDED', 'Refunded'), ('DECLINED', 'Declined'), ('UNKNOWN', 'Outcome unknown'), ('VOIDED', 'Voided'), ('EXPIRED', 'Expired')], default='PENDING', max_length=16, verbose_name='state')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount', core.models.columns.MoneyColumn(verbose_name='amount')),
                ('captured_amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='captured')),
                ('refunded_amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='refunded')),
                ('gateway_reference', models.CharField(blank=True, max_length=255, verbose_name='gateway reference')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
            ],
            options={
                'verbose_name': 'payment',
                'verbose_name_plural': 'payments',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'AUTHORIZED')), fields=['expires_at'], name='payment_expiring'), models.Index(condition=models.Q(('gateway_reference', ''), _negated=True), fields=['gateway_reference'], name='payment_by_reference')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('refunded_amount__gte', 0), ('captured_amount__lte', models.F('amount')), ('refunded_amount__lte', models.F('captured_amount'))), name='payment_amounts_add_up', violation_error_message='No more is captured than authorized, nor refunded than captured.')],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='orders.order', verbose_name='order')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
                ('created_at', models.DateTimeField(verbose_name='time')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=255, null=True, unique=True, verbose_name='idempotency key')),
                ('is_returned_to_stock', models.BooleanField(default=False, verbose_name='returned to stock')),
                ('amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='amount')),
            ],
            options={
                'verbose_name': 'refund',
                'verbose_name_plural': 'refunds',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Cancellation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='orders.order', verbose_name='order')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
                ('created_at', models.DateTimeField(verbose_name='time')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=255, null=True, unique=True, verbose_name='idempotency key')),
            ],
            options={
                'verbose_name': 'cancellation',
                'verbose_name_plural': 'cancellations',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OrderChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='orders.order', verbose_name='order')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
                ('created_at', models.DateTimeField(verbose_name='time')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=255, null=True, unique=True, verbose_name='idempotency key')),
                ('state', models.CharField(choices=[('APPLIED', 'Applied'), ('PENDING', 'Waiting for payment'), ('DECLINED', 'Payment declined')], default='APPLIED', max_length=16, verbose_name='state')),
                ('steps', models.JSONField(default=list, verbose_name='steps')),
                ('payment', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='order_change', to='orders.payment', verbose_name='payment')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
            ],
            options={
                'verbose_name': 'order change',
                'verbose_name_plural': 'order changes',
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='order_change_has_a_reason', violation_error_message='A change of an order has a reason.'), models.UniqueConstraint(condition=models.Q(('state', 'PENDING')), fields=('order',), name='order_change_one_pending_per_order', violation_error_message='Another change of the order waits for its payment.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'PENDING'), _negated=True), models.Q(('decided_at', None), ('payment__isnull', False)), _connector='OR'), name='order_change_pending_waits_for_a_payment', violation_error_message='A change that is not decided waits for a payment.')],
            },
        ),
        migrations.CreateModel(
            name='PaymentOperation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='operations', to='orders.payment', verbose_name='payment')),
                ('kind', models.CharField(choices=[('AUTHORIZE', 'Authorize'), ('CAPTURE', 'Capture'), ('VOID', 'Void'), ('REFUND', 'Refund')], max_length=16, verbose_name='kind')),
                ('state', models.CharField(choices=[('PENDING', 'Pending'), ('SUCCEEDED', 'Succeeded'), ('DECLINED', 'Declined'), ('UNKNOWN', 'Outcome unknown'), ('DUE', 'Due')], default='PENDING', max_length=16, verbose_name='state')),
                ('amount', core.models.columns.MoneyColumn(verbose_name='amount')),
                ('idempotency_key', models.CharField(max_length=255, unique=True, verbose_name='idempotency key')),
                ('gateway_reference', models.CharField(blank=True, max_length=255, verbose_name='gateway reference')),
                ('message', models.CharField(blank=True, max_length=500, verbose_name='message')),
                ('attempt_count', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered at')),
                ('next_attempt_at', models.DateTimeField(blank=True, help_text='When the gateway is asked again about the outcome. Empty means never.', null=True, verbose_name='asked again at')),
                ('review_since', models.DateTimeField(blank=True, help_text='Start of the review by staff.', null=True, verbose_name='in review since')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('review_note', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='review note')),
            ],
            options={
                'verbose_name': 'payment operation',
                'verbose_name_plural': 'payment operations',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['PENDING', 'UNKNOWN'])), fields=['next_attempt_at'], name='payment_operation_unanswered'), models.Index(condition=models.Q(('review_since__isnull', False), ('reviewed_at', None)), fields=['review_since'], name='payment_operation_in_review'), models.Index(condition=models.Q(('state', 'DUE')), fields=['created_at', 'id'], name='payment_operation_due'), models.Index(condition=models.Q(('gateway_reference', ''), _negated=True), fields=['gateway_reference'], name='payment_operation_by_reference')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='payment_operation_amount_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='orders.order', verbose_name='order')),
                ('number', models.PositiveIntegerField(verbose_name='line')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='inventory.product', verbose_name='product')),
                ('sku', models.CharField(max_length=64, verbose_name='SKU')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('is_virtual', models.BooleanField(default=False, verbose_name='virtual')),
                ('is_reserving', models.BooleanField(default=True, help_text='Whether stock was managed at placement.', verbose_name='reserves stock')),
                ('has_backorder_notice', models.BooleanField(db_default=False, default=False, help_text='Whether customers were notified of backorders at placement.', verbose_name='backorder notice')),
                ('quantity', core.models.columns.QuantityColumn(verbose_name='quantity')),
                ('backordered_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='backordered quantity')),
                ('canceled_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='canceled quantity')),
                ('invoiced_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='invoiced quantity')),
                ('shipped_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='shipped quantity')),
                ('refunded_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='refunded quantity')),
                ('refunded_unshipped_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='refunded before shipping')),
                ('returned_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='returned to stock after shipping')),
                ('open_quantity', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('quantity'), '-', models.F('canceled_quantity')), '-', models.F('refunded_unshipped_quantity')), '-', models.Case(models.When(is_virtual=True, then=models.F('invoiced_quantity')), default=models.F('shipped_quantity'))), output_field=core.models.columns.QuantityColumn(), verbose_name='open quantity')),
                ('change', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='added_lines', to='orders.orderchange', verbose_name='added by')),
                ('unit_price', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='unit price')),
                ('discount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='discount')),
                ('tax', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='tax')),
                ('total', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='total')),
            ],
            options={
                'verbose_name': 'order line',
                'verbose_name_plural': 'order lines',
                'ordering': ['order', 'number'],
                'indexes': [models.Index(fields=['sku', 'order'], name='order_line_by_sku'), models.Index(django.contrib.postgres.indexes.OpClass(core.folding.FoldedText('sku'), 'text_pattern_ops'), name='order_line_by_beginning'), models.Index(condition=models.Q(('is_reserving', False), ('is_virtual', False)), fields=['id'], name='order_line_unmanaged')],
                'constraints': [models.UniqueConstraint(fields=('order', 'number'), name='order_line_number_once', violation_error_message='The order already has a line with this number.'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='order_line_quantity_positive', violation_error_message='A line orders more than 0.'), models.CheckConstraint(condition=models.Q(('backordered_quantity__gte', 0), ('canceled_quantity__gte', 0), ('invoiced_quantity__gte', 0), ('refunded_unshipped_quantity__gte', 0), ('returned_quantity__gte', 0), ('shipped_quantity__gte', 0)), name='order_line_quantities_not_negative', violation_error_message='No quantity of a line is negative.'), models.CheckConstraint(condition=models.Q(('backordered_quantity__lte', models.F('quantity'))), name='order_line_backordered_within_quantity', violation_error_message='No more is backordered than was ordered.'), models.CheckConstraint(condition=models.Q(('quantity__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('canceled_quantity'), '+', models.F('refunded_unshipped_quantity')), '+', models.Case(models.When(is_virtual=True, then=models.F('invoiced_quantity')), default=models.F('shipped_quantity'))))), name='order_line_open_not_negative', violation_error_message='More is canceled, refunded and shipped than ordered.'), models.CheckConstraint(condition=models.Q(('refunded_quantity__lte', models.F('invoiced_quantity')), ('refunded_unshipped_quantity__lte', models.F('refunded_quantity')), ('invoiced_quantity__lte', django.db.models.expressions.CombinedExpression(models.F('quantity'), '-', models.F('canceled_quantity')))), name='order_line_refunded_within_invoiced', violation_error_message='Only captured units are refunded.')],
            },
        ),
        migrations.CreateModel(
            name='CaptureLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.orderline', verbose_name='order line')),
                ('quantity', core.models.columns.QuantityColumn(verbose_name='quantity')),
                ('amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='amount')),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.paymentoperation', verbose_name='operation')),
            ],
            options={
                'verbose_name': 'captured line',
                'verbose_name_plural': 'captured lines',
                'ordering': ['pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('operation', 'order_line'), name='capture_line_once'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='capture_line_quantity_positive')],
            },
        ),
        migrations.CreateModel(
            name='RefundLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.orderline', verbose_name='order line')),
                ('quantity', core.models.columns.QuantityColumn(verbose_name='quantity')),
                ('amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='amount')),
                ('refund', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.refund')),
                ('shipped_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='shipped quantity')),
            ],
            options={
                'verbose_name': 'refunded line',
                'verbose_name_plural': 'refunded lines',
                'ordering': ['pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('refund', 'order_line'), name='refund_line_once'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('shipped_quantity__gte', 0), ('shipped_quantity__lte', models.F('quantity'))), name='refund_line_shipped_within_quantity')],
            },
        ),
        migrations.CreateModel(
            name='VirtualDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='orders.orderline', verbose_name='order line')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='source')),
                ('quantity', core.models.columns.QuantityColumn(verbose_name='quantity')),
                ('returned_quantity', core.models.columns.QuantityColumn(default=0, verbose_name='returned quantity')),
            ],
            options={
                'verbose_name': 'delivery of a virtual line',
                'verbose_name_plural': 'deliveries of virtual lines',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('returned_quantity__gte', 0), ('returned_quantity__lte', models.F('quantity'))), name='virtual_delivery_returned_within_quantity', violation_error_message='No more is returned than was delivered.')],
            },
        ),
        migrations.CreateModel(
            name='CancellationLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.orderline', verbose_name='order line')),
                ('quantity', core.models.columns.QuantityColumn(verbose_name='quantity')),
                ('amount', core.models.columns.MoneyColumn(default=Decimal('0.00'), verbose_name='amount')),
                ('cancellation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.cancellation')),
            ],
            options={
                'verbose_name': 'canceled line',
                'verbose_name_plural': 'canceled lines',
                'ordering': ['pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('cancellation', 'order_line'), name='cancellation_line_once'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='cancellation_line_quantity_positive')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticetext',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "orders_noticetextevent" ("id", "kind", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "text") SELECT new_values."id", new_values."kind", new_values."language", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."subject", new_values."text" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='67410bfc05a03bde5d0ad06da8e3e2747aaf42ab', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4d476', referencing='REFERENCING NEW TABLE AS new_values ', table='orders_noticetext', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticetext',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "orders_noticetextevent" ("id", "kind", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "text") SELECT new_values."id", new_values."kind", new_values."language", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."subject", new_values."text" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='49c4e0640e09a0786db5238902c57524baf929f2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1c655', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='orders_noticetext', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticetext',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "orders_noticetextevent" ("id", "kind", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "text") SELECT old_values."id", old_values."kind", old_values."language", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."subject", old_values."text" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c71f0d7e9deb5f3c89df3b5f3f75b289d8928137', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_97d21', referencing='REFERENCING OLD TABLE AS old_values ', table='orders_noticetext', when='AFTER')),
        ),
        # The inventory is upstream and knows of no order: its model keeps the bare key, and the
        # database keeps the promise.
        migrations.RunSQL(
            sql="""
                ALTER TABLE inventory_reservation
                ADD CONSTRAINT reservation_names_an_order_line
                FOREIGN KEY (order_line_id) REFERENCES orders_orderline (id)
                DEFERRABLE INITIALLY DEFERRED
            """,
            reverse_sql="""
                ALTER TABLE inventory_reservation
                DROP CONSTRAINT reservation_names_an_order_line
            """,
        ),
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER version BEFORE UPDATE ON orders_order
                FOR EACH ROW EXECUTE FUNCTION core_next_version()
            """,
            reverse_sql="DROP TRIGGER version ON orders_order",
        ),
    ]
