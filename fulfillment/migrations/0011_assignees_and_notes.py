"""Add notes on shipments, and who looks after them."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0010_smallest_units'),
        ('inventory', '0009_due_supply'),
        ('orders', '0008_order_notes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ShipmentNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000, verbose_name='note')),
                ('created_at', models.DateTimeField(verbose_name='time')),
                ('token', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='fulfillment.shipment')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='shipment',
            name='assignee',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assigned to'),
        ),
        migrations.AlterField(
            model_name='shipmentevent',
            name='kind',
            field=models.CharField(choices=[('CREATED', 'Created'), ('RELEASED', 'Released'), ('RELEASED_AHEAD', 'Released ahead of the queue'), ('HELD', 'Held'), ('HOLD_LIFTED', 'Hold lifted'), ('REASSIGNED', 'Reassigned'), ('BACKORDERED', 'Moved to backorder'), ('PROMISED_AGAIN', 'Promised incoming units again'), ('BAR_LIFTED', 'Bar of a source lifted'), ('CUSTOMER_CARE', 'Sent to customer care'), ('PRIORITY_SET', 'Priority set'), ('ASSIGNED', 'Assigned'), ('EXPECTED_DATE_SET', 'Expected date set'), ('FULFILLED', 'Fulfilled'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT', 'Payment')], max_length=24, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(condition=models.Q(('assignee__isnull', False)), fields=['assignee', 'id'], name='shipment_assigned'),
        ),
        migrations.AddConstraint(
            model_name='shipmentnote',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='shipmentnote_says_something', violation_error_message='A note has a text.'),
        ),
    ]
