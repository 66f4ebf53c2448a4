"""Name the kinds of customer e-mails after what they say."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0009_folded_search'),
    ]

    operations = [
        migrations.AlterField(
            model_name='orderemail',
            name='kind',
            field=models.CharField(
                choices=[
                    ('CONFIRMATION', 'Order confirmation'),
                    ('EXPECTED_DATE_CHANGED', 'Expected date changed'),
                    ('BEING_PREPARED', 'Being prepared'),
                    ('DISPATCHED', 'Dispatched'),
                    ('CANCELED', 'Canceled'),
                    ('REFUNDED', 'Refunded'),
                    ('PAYMENT_NEEDED', 'Payment needed'),
                ],
                max_length=32,
                verbose_name='kind',
            ),
        ),
    ]
