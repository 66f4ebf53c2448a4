"""Ready shipments are packed, and picks know when they were last counted."""

from django.conf import settings
from django.db import migrations, models

# A shipment that is held, or is ready no longer, is packed no longer, whatever moves it.
UNPACK = """
CREATE FUNCTION fulfillment_unpack() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.packed_at := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER unpack BEFORE UPDATE ON fulfillment_shipment
FOR EACH ROW
WHEN (
    NEW.packed_at IS NOT NULL
    AND (NEW.is_held OR NEW.state NOT IN ('READY', 'FULFILLED'))
)
EXECUTE FUNCTION fulfillment_unpack()
"""
STAY_PACKED = """
DROP TRIGGER unpack ON fulfillment_shipment;
DROP FUNCTION fulfillment_unpack()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0007_waiting_for_the_rest'),
        ('inventory', '0004_transfers_on_their_way'),
        ('orders', '0004_order_ship_complete'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='pickline',
            name='counted_at',
            field=models.DateTimeField(blank=True, help_text='When its picked units were last counted.', null=True, verbose_name='counted at'),
        ),
        migrations.AddField(
            model_name='shipment',
            name='packed_at',
            field=models.DateTimeField(blank=True, help_text='When all its units were in the box. It is lost when they must come out again.', null=True, verbose_name='packed at'),
        ),
        migrations.AlterField(
            model_name='shipmentevent',
            name='kind',
            field=models.CharField(choices=[('CREATED', 'Created'), ('RELEASED', 'Released'), ('RELEASED_AHEAD', 'Released ahead of the queue'), ('RELEASED_IN_PART', 'Released in part'), ('HELD', 'Held'), ('HOLD_LIFTED', 'Hold lifted'), ('REASSIGNED', 'Reassigned'), ('BACKORDERED', 'Moved to backorder'), ('PROMISED_AGAIN', 'Promised incoming units again'), ('BAR_LIFTED', 'Bar of a source lifted'), ('CUSTOMER_CARE', 'Sent to customer care'), ('PRIORITY_SET', 'Priority set'), ('ASSIGNED', 'Assigned'), ('EXPECTED_DATE_SET', 'Expected date set'), ('PACKED', 'Packed'), ('UNPACKED', 'Unpacked'), ('SET_ASIDE', 'Set aside for pickup'), ('SLIP_PRINTED', 'Packing slip printed'), ('DELAY_ASKED', 'Customer asked about a delay'), ('DELAY_DECIDED', 'Delay request decided'), ('RULE', 'Rule applied'), ('FULFILLED', 'Fulfilled'), ('FULFILLMENT_UNDONE', 'Shipping undone'), ('PARCEL_ADDED', 'Parcel added'), ('PARCEL_CHANGED', 'Parcel corrected'), ('PARCEL_REMOVED', 'Parcel removed'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT', 'Payment')], max_length=24, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.CheckConstraint(condition=models.Q(('packed_at', None), models.Q(('is_held', False), ('state', 'READY')), ('state', 'FULFILLED'), _connector='OR'), name='shipment_packed_is_ready_or_has_left', violation_error_message='Only shipments that are ready and not on hold are packed.'),
        ),
        migrations.RunSQL(sql=UNPACK, reverse_sql=STAY_PACKED),
    ]
