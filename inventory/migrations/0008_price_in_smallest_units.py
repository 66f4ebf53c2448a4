"""Keep prices with the decimals of every currency."""

from decimal import Decimal

import django.core.validators
from django.db import migrations

import core.models.columns


class Migration(migrations.Migration):
    dependencies = [("inventory", "0007_trigrams")]

    operations = [
        migrations.AlterField(
            model_name=model,
            name="price",
            field=core.models.columns.MoneyColumn(
                default=Decimal("0.00"),
                validators=[django.core.validators.MinValueValidator(Decimal(0))],
                verbose_name="price",
            ),
        )
        for model in ("product", "productevent")
    ]
