"""Orders may ship complete."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0003_returns'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='ship_complete',
            field=models.BooleanField(db_default=False, default=False, help_text='Nothing of the order leaves before all of it can.', verbose_name='ship complete'),
        ),
    ]
