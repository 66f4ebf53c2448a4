"""Know when the packing slip of a shipment was printed; printing makes no page of it stale."""

from django.db import migrations, models

WITHOUT_PRINTING = """
DROP TRIGGER version ON fulfillment_shipment;
CREATE TRIGGER version BEFORE UPDATE ON fulfillment_shipment
FOR EACH ROW
WHEN (NEW.slip_printed_at IS NULL OR NEW.slip_printed_at IS NOT DISTINCT FROM OLD.slip_printed_at)
EXECUTE FUNCTION core_next_version()
"""
EVERY_WRITE = """
DROP TRIGGER version ON fulfillment_shipment;
CREATE TRIGGER version BEFORE UPDATE ON fulfillment_shipment
FOR EACH ROW EXECUTE FUNCTION core_next_version()
"""


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0029_demand_digest_jobs")]

    operations = [
        migrations.AddField(
            model_name="shipment",
            name="slip_printed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the packing slip of its units was last printed.",
                null=True,
                verbose_name="packing slip printed at",
            ),
        ),
        migrations.AlterField(
            model_name="shipmentevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("CREATED", "Created"),
                    ("RELEASED", "Released"),
                    ("RELEASED_AHEAD", "Released ahead of the queue"),
                    ("HELD", "Held"),
                    ("HOLD_LIFTED", "Hold lifted"),
                    ("REASSIGNED", "Reassigned"),
                    ("BACKORDERED", "Moved to backorder"),
                    ("PROMISED_AGAIN", "Promised incoming units again"),
                    ("BAR_LIFTED", "Bar of a source lifted"),
                    ("CUSTOMER_CARE", "Sent to customer care"),
                    ("PRIORITY_SET", "Priority set"),
                    ("ASSIGNED", "Assigned"),
                    ("EXPECTED_DATE_SET", "Expected date set"),
                    ("SET_ASIDE", "Set aside for pickup"),
                    ("SLIP_PRINTED", "Packing slip printed"),
                    ("DELAY_ASKED", "Customer asked about a delay"),
                    ("DELAY_DECIDED", "Delay request decided"),
                    ("RULE", "Rule applied"),
                    ("FULFILLED", "Fulfilled"),
                    ("FULFILLMENT_UNDONE", "Shipping undone"),
                    ("CANCELED", "Canceled"),
                    ("REFUNDED", "Refunded"),
                    ("PAYMENT", "Payment"),
                ],
                max_length=24,
                verbose_name="kind",
            ),
        ),
        migrations.RunSQL(sql=WITHOUT_PRINTING, reverse_sql=EVERY_WRITE),
    ]
