"""Know that a printed packing slip no longer says what is so."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0038_collect_by")]

    operations = [
        migrations.AddField(
            model_name="shipment",
            name="is_slip_out_of_date",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text=(
                    "The order has changed since the packing slip was printed. Print it again first."
                ),
                verbose_name="packing slip out of date",
            ),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.CheckConstraint(
                condition=Q(is_slip_out_of_date=False) | Q(slip_printed_at__isnull=False),
                name="shipment_slip_out_of_date_was_printed",
                violation_error_message="Only a printed packing slip is out of date.",
            ),
        ),
    ]
