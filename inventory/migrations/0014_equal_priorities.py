"""Sources of a stock may share a priority; codes compare by code point."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0013_order_files'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='stocksource',
            options={'ordering': ['stock', 'priority', 'source__code'], 'verbose_name': 'assigned source', 'verbose_name_plural': 'assigned sources'},
        ),
        migrations.RemoveConstraint(
            model_name='stocksource',
            name='stock_source_priority_once',
        ),
        migrations.AlterField(
            model_name='saleschannel',
            name='code',
            field=models.CharField(db_collation='C', max_length=64, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code'),
        ),
        migrations.AlterField(
            model_name='source',
            name='code',
            field=models.CharField(db_collation='C', help_text='Names the source in files and over the API; fixed after creation.', max_length=64, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code'),
        ),
        migrations.AlterField(
            model_name='sourceevent',
            name='code',
            field=models.CharField(db_collation='C', help_text='Names the source in files and over the API; fixed after creation.', max_length=64, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code'),
        ),
        migrations.AlterField(
            model_name='stock',
            name='code',
            field=models.CharField(db_collation='C', help_text='Names the stock in files and over the API; fixed after creation.', max_length=64, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code'),
        ),
        migrations.AlterField(
            model_name='stockevent',
            name='code',
            field=models.CharField(db_collation='C', help_text='Names the stock in files and over the API; fixed after creation.', max_length=64, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code'),
        ),
    ]
