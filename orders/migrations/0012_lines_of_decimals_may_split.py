"""Lines with decimals are sourced as any other line; nothing is kept of how they leave."""
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0011_order_line_in_words'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='orderline',
            name='is_whole',
        ),
    ]
