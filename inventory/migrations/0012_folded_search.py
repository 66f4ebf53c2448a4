"""Let searches find products and references without accents and apostrophes."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models

from core.folding import FoldedText


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0011_product_by_name'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='futuresupply', name='future_supply_by_reference'),
        migrations.AddIndex(
            model_name='futuresupply',
            index=GinIndex(
                OpClass(FoldedText('reference'), 'gin_trgm_ops'), name='future_supply_by_reference'
            ),
        ),
        migrations.RemoveIndex(model_name='product', name='product_search'),
        migrations.AddIndex(
            model_name='product',
            index=GinIndex(
                OpClass(FoldedText('sku'), 'gin_trgm_ops'),
                OpClass(FoldedText('name'), 'gin_trgm_ops'),
                OpClass(FoldedText('barcode'), 'gin_trgm_ops'),
                name='product_search',
            ),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(
                OpClass(FoldedText('sku'), 'text_pattern_ops'), name='product_by_beginning'
            ),
        ),
    ]
