"""Index products by name, in the order of each alphabet."""

import core.name_order
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0010_promise_options'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='product',
            index=models.Index(core.name_order.NameKey('name', 'en'), name='product_by_name_en'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(core.name_order.NameKey('name', 'sv'), name='product_by_name_sv'),
        ),
    ]
