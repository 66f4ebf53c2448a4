"""What is on a pick list has a slip that is out of date, too, before one is printed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0010_cancel_and_refund_roles'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='shipment',
            name='shipment_slip_out_of_date_was_printed',
        ),
        migrations.AlterField(
            model_name='shipment',
            name='is_slip_out_of_date',
            field=models.BooleanField(db_default=False, default=False, help_text='What the packing slip says has changed since it was printed, or since the shipment was put on a pick list.', verbose_name='packing slip out of date'),
        ),
    ]
