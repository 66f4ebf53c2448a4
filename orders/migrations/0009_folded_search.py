"""Let searches find customers and SKUs of orders without accents and apostrophes."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import migrations, models
from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Concat

from core.folding import FoldedText, ApostropheSpaces

NAMES = Func(
    Concat(F('customer_name'), Value(' '), F('customer_email'), output_field=CharField()),
    Value('@.-_+'),
    Value('     '),
    function='translate',
    output_field=CharField(),
)


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0008_order_notes'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='order', name='order_by_customer'),
        migrations.AddIndex(
            model_name='order',
            index=GinIndex(
                SearchVector(
                    FoldedText(Concat(NAMES, Value(' '), ApostropheSpaces(NAMES), output_field=CharField())),
                    config='simple',
                ),
                name='order_by_customer',
            ),
        ),
        migrations.RemoveIndex(model_name='orderline', name='order_line_by_beginning'),
        migrations.AddIndex(
            model_name='orderline',
            index=models.Index(
                OpClass(FoldedText('sku'), 'text_pattern_ops'), name='order_line_by_beginning'
            ),
        ),
    ]
