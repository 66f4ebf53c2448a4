import core.models.columns
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('inventory', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=32, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_.-]+\\Z', 'Use letters, digits, hyphen, dot, underscore.')], verbose_name='number')),
                ('status', models.CharField(choices=[('PENDING_PAYMENT', 'Pending payment'), ('PAYMENT_REVIEW', 'Payment review'), ('PROCESSING', 'Processing'), ('PARTIALLY_SHIPPED', 'Partially shipped'), ('COMPLETE', 'Complete'), ('CANCELED', 'Canceled'), ('CLOSED', 'Closed')], default='PENDING_PAYMENT', editable=False, max_length=24, verbose_name='status')),
                ('placed_at', models.DateTimeField(verbose_name='placed at')),
                ('priority', models.IntegerField(default=0, help_text='Higher goes first in the release queue.', verbose_name='priority')),
                ('customer_name', models.CharField(max_length=200, verbose_name='customer name')),
                ('customer_email', models.EmailField(max_length=254, verbose_name='customer e-mail')),
                ('customer_language', models.CharField(default='en', max_length=16, verbose_name='customer language')),
                ('fulfillment_method', models.CharField(choices=[('SHIP_TO_HOME', 'Ship to home'), ('PICKUP', 'Pickup')], default='SHIP_TO_HOME', max_length=16, verbose_name='fulfillment method')),
                ('recipient', models.CharField(blank=True, max_length=200, verbose_name='recipient')),
                ('street', models.CharField(blank=True, max_length=200, verbose_name='street')),
                ('city', models.CharField(blank=True, max_length=100, verbose_name='city')),
                ('region', models.CharField(blank=True, max_length=100, verbose_name='region')),
                ('postcode', models.CharField(blank=True, max_length=32, verbose_name='postcode')),
                ('country', models.CharField(blank=True, max_length=100, verbose_name='country')),
                ('latitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, verbose_name='latitude')),
                ('longitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, verbose_name='longitude')),
                ('currency', models.CharField(default='USD', max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}\\Z', 'Use the three-letter ISO code.')], verbose_name='currency')),
                ('total', core.models.columns.MoneyField(default=Decimal('0.00'), editable=False, verbose_name='total')),
                ('backordered_quantity', core.models.columns.QuantityField(db_default=0, default=0, editable=False, help_text='The sum over its lines, fixed at placement as theirs are.', verbose_name='backordered quantity')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=255, null=True, unique=True, verbose_name='idempotency key')),
                ('request_fingerprint', models.CharField(blank=True, editable=False, max_length=64)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='inventory.saleschannel', verbose_name='sales channel')),
                ('pickup_source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pickup_orders', to='inventory.source', verbose_name='pickup source')),
                ('stock', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='inventory.stock', verbose_name='stock')),
            ],
            options={
                'verbose_name': 'order',
                'verbose_name_plural': 'orders',
                'ordering': ['-placed_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Cancellation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('created_at', models.DateTimeField(verbose_name='time')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=255, null=True, unique=True, verbose_name='idempotency key')),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cancellations', to='orders.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'cancellation',
                'verbose_name_plural': 'cancellations',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='OrderEmail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.EmailField(max_length=254, verbose_name='recipient')),
                ('subject', models.CharField(blank=True, max_length=300, verbose_name='subject')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('state', models.CharField(choices=[('QUEUED', 'Queued'), ('SENDING', 'Being sent'), ('SENT', 'Sent'), ('FAILED', 'Failed'), ('UNKNOWN', 'Outcome unknown')], default='QUEUED', max_length=16, verbose_name='state')),
                ('attempt_count', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('last_error', models.CharField(blank=True, max_length=500, verbose_name='last error')),
                ('next_attempt_at', models.DateTimeField(verbose_name='next attempt at')),
                ('claimed_at', models.DateTimeField(blank=True, null=True, verbose_name='last attempt at')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('kind', models.CharField(choices=[('CONFIRMATION', 'Order confirmation'), ('EXPECTED_DATE_CHANGED', 'Expected date changed'), ('RELEASED', 'Released'), ('CANCELED', 'Canceled')], max_length=32, verbose_name='kind')),
                ('event_key', models.CharField(help_text='Names the event, so that it is told once.', max_length=100, verbose_name='event')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
                ('context', models.JSONField(default=dict, help_text='What the text is made from when it is sent.', verbose_name='facts')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='emails', to='orders.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'customer e-mail',
                'verbose_name_plural': 'customer e-mails',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='line')),
                ('sku', models.CharField(max_length=64, verbose_name='SKU')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('is_virtual', models.BooleanField(default=False, verbose_name='virtual')),
                ('is_reserving', models.BooleanField(default=True, help_text='Whether stock was managed at placement.', verbose_name='reserves stock')),
                ('quantity', core.models.columns.QuantityField(verbose_name='quantity')),
                ('backordered_quantity', core.models.columns.QuantityField(default=0, verbose_name='backordered quantity')),
                ('canceled_quantity', core.models.columns.QuantityField(default=0, verbose_name='canceled quantity')),
                ('invoiced_quantity', core.models.columns.QuantityField(default=0, verbose_name='invoiced quantity')),
                ('shipped_quantity', core.models.columns.QuantityField(default=0, verbose_name='shipped quantity')),
                ('refunded_quantity', core.models.columns.QuantityField(default=0, verbose_name='refunded quantity')),
                ('refunded_unshipped_quantity', core.models.columns.QuantityField(default=0, verbose_name='refunded before shipping')),
                ('returned_quantity', core.models.columns.QuantityField(default=0, verbose_name='returned to stock after shipping')),
                ('open_quantity', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('quantity'), '-', models.F('canceled_quantity')), '-', models.F('refunded_unshipped_quantity')), '-', models.Case(models.When(is_virtual=True, then=models.F('invoiced_quantity')), default=models.F('shipped_quantity'))), output_field=core.models.columns.QuantityField(), verbose_name='open quantity')),
                ('unit_price', core.models.columns.MoneyField(default=Decimal('0.00'), verbose_name='unit price')),
                ('discount', core.models.columns.MoneyField(default=Decimal('0.00'), verbose_name='discount')),
                ('tax', core.models.columns.MoneyField(default=Decimal('0.00'), verbose_name='tax')),
                ('total', core.models.columns.MoneyField(default=Decimal('0.00'), verbose_name='total')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='orders.order', verbose_name='order')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='inventory.product', verbose_name='product')),
            ],
            options={
                'verbose_name': 'order line',
                'verbose_name_plural': 'order lines',
                'ordering': ['order', 'number'],
            },
        ),
        migrations.CreateModel(
            name='CancellationLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', core.models.columns.QuantityField(verbose_name='quantity')),
                ('amount', core.models.columns.MoneyField(default=Decimal('0.00'), verbose_name='amount')),
                ('cancellation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.cancellation')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cancellation_lines', to='orders.orderline', verbose_name='order line')),
            ],
            options={
                'verbose_name': 'canceled line',
                'verbose_name_plural': 'canceled lines',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gateway', models.CharField(max_length=32, verbose_name='gateway')),
                ('token', models.CharField(blank=True, max_length=255, verbose_name='token')),
                ('action', models.CharField(choices=[('AUTHORIZE_AND_CAPTURE', 'AUTHORIZE_AND_CAPTURE'), ('AUTHORIZE', 'AUTHORIZE')], max_length=32, verbose_name='payment action')),
                ('state', models.CharField(choices=[('PENDING', 'Pending'), ('AUTHORIZED', 'Authorized'), ('CAPTURED', 'Captured'), ('REFUNDED', 'Refunded'), ('DECLINED', 'Declined'), ('UNKNOWN', 'Outcome unknown'), ('VOIDED', 'Voided'), ('EXPIRED', 'Expired')], default='PENDING', max_length=16, verbose_name='state')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount', core.models.columns.MoneyField(verbose_name='amount')),
                ('captured_amount', core.models.columns.MoneyField(default=Decimal('0.00'), verbose_name='captured')),
                ('refunded_amount', core.models.columns.MoneyField(default=Decimal('0.00'), verbose_name='refunded')),
                ('gateway_reference', models.CharField(blank=True, max_length=255, verbose_name='gateway reference')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='orders.order', verbose_name='order')),
                ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replacements', to='orders.payment', verbose_name='replaces')),
            ],
            options={
                'verbose_name': 'payment',
                'verbose_name_plural': 'payments',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='PaymentOperation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('AUTHORIZE', 'Authorize'), ('CAPTURE', 'Capture'), ('VOID', 'Void'), ('REFUND', 'Refund')], max_length=16, verbose_name='kind')),
                ('state', models.CharField(choices=[('PENDING', 'Pending'), ('SUCCEEDED', 'Succeeded'), ('DECLINED', 'Declined'), ('UNKNOWN', 'Outcome unknown')], default='PENDING', max_length=16, verbose_name='state')),
                ('amount', core.models.columns.MoneyField(verbose_name='amount')),
                ('idempotency_key', models.CharField(max_length=255, unique=True, verbose_name='idempotency key')),
                ('gateway_reference', models.CharField(blank=True, max_length=255, verbose_name='gateway reference')),
                ('message', models.CharField(blank=True, max_length=500, verbose_name='message')),
                ('attempt_count', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered at')),
                ('next_attempt_at', models.DateTimeField(blank=True, help_text='When the gateway is asked again what became of it; empty: no more.', null=True, verbose_name='asked again at')),
                ('review_since', models.DateTimeField(blank=True, help_text='Since when a person must decide.', null=True, verbose_name='in review since')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                ('review_note', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='review note')),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='operations', to='orders.payment', verbose_name='payment')),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
            ],
            options={
                'verbose_name': 'payment operation',
                'verbose_name_plural': 'payment operations',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='CaptureLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', core.models.columns.QuantityField(verbose_name='quantity')),
                ('amount', core.models.columns.MoneyField(default=Decimal('0.00'), verbose_name='amount')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='capture_lines', to='orders.orderline', verbose_name='order line')),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.paymentoperation', verbose_name='operation')),
            ],
            options={
                'verbose_name': 'captured line',
                'verbose_name_plural': 'captured lines',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_returned_to_stock', models.BooleanField(default=False, verbose_name='returned to stock')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('amount', core.models.columns.MoneyField(default=Decimal('0.00'), verbose_name='amount')),
                ('created_at', models.DateTimeField(verbose_name='time')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=255, null=True, unique=True, verbose_name='idempotency key')),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='orders.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'refund',
                'verbose_name_plural': 'refunds',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='RefundLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', core.models.columns.QuantityField(verbose_name='quantity')),
                ('shipped_quantity', core.models.columns.QuantityField(default=0, verbose_name='shipped quantity')),
                ('amount', core.models.columns.MoneyField(default=Decimal('0.00'), verbose_name='amount')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refund_lines', to='orders.orderline', verbose_name='order line')),
                ('refund', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.refund')),
            ],
            options={
                'verbose_name': 'refunded line',
                'verbose_name_plural': 'refunded lines',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='VirtualDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', core.models.columns.QuantityField(verbose_name='quantity')),
                ('returned_quantity', core.models.columns.QuantityField(default=0, verbose_name='returned quantity')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='orders.orderline', verbose_name='order line')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='source')),
            ],
            options={
                'verbose_name': 'delivery of a virtual line',
                'verbose_name_plural': 'deliveries of virtual lines',
                'ordering': ['pk'],
            },
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['status', '-placed_at', '-id'], name='order_by_status'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['-placed_at', '-id'], name='order_newest_first'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['customer_email'], name='order_by_email'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector(models.Func(django.db.models.functions.text.Concat(models.F('customer_name'), models.Value(' '), models.F('customer_email'), output_field=models.CharField()), models.Value('@.-_+'), models.Value('     '), function='translate', output_field=models.CharField()), config='simple'), name='order_by_customer'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('number'), 'text_pattern_ops'), name='order_by_beginning'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('customer_email'), 'text_pattern_ops'), name='order_by_email_beginning'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['total', 'id'], name='order_by_total'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['backordered_quantity', 'id'], name='order_by_backordered'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['id'], include=('customer_name', 'number'), name='order_sorts_shipments'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fulfillment_method', 'PICKUP'), ('pickup_source__isnull', False)), models.Q(('fulfillment_method', 'SHIP_TO_HOME'), ('pickup_source', None)), _connector='OR'), name='order_pickup_has_a_source', violation_error_message='A pickup order names its source; no other does.'),
        ),
        migrations.AddIndex(
            model_name='orderemail',
            index=models.Index(condition=models.Q(('state', 'QUEUED')), fields=['next_attempt_at', 'id'], name='orderemail_due'),
        ),
        migrations.AddIndex(
            model_name='orderemail',
            index=models.Index(condition=models.Q(('state', 'SENDING')), fields=['claimed_at'], name='orderemail_sending'),
        ),
        migrations.AddConstraint(
            model_name='orderemail',
            constraint=models.UniqueConstraint(fields=('order', 'kind', 'event_key'), name='order_email_once_per_event', violation_error_message='The customer has been told of this event.'),
        ),
        migrations.AddIndex(
            model_name='orderline',
            index=models.Index(fields=['sku', 'order'], name='order_line_by_sku'),
        ),
        migrations.AddIndex(
            model_name='orderline',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('sku'), 'text_pattern_ops'), name='order_line_by_beginning'),
        ),
        migrations.AddIndex(
            model_name='orderline',
            index=models.Index(condition=models.Q(('is_reserving', False), ('is_virtual', False)), fields=['id'], name='order_line_unmanaged'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.UniqueConstraint(fields=('order', 'number'), name='order_line_number_once', violation_error_message='The order already has a line with this number.'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='order_line_quantity_positive', violation_error_message='A line orders more than 0.'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('backordered_quantity__gte', 0), ('canceled_quantity__gte', 0), ('invoiced_quantity__gte', 0), ('refunded_unshipped_quantity__gte', 0), ('returned_quantity__gte', 0), ('shipped_quantity__gte', 0)), name='order_line_quantities_not_negative', violation_error_message='No quantity of a line is negative.'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('backordered_quantity__lte', models.F('quantity'))), name='order_line_backordered_within_quantity', violation_error_message='No more is backordered than was ordered.'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('canceled_quantity'), '+', models.F('refunded_unshipped_quantity')), '+', models.Case(models.When(is_virtual=True, then=models.F('invoiced_quantity')), default=models.F('shipped_quantity'))))), name='order_line_open_not_negative', violation_error_message='More is canceled, refunded and shipped than ordered.'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('refunded_quantity__lte', models.F('invoiced_quantity')), ('refunded_unshipped_quantity__lte', models.F('refunded_quantity')), ('invoiced_quantity__lte', django.db.models.expressions.CombinedExpression(models.F('quantity'), '-', models.F('canceled_quantity')))), name='order_line_refunded_within_invoiced', violation_error_message='Only captured units are refunded.'),
        ),
        migrations.AddConstraint(
            model_name='cancellationline',
            constraint=models.UniqueConstraint(fields=('cancellation', 'order_line'), name='cancellation_line_once'),
        ),
        migrations.AddConstraint(
            model_name='cancellationline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='cancellation_line_quantity_positive'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('state', 'AUTHORIZED')), fields=['expires_at'], name='payment_expiring'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('gateway_reference', ''), _negated=True), fields=['gateway_reference'], name='payment_by_reference'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('refunded_amount__gte', 0), ('captured_amount__lte', models.F('amount')), ('refunded_amount__lte', models.F('captured_amount'))), name='payment_amounts_add_up', violation_error_message='No more is captured than authorized, nor refunded than captured.'),
        ),
        migrations.AddIndex(
            model_name='paymentoperation',
            index=models.Index(condition=models.Q(('state__in', ['PENDING', 'UNKNOWN'])), fields=['next_attempt_at'], name='payment_operation_unanswered'),
        ),
        migrations.AddIndex(
            model_name='paymentoperation',
            index=models.Index(condition=models.Q(('review_since__isnull', False), ('reviewed_at', None)), fields=['review_since'], name='payment_operation_in_review'),
        ),
        migrations.AddIndex(
            model_name='paymentoperation',
            index=models.Index(condition=models.Q(('gateway_reference', ''), _negated=True), fields=['gateway_reference'], name='payment_operation_by_reference'),
        ),
        migrations.AddConstraint(
            model_name='paymentoperation',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='payment_operation_amount_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='captureline',
            constraint=models.UniqueConstraint(fields=('operation', 'order_line'), name='capture_line_once'),
        ),
        migrations.AddConstraint(
            model_name='captureline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='capture_line_quantity_positive'),
        ),
        migrations.AddConstraint(
            model_name='refundline',
            constraint=models.UniqueConstraint(fields=('refund', 'order_line'), name='refund_line_once'),
        ),
        migrations.AddConstraint(
            model_name='refundline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('shipped_quantity__gte', 0), ('shipped_quantity__lte', models.F('quantity'))), name='refund_line_shipped_within_quantity'),
        ),
        migrations.AddConstraint(
            model_name='virtualdelivery',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('returned_quantity__gte', 0), ('returned_quantity__lte', models.F('quantity'))), name='virtual_delivery_returned_within_quantity', violation_error_message='No more is returned than was delivered.'),
        ),
    ]
