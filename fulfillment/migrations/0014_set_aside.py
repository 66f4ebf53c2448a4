"""Note when a shipment was set aside for pickup."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0013_job_of_passed_dates'),
        ('inventory', '0016_days_to_collect'),
        ('orders', '0013_ready_to_collect'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='shipment',
            name='set_aside_at',
            field=models.DateTimeField(blank=True, help_text='When the store had the units ready for the customer to collect.', null=True, verbose_name='set aside at'),
        ),
        migrations.AlterField(
            model_name='shipmentevent',
            name='kind',
            field=models.CharField(choices=[('CREATED', 'Created'), ('RELEASED', 'Released'), ('RELEASED_AHEAD', 'Released ahead of the queue'), ('HELD', 'Held'), ('HOLD_LIFTED', 'Hold lifted'), ('REASSIGNED', 'Reassigned'), ('BACKORDERED', 'Moved to backorder'), ('PROMISED_AGAIN', 'Promised incoming units again'), ('BAR_LIFTED', 'Bar of a source lifted'), ('CUSTOMER_CARE', 'Sent to customer care'), ('PRIORITY_SET', 'Priority set'), ('ASSIGNED', 'Assigned'), ('EXPECTED_DATE_SET', 'Expected date set'), ('SET_ASIDE', 'Set aside for pickup'), ('FULFILLED', 'Fulfilled'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT', 'Payment')], max_length=24, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.CheckConstraint(condition=models.Q(('set_aside_at', None), models.Q(('pickup_source__isnull', False), models.Q(('state__in', ['BACKORDER', 'FUTURE', 'CUSTOMER_CARE']), _negated=True)), _connector='OR'), name='shipment_set_aside_is_for_pickup_and_waits_for_no_units', violation_error_message='Only ready shipments for pickup are set aside.'),
        ),
    ]
