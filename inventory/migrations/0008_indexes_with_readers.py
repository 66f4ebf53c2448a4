"""Indexes that another index covers, or that nobody reads, are gone."""

import django.db.models.deletion
from django.db import migrations, models

from core.index_migrations import DropColumnIndex


class Migration(migrations.Migration):
    # Indexes come and go beside processes that read and write.
    atomic = False

    dependencies = [
        ('inventory', '0007_barcode_keys_with_check_digit'),
    ]

    operations = [
        DropColumnIndex(
            model_name='reservation',
            name='product',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='inventory.product', verbose_name='product'),
        ),
        DropColumnIndex(
            model_name='sourceitem',
            name='product',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='source_items', to='inventory.product', verbose_name='product'),
        ),
        DropColumnIndex(
            model_name='stockbalance',
            name='product',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='inventory.product', verbose_name='product'),
        ),
        DropColumnIndex(
            model_name='stocksource',
            name='stock',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='links', to='inventory.stock', verbose_name='stock'),
        ),
    ]
