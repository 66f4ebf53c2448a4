"""One code has one product, in whatever form it is written."""

import core.models.unique_expression
import inventory.models.barcode_key
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0005_opening_hours'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='product',
            name='product_barcode_once',
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(fields=['barcode'], name='product_by_barcode'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=core.models.unique_expression.UniqueExpression(expression=inventory.models.barcode_key.BarcodeKey('barcode'), field='barcode', name='product_barcode_once', violation_error_message='Another product has this barcode. Zeros before a code do not count.'),
        ),
    ]
