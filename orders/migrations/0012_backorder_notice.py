"""Keep whether customers are informed of the backordered units of a line (§6)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0011_released_is_being_prepared'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderline',
            name='has_backorder_notice',
            field=models.BooleanField(db_default=False, default=False, help_text='Whether customers were notified of backorders at placement.', verbose_name='backorder notice'),
        ),
    ]
