"""Add promises to customers, missed promises, and what is known of supply."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0011_assignees_and_notes'),
        ('inventory', '0010_promise_options'),
        ('orders', '0008_order_notes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='shipment',
            name='has_known_supply',
            field=models.BooleanField(db_default=False, default=False, help_text='Known supply covers the shipment by the expected date.', verbose_name='known supply for the expected date'),
        ),
        migrations.AddField(
            model_name='shipment',
            name='missed_promise_count',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='How many expected dates passed before the shipment was sent.', verbose_name='missed promises'),
        ),
        migrations.AddField(
            model_name='shipmentline',
            name='agreed_on',
            field=models.DateField(blank=True, help_text='The date in the confirmation, or a later one that the customer agreed to.', null=True, verbose_name='agreed date'),
        ),
        migrations.AddField(
            model_name='shipmentline',
            name='promise_told_at',
            field=models.DateTimeField(blank=True, help_text='When the customer was last given a date, or informed that there is none yet.', null=True, verbose_name='customer informed at'),
        ),
        migrations.AddField(
            model_name='shipmentline',
            name='promised_on',
            field=models.DateField(blank=True, help_text='The date that the customer was last given. Empty means no date yet.', null=True, verbose_name='promised on'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(condition=models.Q(('expected_on__isnull', False), ('state__in', ['READY', 'BACKORDER', 'FUTURE', 'CUSTOMER_CARE'])), fields=['expected_on', 'id'], name='shipment_open_by_expected'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(condition=models.Q(('is_expected_on_fixed', True), ('state', 'BACKORDER')), fields=['id'], name='shipment_date_fixed'),
        ),
        migrations.AddConstraint(
            model_name='shipmentline',
            constraint=models.CheckConstraint(condition=models.Q(('promised_on', None), ('promise_told_at__isnull', False), _connector='OR'), name='shipment_line_promise_knows_since_when', violation_error_message='A promised date has the time of its e-mail.'),
        ),
    ]
