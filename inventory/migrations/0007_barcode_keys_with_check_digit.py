"""What has a wrong check digit is no GTIN: zeros before it count."""

import core.models.unique_expression
import inventory.models.barcode_key
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0006_barcodes_in_one_form'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='product',
            name='product_barcode_once',
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=core.models.unique_expression.UniqueExpression(expression=inventory.models.barcode_key.BarcodeKey('barcode'), field='barcode', name='product_barcode_once', violation_error_message='Another product has this barcode. Zeros before a code do not count.'),
        ),
    ]
