"""Add the index of e-mails that were not sent."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0006_orders_of_a_customer'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='orderemail',
            index=models.Index(condition=models.Q(('state__in', ['FAILED', 'UNKNOWN'])), fields=['id'], name='orderemail_troubled'),
        ),
    ]
