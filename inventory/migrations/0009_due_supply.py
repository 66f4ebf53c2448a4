"""Add the indexes of supply that is due and of digests that were not sent."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0008_price_in_smallest_units'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='futuresupply',
            index=models.Index(condition=models.Q(('state', 'OPEN')), fields=['expected_on', 'id'], name='future_supply_due'),
        ),
        migrations.AddIndex(
            model_name='lowstockdigest',
            index=models.Index(condition=models.Q(('state__in', ['FAILED', 'UNKNOWN'])), fields=['id'], name='lowstockdigest_troubled'),
        ),
    ]
